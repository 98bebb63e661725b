import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { startCluster } from '../sandbox/cluster/start.ts'
import { memoryJournal } from '../sandbox/journal.ts'
import { rightsManifest } from '../src/rack/cluster/rights-manifest.ts'

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** Runs the program to its end, with nothing in its environment but this. */
const run = (args: readonly string[], environment: Readonly<Record<string, string>>): Promise<{ code: number | null; out: string; err: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('../src/main.ts', import.meta.url)), ...args], { env: { PATH: process.env['PATH'], ...environment } })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => void (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => void (err += chunk.toString()))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out, err }))
    closing.push(() => void child.kill('SIGKILL'))
  })

it('prints the rights it needs without any setting', async () => {
  expect(await run(['rights'], {})).toEqual({ code: 0, out: rightsManifest(), err: '' })
}, 60_000)

it('ends with 78 where it may not watch, naming every right that is missing and the role it belongs to', async () => {
  const cluster = await startCluster({ journal: memoryJournal(), denied: ({ resource }) => resource === 'pods' || resource === 'nodes' })
  const folder = mkdtempSync(join(tmpdir(), 'slipway-main-'))
  closing.push(() => rmSync(folder, { recursive: true }), () => cluster.close())
  writeFileSync(join(folder, 'kubeconfig'), cluster.kubeconfig)
  const { code, err } = await run([], { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', SLACK_API_URL: 'http://127.0.0.1:1/', DATA_DIR: join(folder, 'data'), KUBECONFIG: join(folder, 'kubeconfig'), PORT: '0' })
  expect(code).toBe(78)
  expect(err).toBe([
    'Slipway cannot watch this cluster with its rights:',
    '  may not list and watch pods in any namespace: rollouts cannot be watched; add it to ClusterRole slipway',
    '  may not list and watch nodes: processes on a cordoned or lost node are not excused; add it to ClusterRole slipway',
    '`npm run rights` prints what it needs; in the image `node dist/src/main.js rights` does.', '',
  ].join('\n'))
}, 90_000)
