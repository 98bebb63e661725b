import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Message } from '../../../sandbox/slack/records.ts'
import { openGate, type Gate } from '../../../sandbox/cluster/gate.ts'
import { shopManifest } from '../../support/world.ts'
import { cardOf, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describe('a rollout while one of the others is away', () => {
  let stage: Stage
  let gate: Gate
  let databasePort = 0
  const app = 'shop'

  const step = (name: string) => stage.world.slack.until(async () => ((await stage.newest())['step'] === name ? true : undefined), 20_000)
  /** A promotion that stands in its stability window: everything runs, nothing is proven. */
  const inTheWindow = async (tag: string): Promise<{ release: string; card: Message }> => {
    const release = await quickImport(stage.world, app, tag)
    await quickPromote(stage.world, app)
    await step('stability')
    return { release, card: await cardOf(stage.world, stage.channel, new RegExp(`^Rolling out: ${release}`)) }
  }
  const endsOnce = async (card: Message, release: string): Promise<void> => {
    const done = await cardOf(stage.world, stage.channel, new RegExp(`^Succeeded: ${release}`))
    expect(done.ts).toBe(card.ts)
    await stage.lastWord(done, /^```\nOK\n```/, 20_000)
    const lines = stage.thread(done).split('\n').filter((line) => /^\d{4}-/.test(line))
    expect(lines).toEqual([...new Set(lines)])
    expect(stage.statuses(done)).toEqual(['Running => Pending', 'Pending => Updating', 'Updating => Running'])
    expect(stage.world.slack.thread(done).filter((message) => message.text.startsWith('```\nOK\n```'))).toHaveLength(1)
    expect(stage.buttons(done)).toEqual([])
  }

  beforeAll(async () => {
    stage = await startStage()
    await stage.world.stop()
    const url = new URL(stage.world.databaseUrl)
    databasePort = Number(url.port)
    gate = await openGate(0, databasePort)
    url.port = String(gate.port)
    await stage.world.start({ DATABASE_URL: url.toString() })
    await runningApp(stage.world, { app, channel: stage.channel, manifest: shopManifest, params: { stability: '4s' } })
  })
  afterAll(async () => {
    await stage.close()
    await gate.close()
  })

  it('loses nothing while the database is away, and writes nothing twice', async () => {
    const { release, card } = await inTheWindow('1.4.1')
    const { port } = gate
    await gate.close()
    await pause(1_000)
    const answer = await stage.ask(stage.ana, '/convox releases -a shop', /database/)
    expect(answer).toContain('The database does not answer. Nothing new starts, nothing is lost.')
    await pause(5_000)
    // The window is over, and nobody could write it down.
    expect(await stage.newest()).toMatchObject({ status: 'rolling_out', step: 'stability' })
    gate = await openGate(port, databasePort)
    await endsOnce(card, release)
    expect(await stage.newest()).toMatchObject({ status: 'succeeded' })
  }, 60_000)

  it('judges nothing while the API server does not answer, says so on card and thread, and the deadline waits', async () => {
    await stage.ask(stage.bo, '/convox apps params set stability=20s -a shop', /./s)
    const { release, card } = await inTheWindow('1.4.2')
    stage.world.cluster.pause()
    await stage.world.slack.until(() => stage.shown(card).includes('the cluster has not answered since'), 25_000)
    const warned = stage.shown(card)
    expect(warned).toMatch(/⚠️ Warning: the cluster has not answered since <time>\. Nothing is judged, the deadline waits\./)
    // The window ends while nothing is seen: no verdict is made of that.
    await pause(6_000)
    expect(await stage.newest()).toMatchObject({ status: 'rolling_out' })
    stage.world.cluster.resume()
    await endsOnce(card, release)
    expect(stage.lines(card).filter((line) => line === 'system/convox/promotion the cluster does not answer')).toHaveLength(1)
    expect(stage.lines(card).filter((line) => /^system\/convox\/promotion the cluster answers again after \d+ s$/.test(line))).toHaveLength(1)
    expect(stage.shown(card)).not.toContain('has not answered')
    await stage.ask(stage.bo, '/convox apps params set stability=4s -a shop', /./s)
  }, 90_000)

  it('is not disturbed by dropped connections, ended watches and forgotten versions', async () => {
    const release = await quickImport(stage.world, app, '1.5.0')
    await quickPromote(stage.world, app)
    const card = await cardOf(stage.world, stage.channel, new RegExp(`^Rolling out: ${release}`))
    stage.world.cluster.dropConnections()
    await pause(300)
    stage.world.cluster.endWatches()
    stage.world.cluster.compact('frame')
    await pause(300)
    stage.world.cluster.compact('status')
    stage.world.cluster.dropConnections()
    await endsOnce(card, release)
  }, 60_000)

  it('goes on while Slack is down, and its card catches up', async () => {
    const release = await quickImport(stage.world, app, '1.4.1')
    await quickPromote(stage.world, app)
    const card = await cardOf(stage.world, stage.channel, new RegExp(`^Rolling out: ${release}`))
    stage.world.slack.killSockets()
    for (const method of ['chat.postMessage', 'chat.update', 'conversations.replies', 'conversations.history']) stage.world.slack.fail(method, { status: 503, times: 1_000 })
    await stage.world.slack.until(async () => ((await stage.newest())['status'] === 'succeeded' ? true : undefined), 20_000)
    expect(card.text).toMatch(/^Rolling out: /)
    expect(stage.shown(card)).toContain('🚀 Rolling out')
    stage.world.slack.heal()
    await endsOnce(card, release)
    // An answer that was lost: the message is there, and is not written again.
    const crash = await quickImport(stage.world, app, 'crash')
    stage.world.slack.fail('chat.postMessage', { storeThenDrop: true })
    await quickPromote(stage.world, app)
    const back = await cardOf(stage.world, stage.channel, new RegExp(`^Rolled back: .*${crash}`))
    await stage.lastWord(back, /ERROR: rolled back to/, 20_000)
    expect(stage.world.slack.messages(stage.channel).filter((message) => message.thread === undefined && message.text.includes(crash))).toHaveLength(1)
    expect(stage.world.slack.thread(back).filter((message) => message.broadcast)).toHaveLength(1)
  }, 90_000)
})
