import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openGate, type Gate } from '../../../sandbox/cluster/gate.ts'
import { parsePod } from '../../../src/rack/rollout/decode.ts'
import { cardOf, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const manifest = `services:
  web:
    build: .
    port: 5000
`
/** Seconds; less than people may ask for, so it is written into the row. `slow` becomes ready after it, and before its own probes give it up. */
const deadline = 10

/** Only Slipway's connection runs through the gate: the cluster itself, its controllers and its node go on. */
describe('a connection that freezes without a word', () => {
  let stage: Stage
  let gate: Gate
  const folder = mkdtempSync(join(tmpdir(), 'slipway-frozen-'))
  const app = 'shop'

  const readyPods = (release: string): number => stage.world.cluster.list('pods', 'convox-shop').map(parsePod)
    .filter((pod) => pod?.meta.labels['release'] === release && pod.conditions.some(({ type, status }) => type === 'Ready' && status === 'True')).length
  const watched = async (tag: string): Promise<string> => {
    const release = await quickImport(stage.world, app, tag)
    const promotion = await quickPromote(stage.world, app, release)
    await stage.rows(`update promotions set deadline_seconds = ${deadline} where id = '${promotion}'`)
    await stage.world.slack.until(async () => ((await stage.newest())['step'] === 'services' ? true : undefined), 20_000)
    return release
  }

  beforeAll(async () => {
    stage = await startStage({ speed: 1.5 })
    await stage.world.stop()
    gate = await openGate(0, Number(new URL(stage.world.cluster.url).port))
    const kubeconfig = join(folder, 'kubeconfig')
    writeFileSync(kubeconfig, readFileSync(stage.world.environment['KUBECONFIG'] ?? '', 'utf8').replace(/server: .*/, `server: https://127.0.0.1:${gate.port}`))
    await stage.world.start({ KUBECONFIG: kubeconfig })
    await runningApp(stage.world, { app, channel: stage.channel, manifest })
  })
  afterAll(async () => {
    await stage.close()
    await gate.close()
    rmSync(folder, { recursive: true })
  })

  it('fails nothing at the deadline: what became ready meanwhile is seen first', async () => {
    const release = await watched('slow')
    await pause((deadline - 2) * 1000)
    gate.pause()
    await expect.poll(() => readyPods(release), { timeout: 40_000, interval: 200 }).toBeGreaterThan(0)
    await pause(1_000)
    expect(await stage.newest()).toMatchObject({ release_id: release, status: 'rolling_out', step: 'services', cause: null })
    gate.resume()
    const card = await cardOf(stage.world, stage.channel, new RegExp(`^Succeeded: ${release}`))
    await stage.lastWord(card, /^```\nOK\n```/, 20_000)
    expect(stage.shown(card)).not.toContain('has not answered')
    expect(stage.lines(card).filter((line) => /the cluster (does not answer|answers again)/.test(line))).toEqual([
      'system/convox/promotion the cluster does not answer', expect.stringMatching(/^system\/convox\/promotion the cluster answers again after \d+ s$/),
    ])
  }, 90_000)

  it('fails a release by its deadline once the cluster is seen again and it still is not there, blind time not counted', async () => {
    const release = await watched('notready')
    const begun = Date.now()
    await pause((deadline - 2) * 1000)
    gate.pause()
    await pause(8_000)
    expect(await stage.newest()).toMatchObject({ release_id: release, status: 'rolling_out' })
    gate.resume()
    const card = await cardOf(stage.world, stage.channel, new RegExp(`^Rolled back: .*${release}`))
    expect(stage.shown(card)).toContain(`timed out after ${deadline} s`)
    // Two of its seconds were left when the cluster fell silent.
    const { failed_at: failed } = await stage.newest()
    expect(new Date(String(failed)).getTime() - begun).toBeGreaterThanOrEqual((deadline - 2 + 8) * 1000)
  }, 90_000)

  it('rolls back at once what failed meanwhile', async () => {
    const release = await watched('crash')
    gate.pause()
    await pause(15_000)
    expect(await stage.newest()).toMatchObject({ release_id: release, status: 'rolling_out' })
    gate.resume()
    const card = await cardOf(stage.world, stage.channel, new RegExp(`^Rolled back: .*${release}`), 10_000)
    expect(stage.shown(card)).toContain('exits right after it starts: exit 1')
  }, 90_000)
})
