import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Sender } from '../../../src/bot/delivery/sender.ts'
import { createSharedLook } from '../../../src/bot/delivery/shared.ts'
import { createDirectory, type Directory, type SlackChannel } from '../../../src/bot/directory.ts'
import { createSlackClients } from '../../../src/bot/slack-clients.ts'
import type { PromotionView } from '../../../src/rack/promotion-view.ts'
import type { SimulatedSlack } from '../../../sandbox/slack/start.ts'
import { createOutbox, type Outbox } from './support/memory-store.ts'
import { promotionView, status } from './support/promotion.ts'
import { quick, senderOf, startWorkspace, tokens } from './support/workspace.ts'

const id = 'PAAAAAAAAAA'
const channel = 'C1REL'
const log = pino({ level: 'silent' })

describe('whether others read along', () => {
  let now = 0
  let asked: (number | undefined)[] = []
  const answers = (...given: readonly (Partial<SlackChannel> | null | Error)[]): ((where: string) => Promise<boolean>) => {
    now = 1_000_000
    asked = []
    const left = [...given]
    const channelAsHeard = (_: string, within?: number): Promise<SlackChannel | null> => {
      asked.push(within)
      const next = left.length > 1 ? left.shift() : left[0]
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next ?? null)
    }
    return createSharedLook({ channelAsHeard }, log, () => now)
  }

  test.each([
    ['a shared one', { is_ext_shared: true }, true], ['one about to be', { is_pending_ext_shared: true }, true], ['one of our own', { is_ext_shared: false }, false],
    ['one that Slack does not show us', null, false],
  ] as const)('is what Slack says of %s', async (_name, info, shared) => {
    expect(await answers(info)(channel)).toBe(shared)
  })

  test('is not asked of a direct message', async () => {
    expect([await answers({ is_ext_shared: true })('D1'), asked]).toEqual([false, []])
  })

  test('is as Slack said it last while Slack cannot be asked, and not asked again at once', async () => {
    const look = answers({ is_ext_shared: true }, new Error('away'), new Error('away'), { is_ext_shared: false })
    const heard = [await look(channel), await look(channel), await look(channel)]
    expect([heard, asked.length]).toEqual([[true, true, true], 2])
    now += 10_000
    expect([await look(channel), asked.length]).toEqual([true, 3])
    now += 10_000
    expect([await look(channel), asked.length]).toEqual([false, 4])
  })

  test('holds nothing back where Slack never spoke of it', async () => {
    expect(await answers(new Error('away'))(channel)).toBe(false)
  })

  test('is asked less often the more channels there are', async () => {
    const look = answers({})
    for (let count = 0; count < 120; count += 1) await look(`C${count}`)
    expect([asked[0], asked[49], asked[119]]).toEqual([60_000, 150_000, 300_000])
  })
})

describe('a channel shared with another company', () => {
  let slack: SimulatedSlack
  let outbox: Outbox
  let directory: Directory
  let sender: Sender

  beforeEach(async () => {
    slack = await startWorkspace()
    outbox = createOutbox()
    directory = createDirectory(createSlackClients({ botToken: tokens.botToken, slackApiUrl: slack.apiUrl }, log).interactive, Date.now)
    sender = senderOf(slack, outbox, 'one', quick, { directory })
    sender.start()
  })
  afterEach(async () => {
    await sender.stop()
    await slack.close()
  })

  const quiet = (): Promise<unknown> => slack.until(() => outbox.quiet(), 20_000)
  const lines = [{ kind: 'line', line: status('Running', 'Pending') }] as const
  const rolledBack: Partial<PromotionView> = {
    status: 'rolled_back', failedAt: new Date('2026-11-24T14:05:15Z'), finishedAt: new Date('2026-11-24T14:05:24Z'),
    cause: { kind: 'crashed_at_start', rule: 'crash-loop', service: 'web', exitCode: 1, restarts: 1, firstSeen: '2026-11-24T14:05:14Z' },
  }
  const share = (shared: boolean): void => {
    slack.setChannel(channel, { shared })
    // As the event has it.
    directory.forget(channel)
  }

  test('gets nothing at all: the conversation goes on with who asked, who hears why', async () => {
    share(true)
    outbox.begin(promotionView(), channel, lines)
    await quiet()
    const where = outbox.record(id).channel
    expect(where).toMatch(/^D/u)
    expect(slack.messages(channel)).toEqual([])
    expect(slack.seenBy('U1ANA', where)).toContain("I can't post in #releases (shared with another company). The rollout goes on here.")
    expect(slack.messages(where).filter(({ text }) => text.startsWith('Rolling out'))).toHaveLength(1)
  })

  test('gets nothing more once it is shared in the middle of a rollout, and what stands there is taken back', async () => {
    outbox.begin(promotionView(), channel, lines)
    await quiet()
    const before = slack.messages(channel).length
    outbox.setChannel('C2OPS')
    share(true)
    outbox.change(id, rolledBack, [{ kind: 'notice' }])
    await quiet()
    expect(outbox.record(id).channel).toBe('C2OPS')
    expect(slack.messages(channel)).toHaveLength(before)
    const [card] = slack.messages(channel).filter(({ thread }) => thread === undefined)
    expect(card?.text).toBe('This channel is shared with another company, so nothing runs or shows here.')
    expect(JSON.stringify(card?.blocks)).not.toMatch(/RMKPLXWQVTA|shop|C2OPS|actions/u)
    expect(slack.transcript(channel)).not.toContain('crashed')
    expect(slack.messages('C2OPS').map(({ text }) => text.split(':')[0])).toEqual(['Rolled back', 'Rolled back'])
  })

  test('keeps no button of a last word either', async () => {
    outbox.begin(promotionView(), channel)
    await quiet()
    outbox.change(id, rolledBack, [{ kind: 'notice' }])
    await quiet()
    share(true)
    outbox.retireButtons(id)
    await quiet()
    expect(slack.messages(channel).at(-1)?.text).toBe('This channel is shared with another company, so nothing runs or shows here.')
    expect(JSON.stringify(slack.messages(channel).at(-1)?.blocks)).not.toContain('actions')
  })

  test('is not the next place either where the channel of the app is one', async () => {
    slack.setChannel('C2OPS', { shared: true })
    slack.setChannel(channel, { archived: true })
    outbox.setChannel('C2OPS')
    outbox.begin(promotionView(), channel, lines)
    await quiet()
    expect(outbox.record(id).channel).toMatch(/^D/u)
    expect(slack.messages('C2OPS')).toEqual([])
  })

  test('is spoken in again by the next promotion once it is ours alone', async () => {
    share(true)
    outbox.begin(promotionView(), channel)
    await quiet()
    share(false)
    outbox.begin(promotionView({ id: 'PBBBBBBBBBB' }), channel)
    await quiet()
    expect(outbox.record('PBBBBBBBBBB').channel).toBe(channel)
    expect(slack.messages(channel)).toHaveLength(1)
  })

  test('is looked at once for many posts, and Slack being away from that question stops none of them', async () => {
    slack.misbehave(({ method }) => (method === 'conversations.info' ? { status: 500 } : undefined))
    outbox.begin(promotionView(), channel, lines)
    await quiet()
    expect(slack.messages(channel)).toHaveLength(2)
    expect(slack.requests('conversations.info')).toHaveLength(1)
  })
})
