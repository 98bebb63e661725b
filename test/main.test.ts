import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { startCluster, type ClusterOptions, type SimulatedCluster } from '../sandbox/cluster/start.ts'
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
}, 180_000)

it('prints the right to read the pull secret that is set', async () => {
  const { code, out } = await run(['rights'], { PULL_SECRET: 'build/registry' })
  expect(code).toBe(0)
  const documents = parseAllDocuments(out).map((document): unknown => document.toJS())
  expect(documents).toContainEqual(expect.objectContaining({
    kind: 'Role', metadata: { name: 'slipway-pull', namespace: 'build' }, rules: [{ apiGroups: [''], resources: ['secrets'], resourceNames: ['registry'], verbs: ['get'] }],
  }))
  expect(documents).toContainEqual(expect.objectContaining({
    kind: 'RoleBinding', metadata: { name: 'slipway-pull', namespace: 'build' }, subjects: [{ kind: 'ServiceAccount', name: 'slipway', namespace: 'slipway' }],
  }))
}, 180_000)

const start = (folder: string, environment: Readonly<Record<string, string>>): ReturnType<typeof run> =>
  run([], { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', SLACK_API_URL: 'http://127.0.0.1:1/', DATA_DIR: join(folder, 'data'), PORT: '0', ...environment })
const onePlace = async (options: Omit<ClusterOptions, 'journal'>): Promise<{ folder: string; cluster: SimulatedCluster }> => {
  const cluster = await startCluster({ journal: memoryJournal(), ...options })
  const folder = mkdtempSync(join(tmpdir(), 'slipway-main-'))
  closing.push(() => rmSync(folder, { recursive: true }), () => cluster.close())
  writeFileSync(join(folder, 'kubeconfig'), cluster.kubeconfig)
  return { folder, cluster }
}

it('ends with 78 where it may not watch, naming every right that is missing and the role it belongs to', async () => {
  const { folder } = await onePlace({ denied: ({ resource }) => resource === 'pods' || resource === 'nodes' })
  const { code, err } = await start(folder, { KUBECONFIG: join(folder, 'kubeconfig') })
  expect(code).toBe(78)
  expect(err).toBe([
    `Rack convox (${join(folder, 'kubeconfig')}): Slipway cannot watch this cluster with its rights:`,
    '  may not list and watch pods in any namespace: rollouts cannot be watched; add it to ClusterRole slipway',
    '  may not list and watch nodes: processes on a cordoned or lost node are not excused; add it to ClusterRole slipway',
    '`npm run rights` prints what it needs; in the image `node dist/src/main.js rights` does.', '',
  ].join('\n'))
}, 180_000)

it('ends with 78 where the cluster of its only rack does not know it', async () => {
  const { folder, cluster } = await onePlace({})
  writeFileSync(join(folder, 'kubeconfig'), cluster.kubeconfig.replace(cluster.token, 'has-run-out'))
  expect(await start(folder, { KUBECONFIG: join(folder, 'kubeconfig') })).toMatchObject({
    code: 78, err: `Rack convox (${join(folder, 'kubeconfig')}): the cluster does not know our credentials: 401 Unauthorized\n`,
  })
}, 180_000)

it('ends with 78 where clusters of several racks cannot be watched, and names each of them and where it comes from', async () => {
  const { folder, cluster } = await onePlace({ denied: ({ resource }) => resource === 'pods' })
  const other = await onePlace({})
  writeFileSync(join(folder, 'slipway.yml'), `racks:\n  prod:\n  test:\n    kubeconfig: ${join(other.folder, 'kubeconfig')}\n  eu:\n    context: sandbox\n`)
  const { code, err } = await start(folder, { KUBECONFIG: join(folder, 'kubeconfig'), CONFIG_FILE: join(folder, 'slipway.yml') })
  expect(code).toBe(78)
  expect(err.split('\n').filter((line) => !/^( |`|$)/.test(line))).toEqual([
    `Rack prod (${join(folder, 'kubeconfig')}): Slipway cannot watch this cluster with its rights:`,
    `Rack eu (${join(folder, 'kubeconfig')}, context sandbox): Slipway cannot watch this cluster with its rights:`,
  ])
  expect(cluster.requests().map(({ path }) => path)).toContain('/version')
}, 180_000)
