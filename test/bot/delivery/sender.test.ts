import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Sender } from '../../../src/bot/delivery/sender.ts'
import type { PromotionView } from '../../../src/rack/promotion-view.ts'
import { elementsOf } from '../../../sandbox/slack/block-rules.ts'
import type { Message } from '../../../sandbox/slack/records.ts'
import type { SimulatedSlack } from '../../../sandbox/slack/start.ts'
import { createOutbox, type Outbox } from './support/memory-store.ts'
import { event, promotionView, status } from './support/promotion.ts'
import { quick, senderOf, startWorkspace } from './support/workspace.ts'

const id = 'PAAAAAAAAAA'
const channel = 'C1REL'
let slack: SimulatedSlack
let outbox: Outbox
let senders: Sender[]

beforeEach(async () => {
  slack = await startWorkspace()
  outbox = createOutbox()
  senders = []
})
afterEach(async () => {
  await Promise.all(senders.map((sender) => sender.stop()))
  await slack.close()
})

const go = (owner = 'one', timings = quick): Sender => {
  const sender = senderOf(slack, outbox, owner, timings)
  senders.push(sender)
  sender.start()
  return sender
}
const quiet = (within = 20_000): Promise<unknown> => slack.until(() => outbox.quiet(), within)
const parents = (where = channel) => slack.messages(where).filter((message) => message.thread === undefined && message.metadata !== undefined)
const replies = (where = channel) => slack.messages(where).filter((message) => message.thread !== undefined)
const direct = (person: string): string => slack.workspace.channels().filter(({ im }) => im === person).map(({ id: where }) => slack.seenBy(person, where)).join('\n')
const buttonsOn = (message: Message | undefined): number => (message?.blocks ?? []).filter(({ type }) => type === 'actions').flatMap((block) => elementsOf(block)).length
/** The text of a message's last context block. */
const contextOf = (message: Message | undefined): string => {
  const block = message?.blocks?.findLast(({ type }) => type === 'context')
  return block?.type === 'context' ? block.elements.map((element) => ('text' in element ? element.text : '')).join(' ') : ''
}
const posts = () => slack.requests('chat.postMessage').length
const lines = (...kinds: readonly ReturnType<typeof status>[]) => kinds.map((line) => ({ kind: 'line', line }) as const)
const notice = { kind: 'notice' } as const
const succeeded: Partial<PromotionView> = { status: 'succeeded', finishedAt: new Date('2026-11-24T14:06:03Z') }
const rolledBack: Partial<PromotionView> = {
  status: 'rolled_back', failedAt: new Date('2026-11-24T14:05:15Z'), finishedAt: new Date('2026-11-24T14:05:24Z'),
  cause: { kind: 'crashed_at_start', rule: 'crash-loop', service: 'web', exitCode: 1, restarts: 1, firstSeen: '2026-11-24T14:05:14Z' },
}

/** Something that the card of a moving promotion shows. */
const progressed = (count: number): Partial<PromotionView> => {
  const { progress } = promotionView()
  return progress === null ? {} : { progress: { ...progress, lastChangeAt: `2026-11-24T14:05:${30 + count}Z` } }
}

describe('a conversation', () => {
  test('is one card and one thread, from the first line to OK', async () => {
    outbox.begin(promotionView(), channel, lines(status('Running', 'Pending'), status('Pending', 'Updating')))
    go()
    await quiet()
    outbox.change(id, {}, lines(event('Container started')))
    outbox.change(id, succeeded, [...lines(status('Updating', 'Running')), notice])
    await quiet()
    const [card] = parents()
    expect(parents()).toHaveLength(1)
    expect(card?.text).toMatch(/^Succeeded: RMKPLXWQVTA is active on shop/u)
    expect(card?.metadata).toEqual({ event_type: 'convox_release', event_payload: { k: 'card', p: id, r: 3 } })
    expect(replies().every((reply) => reply.thread === card?.ts && reply.broadcast !== true)).toBe(true)
    const told = replies().map((reply) => reply.text.replaceAll('```', '').replaceAll('&gt;', '>').trim()).join('\n')
    expect(told.split('\n')).toEqual([
      'Promoting RMKPLXWQVTA...',
      '2026-11-24T14:05:11Z system/k8s/atom/app Status: Running => Pending',
      '2026-11-24T14:05:11Z system/k8s/atom/app Status: Pending => Updating',
      '2026-11-24T14:05:11Z system/k8s/web Container started',
      '2026-11-24T14:05:11Z system/k8s/atom/app Status: Updating => Running',
      'OK',
    ])
  })

  test('ends in one broadcast after an automatic rollback, its last message', async () => {
    outbox.begin(promotionView(), channel, lines(status('Running', 'Pending')))
    go()
    outbox.change(id, rolledBack, [...lines(event('Back-off restarting')), notice])
    await quiet()
    expect(replies().filter((reply) => reply.broadcast === true)).toHaveLength(1)
    expect(replies().at(-1)).toMatchObject({ broadcast: true, text: expect.stringMatching(/^Rolled back: shop runs RHBTZQNCEDS again/u) })
    expect(parents()[0]?.text).toMatch(/^Rolled back/u)
  })

  test('redraws no faster than its pace, and the newest state wins', async () => {
    outbox.begin(promotionView(), channel)
    go()
    await quiet()
    for (let rev = 0; rev < 20; rev += 1) outbox.change(id, progressed(rev))
    await quiet()
    expect(slack.requests('chat.update').length).toBeGreaterThan(0)
    expect(slack.requests('chat.update').length).toBeLessThanOrEqual(2)
    expect(outbox.record(id).card.rev).toBe(21)
  })

  test('is not redrawn for what the card does not show', async () => {
    outbox.begin(promotionView(), channel)
    go()
    await quiet()
    for (let rev = 0; rev < 20; rev += 1) outbox.change(id, { deadlineSeconds: 600 + rev })
    await quiet()
    expect(slack.requests('chat.update')).toEqual([])
    expect(outbox.record(id).card.rev).toBe(21)
  })

  test('is written by one of two senders at a time', async () => {
    go('one')
    go('two')
    outbox.begin(promotionView(), channel, lines(status('Running', 'Pending')))
    for (let count = 0; count < 10; count += 1) outbox.change(id, {}, lines(event(`event ${count}`)))
    outbox.change(id, succeeded, [notice])
    await quiet()
    expect(parents()).toHaveLength(1)
    const told = replies().map((reply) => reply.text).join('\n')
    for (let count = 0; count < 10; count += 1) expect(told.split(`event ${count}\n`)).toHaveLength(2)
    expect(replies().filter((reply) => reply.text.includes('OK'))).toHaveLength(1)
  })
})

describe('a lost answer', () => {
  test.each([['storeThenDrop', true], ['drop', false]] as const)('of the card (%s) leaves one card', async (how, _stored) => {
    slack.fail('chat.postMessage', { [how]: true })
    outbox.begin(promotionView(), channel, lines(status('Running', 'Pending')))
    go()
    await quiet()
    expect(parents()).toHaveLength(1)
    expect(outbox.record(id).card.ts).toBe(parents()[0]?.ts)
    expect(replies()).toHaveLength(1)
  })

  test.each([['storeThenDrop'], ['drop']] as const)('of the last word (%s) leaves one last word', async (how) => {
    outbox.begin(promotionView(), channel)
    go()
    await quiet()
    slack.fail('chat.postMessage', { [how]: true })
    outbox.change(id, rolledBack, [notice])
    await quiet()
    expect(replies()).toHaveLength(1)
    expect(outbox.record(id).rows[0]).toMatchObject({ state: 'sent', ts: replies()[0]?.ts })
  })

  test('of an HTTP 500 after nothing was stored is tried again', async () => {
    slack.fail('chat.postMessage', { status: 500, times: 2 })
    outbox.begin(promotionView(), channel, lines(status('Running', 'Pending')))
    go()
    await quiet()
    expect([parents().length, replies().length]).toEqual([1, 1])
  })

  test('of a redraw is drawn again', async () => {
    outbox.begin(promotionView(), channel)
    go()
    await quiet()
    slack.fail('chat.update', { storeThenDrop: true })
    outbox.change(id, succeeded, [notice])
    await quiet()
    expect(parents()[0]?.text).toMatch(/^Succeeded/u)
    expect(parents()).toHaveLength(1)
  })

  test('of redraws, again and again, does not hold back the thread', async () => {
    outbox.begin(promotionView(), channel)
    go()
    await quiet()
    slack.fail('chat.update', { status: 503, times: 1_000 })
    outbox.change(id, rolledBack, [...lines(status('Updating', 'Running')), notice])
    // Redraws fail for two minutes at this pace: the thread did not wait for them.
    await slack.until(() => replies().length === 2)
    slack.heal()
    await quiet()
    expect(parents()[0]?.text).toMatch(/^Rolled back/u)
  })

  test('that cannot be looked for does not hold back the card', async () => {
    outbox.begin(promotionView(), channel)
    // Nothing that failed is tried again while this test runs.
    go('one', { ...quick, backoff: 3_600_000, backoffMost: 3_600_000 })
    await quiet()
    slack.fail('chat.postMessage', { storeThenDrop: true })
    slack.fail('conversations.replies', { status: 500, times: 1_000 })
    outbox.change(id, {}, lines(status('Running', 'Pending')))
    await slack.until(() => slack.requests('conversations.replies').length === 1)
    outbox.change(id, { status: 'rolling_back' })
    await slack.until(() => parents()[0]?.text.startsWith('Rolling back'))
    expect(outbox.record(id).rows.map(({ state }) => state)).toEqual(['unknown'])
  })

  test('that cannot be told to anybody does not hold back the card', async () => {
    slack.setChannel('C2OPS', { archived: true })
    outbox.setChannel(channel)
    slack.fail('conversations.open', { status: 500, times: 1_000 })
    outbox.begin(promotionView(), 'C2OPS', lines(status('Running', 'Pending')))
    go('one', { ...quick, backoff: 3_600_000, backoffMost: 3_600_000 })
    await slack.until(() => slack.requests('conversations.open').length === 1)
    outbox.change(id, { status: 'rolling_back' })
    await slack.until(() => parents()[0]?.text.startsWith('Rolling back'))
    expect(outbox.record(id).tellings).toMatchObject([{ what: 'moved' }])
  })

  test('of a process killed while it posted is found by the next one', async () => {
    outbox.begin(promotionView(), channel, lines(status('Running', 'Pending')))
    const first = go('one')
    await quiet()
    await first.stop()
    // As after kill -9 between the post and the write of its answer: the row says sending, the message is there.
    const [row] = outbox.record(id).rows
    if (row === undefined) throw new Error('no row')
    row.state = 'sending'
    outbox.record(id).card = { ...outbox.record(id).card, ts: null, state: 'sending', at: new Date() }
    go('two')
    await quiet()
    expect([parents().length, replies().length]).toEqual([1, 1])
    expect(outbox.record(id).card).toMatchObject({ ts: parents()[0]?.ts, state: 'sent' })
  })

  test('of the card is looked for around the time it was tried, however much came later', async () => {
    outbox.begin(promotionView(), channel)
    const tried = Date.now() - 3_600_000
    outbox.record(id).card = { ts: null, rev: 0, status: null, hash: null, state: 'unknown', at: new Date(tried) }
    go()
    await quiet()
    expect(slack.requests('conversations.history')[0]?.args).toMatchObject({ oldest: String(tried / 1000 - 60), latest: String(tried / 1000 + 90) })
  })

  test.each([['a card', 'conversations.history'], ['a line', 'conversations.replies']] as const)('of %s that another replica looked for once is looked for once more, not from the start', async (what, method) => {
    outbox.begin(promotionView(), channel, lines(status('Running', 'Pending')))
    const record = outbox.record(id)
    if (what === 'a line') {
      const first = go('one')
      await quiet()
      await first.stop()
      for (const row of record.rows) Object.assign(row, { state: 'unknown', tried: { channel, threadTs: '1700000000.000100' } })
    } else record.card = { ts: null, rev: 0, status: null, hash: null, state: 'unknown', at: new Date() }
    record.looks = { count: 1, at: new Date(Date.now() - 10_000) }
    const before = slack.requests(method).length
    go('two')
    await quiet()
    expect(slack.requests(method)).toHaveLength(before + 1)
    expect([parents().length, replies().length]).toEqual([1, what === 'a line' ? 2 : 1])
  })

  test('of lines is looked for in the thread they were tried in, though the card is another one by now', async () => {
    outbox.begin(promotionView(), channel, lines(status('Running', 'Pending')))
    const first = go('one')
    await quiet()
    await first.stop()
    const { card, rows } = outbox.record(id)
    // As after a look in vain and a redraw that was refused.
    for (const row of rows) row.state = 'unknown'
    outbox.record(id).leftTs = card.ts
    outbox.record(id).card = { ts: null, rev: 0, status: null, hash: null, state: 'none', at: null }
    go('two')
    await quiet()
    expect(parents()).toHaveLength(2)
    expect(replies().map(({ thread }) => thread)).toEqual([card.ts])
    expect(rows.map(({ state }) => state)).toEqual(['sent'])
  })

  test('of lines in a thread that is gone is no answer: they are said under the new card', async () => {
    outbox.begin(promotionView(), channel, lines(status('Running', 'Pending')))
    const first = go('one')
    await quiet()
    await first.stop()
    for (const row of outbox.record(id).rows) Object.assign(row, { state: 'unknown', tried: { channel, threadTs: '1700000000.000100' } })
    go('two')
    await quiet()
    // The first one is what was said before the test took it back.
    expect(replies().slice(1).map(({ thread }) => thread)).toEqual([outbox.record(id).card.ts])
  })

  test('of a new card never adopts the one that was left for it', async () => {
    outbox.begin(promotionView(), channel)
    const first = go('one')
    await quiet()
    await first.stop()
    const left = outbox.record(id).card.ts
    outbox.record(id).leftTs = left
    outbox.record(id).card = { ts: null, rev: 0, status: null, hash: null, state: 'unknown', at: new Date() }
    go('two')
    await quiet()
    expect(parents().map(({ ts }) => ts)).toEqual([left, outbox.record(id).card.ts])
    expect(outbox.record(id).card.ts).not.toBe(left)
  })

  /** Two cards of one promotion in the channel, and a row that knows neither; returns the older one's `ts`. */
  const twoCards = async (): Promise<string | undefined> => {
    outbox.begin(promotionView(), channel)
    const first = go('one')
    await quiet()
    await first.stop()
    const older = parents()[0]?.ts
    outbox.record(id).card = { ts: null, rev: 0, status: null, hash: null, state: 'none', at: null }
    const second = go('two')
    await quiet()
    await second.stop()
    expect(parents()).toHaveLength(2)
    outbox.record(id).card = { ...outbox.record(id).card, ts: null, state: 'unknown' }
    return older
  }

  test('that left two cards keeps the older one', async () => {
    const older = await twoCards()
    go('three')
    await quiet()
    expect(parents().map((card) => card.ts)).toEqual([older])
  })

  test.each([
    ['deleting', 'chat.delete', 1, false], ['changing', 'chat.update', 2, true],
  ] as const)('that left two cards: a 429 of %s the copy pauses no look of others', async (_what, method, cards, pausesUpdates) => {
    await twoCards()
    if (method === 'chat.update') slack.fail('chat.delete', { error: 'cant_delete_message', times: 2 })
    slack.fail(method, { status: 429, retryAfter: 1 })
    const before = slack.requests(method).length
    go('three')
    await quiet()
    expect(parents()).toHaveLength(cards)
    expect([outbox.lane('conversations.history').pausedUntil, outbox.lane('chat.update').pausedUntil > 0]).toEqual([0, pausesUpdates])
    const [refused, next] = slack.requests(method).slice(before)
    // A timer of Node may come a millisecond early.
    expect((next?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(999)
  })

  test('that left two cards keeps the older one, though deleting the other fails at first', async () => {
    const older = await twoCards()
    slack.fail('chat.delete', { status: 503 })
    go('three')
    await quiet()
    expect(parents().map((card) => card.ts)).toEqual([older])
    expect(outbox.record(id).card.ts).toBe(older)
  })

  test.each([
    ['is gone already', 'message_not_found', /^Rolling out/u],
    ['may not be deleted: it loses its buttons', 'cant_delete_message', /^This is a copy: .*\/convox promotions info PAAAAAAAAAA/su],
  ] as const)('that left two cards, of which the other one %s', async (_name, error, text) => {
    const older = await twoCards()
    slack.fail('chat.delete', { error })
    go('three')
    await quiet()
    expect(outbox.record(id).card.ts).toBe(older)
    expect(slack.transcript(channel)).not.toContain('Continues an earlier message')
    const copy = parents().find((card) => card.ts !== older)
    expect([parents().length, copy?.text]).toEqual([2, expect.stringMatching(text)])
    if (error === 'cant_delete_message') expect(copy?.blocks ?? []).toEqual([])
  })
})

describe('what Slack says no to (reference/slack.md 4.5)', () => {
  test('a 429 of a post pauses it for as long as Slack says, and loses nothing', async () => {
    slack.fail('chat.postMessage', { status: 429, retryAfter: 1 })
    outbox.begin(promotionView(), channel, lines(status('Running', 'Pending')))
    go()
    await quiet()
    const [refused, next] = slack.requests('chat.postMessage')
    // A timer of Node may come a millisecond early.
    expect((next?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(999)
    expect([parents().length, replies().length]).toEqual([1, 1])
  })

  test('a 429 of a redraw does not hold back the last word', async () => {
    outbox.begin(promotionView(), channel)
    go()
    await quiet()
    slack.fail('chat.update', { status: 429, retryAfter: 3 })
    outbox.change(id, rolledBack, [notice])
    expect(await slack.until(() => (replies().length === 1 ? parents()[0]?.text : undefined))).toMatch(/^Rolling out/u)
    await quiet()
    expect(parents()[0]?.text).toMatch(/^Rolled back/u)
  })

  test('blocks that Slack does not take arrive as text, with the command to type', async () => {
    slack.fail('chat.postMessage', { error: 'invalid_blocks' })
    outbox.begin(promotionView(), channel)
    go()
    await quiet()
    expect(parents()).toHaveLength(1)
    expect(parents()[0]?.blocks ?? []).toEqual([])
    expect(parents()[0]?.text).toContain(`/convox promotions info ${id}`)
  })

  test('and with several racks the command says which one', async () => {
    slack.fail('chat.postMessage', { error: 'invalid_blocks' })
    outbox.begin(promotionView({ severalRacks: true, rack: 'prod' }), channel)
    go()
    await quiet()
    expect(parents()[0]?.text).toMatch(/\nMore: `\/convox promotions info PAAAAAAAAAA -r prod`$/u)
  })

  test('a deleted card is followed by a new one that says so', async () => {
    outbox.begin(promotionView(), channel)
    go()
    await quiet()
    const [card] = parents()
    if (card === undefined) throw new Error('no card')
    slack.as('U2BO').deleteMessage(card)
    outbox.change(id, succeeded, [notice])
    await quiet()
    expect(parents()).toHaveLength(1)
    expect(slack.transcript(channel)).toContain('Continues an earlier message')
    expect(replies()).toHaveLength(1)
  })

  test('a public channel it is not in is posted to', async () => {
    outbox.begin(promotionView(), 'C2OPS', lines(status('Running', 'Pending')))
    go()
    await quiet()
    expect([parents('C2OPS').length, replies('C2OPS').length]).toEqual([1, 1])
  })

  test.each([['status 500', { status: 500, times: 2 }, 0], ['a 429', { status: 429, retryAfter: 1 }, 999]] as const)('a public channel that it cannot join at once is not left: %s', async (_name, failure, wait) => {
    slack.fail('chat.postMessage', { storeThenDrop: true })
    slack.fail('conversations.join', failure)
    outbox.begin(promotionView(), 'C2OPS', lines(status('Running', 'Pending')))
    go()
    await quiet()
    expect([outbox.record(id).channel, parents('C2OPS').length, replies('C2OPS').length, direct('U1ANA')]).toEqual(['C2OPS', 1, 1, ''])
    const [refused, next] = slack.requests('conversations.join')
    expect((next?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(wait)
  })

  test.each([
    ['an archived channel', { archived: true }, 'C1REL', "I can't post in #releases (archived). The rollout goes on here."],
    ['a private channel it is not in', {}, 'C3SECRET', "I'm not in #secret. Type /invite @convox there; the rollout goes on meanwhile."],
  ] as const)('%s: the conversation goes on with who asked, who is told', async (_name, change, where, told) => {
    slack.setChannel(where, change)
    outbox.begin(promotionView(), where, lines(status('Running', 'Pending')))
    go()
    await quiet()
    const direct = outbox.record(id).channel
    expect(direct).toMatch(/^D/u)
    expect(slack.seenBy('U1ANA', direct)).toContain(told)
    expect(slack.messages(direct).filter((message) => message.text.startsWith('Rolling out'))).toHaveLength(1)
    expect(replies(direct)).toHaveLength(1)
    outbox.change(id, succeeded, [notice])
    await quiet()
    expect(slack.seenBy('U1ANA', direct)).toContain('OK')
  })

  test('a revoked token stops nothing for good: when it is back, all is said', async () => {
    slack.setToken('token_revoked')
    outbox.begin(promotionView(), channel, lines(status('Running', 'Pending')))
    go()
    await slack.until(() => posts() >= 2)
    expect(slack.messages(channel)).toEqual([])
    slack.setToken('ok')
    await quiet()
    expect([parents().length, replies().length]).toEqual([1, 1])
  })

  test('a word it never heard of: the conversation goes on with who asked, and no other one suffers', async () => {
    slack.fail('chat.postMessage', { error: 'a_word_of_next_year' })
    outbox.begin(promotionView(), channel, lines(status('Running', 'Pending')))
    go()
    await quiet()
    expect(outbox.record(id).channel).toMatch(/^D/u)
    expect(slack.seenBy('U1ANA', outbox.record(id).channel)).toContain("I can't post in #releases (a_word_of_next_year)")
    outbox.begin(promotionView({ id: 'PBBBBBBBBBB' }), channel)
    await slack.until(() => outbox.record('PBBBBBBBBBB').card.ts)
    expect(parents()).toHaveLength(1)
  })

  test('a card that nobody takes is given up with its reason, and an admin is told', async () => {
    slack.misbehave(({ method, args }) => (method === 'chat.postMessage' && (args['channel'] === channel || String(args['text']).startsWith('Rolling out')) ? { error: 'a_word_of_next_year' } : undefined))
    slack.misbehave(({ method, args }) => (method === 'conversations.open' && args['users'] === 'U1ANA' ? { error: 'user_disabled' } : undefined))
    outbox.begin(promotionView(), channel, lines(status('Running', 'Pending')))
    go()
    await quiet()
    expect(outbox.record(id)).toMatchObject({ card: { state: 'dead' }, rows: [{ state: 'dead' }] })
    const told = [direct('U1ANA'), direct('U2BO')].join('\n')
    expect(told).toContain('Slack did not take the card of RMKPLXWQVTA for shop in #releases (a_word_of_next_year)')
    expect(told.split('Slack did not take')).toHaveLength(2)
    outbox.change(id, rolledBack, [notice])
    await quiet()
    expect(direct('U2BO')).toContain('Slack did not take the last word of RMKPLXWQVTA for shop in #releases (the card could not be posted). Rolled back: shop runs RHBTZQNCEDS again')
  })

  test('lines that nobody takes are told of once, however many there are', async () => {
    outbox.begin(promotionView(), channel)
    go()
    await quiet()
    slack.misbehave(({ method, args }) => (method === 'chat.postMessage' && args['thread_ts'] !== undefined && !String(args['text']).includes('OK') ? { error: 'message_too_odd' } : undefined))
    slack.fail('conversations.open', { error: 'user_disabled', times: 1 })
    outbox.change(id, {}, lines(status('Running', 'Pending')))
    await quiet()
    outbox.change(id, {}, lines(status('Pending', 'Updating')))
    await quiet()
    outbox.change(id, succeeded, [notice])
    await quiet()
    expect(outbox.record(id).rows.map(({ state }) => state)).toEqual(['dead', 'dead', 'sent'])
    const told = [direct('U1ANA'), direct('U2BO')].join('\n')
    expect(told.split('Lines may be missing in the thread of RMKPLXWQVTA for shop in #releases (message_too_odd). Rolling out:')).toHaveLength(2)
    expect(told).not.toContain('the last word')
  })

  test('lines whose answer was lost where nothing can be read back are told of', async () => {
    outbox.begin(promotionView(), channel)
    go()
    await quiet()
    slack.misbehave(({ method }) => (method === 'conversations.replies' ? { error: 'missing_scope' } : undefined))
    slack.fail('chat.postMessage', { drop: true })
    outbox.change(id, {}, lines(status('Running', 'Pending')))
    await quiet()
    expect(outbox.record(id).rows.map(({ state }) => state)).toEqual(['dead'])
    expect(direct('U1ANA')).toContain('Lines may be missing in the thread of RMKPLXWQVTA for shop in #releases (an answer was lost and the channel cannot be read back)')
  })

  test('a change of somebody else that nobody takes is told as what it is, not as the last word', async () => {
    outbox.begin(promotionView(), channel)
    go()
    await quiet()
    outbox.change(id, succeeded, [notice])
    await quiet()
    slack.misbehave(({ method, args }) => (method === 'chat.postMessage' && args['thread_ts'] !== undefined ? { error: 'message_too_odd' } : undefined))
    outbox.change(id, {}, [{ kind: 'announcement', announcement: { kind: 'drift', at: '2026-11-24T14:06:20Z', service: 'web', what: 'changed', manager: 'kubectl-edit' } }])
    await quiet()
    expect(outbox.record(id).rows.map(({ state }) => state)).toEqual(['sent', 'dead'])
    const told = direct('U1ANA')
    expect(told).toContain('Slack did not take a word on shop in #releases (message_too_odd), so you hear it. Changed: kubectl-edit changed web of shop.')
    expect(told).toContain('/convox releases promote RMKPLXWQVTA -a shop takes it back.')
    expect(told).not.toContain('the last word')
  })

  test('a token that is revoked while the conversation looks for another place gives nothing up', async () => {
    slack.setChannel(channel, { archived: true })
    slack.fail('conversations.open', { error: 'token_revoked', times: 2 })
    outbox.begin(promotionView(), channel, lines(status('Running', 'Pending')))
    go()
    await quiet()
    expect(outbox.record(id)).toMatchObject({ channel: expect.stringMatching(/^D/u), card: { state: 'sent' }, rows: [{ state: 'sent' }] })
  })

  test("an archived channel: the conversation goes on in the app's channel as it is set now, and who asked is told", async () => {
    slack.setChannel(channel, { archived: true })
    outbox.setChannel('C2OPS')
    outbox.begin(promotionView(), channel, lines(status('Running', 'Pending')))
    go()
    await quiet()
    expect([parents('C2OPS').length, replies('C2OPS').length]).toEqual([1, 1])
    expect(direct('U1ANA')).toContain("I can't post in #releases (archived). Notices of shop go to #ops.")
  })

  test('what could not be said is told once, though the answer to telling it is lost', async () => {
    slack.setChannel(channel, { archived: true })
    outbox.setChannel('C2OPS')
    slack.misbehave(({ method, args }) => (method === 'chat.postMessage' && String(args['text']).startsWith("I can't") ? { storeThenDrop: true } : undefined))
    outbox.begin(promotionView(), channel)
    go()
    await quiet()
    expect(direct('U1ANA').split("I can't post in")).toHaveLength(2)
  })

  test('a thread that was locked goes on under a new card', async () => {
    outbox.begin(promotionView(), channel)
    go()
    await quiet()
    slack.fail('chat.postMessage', { error: 'restricted_action_thread_locked' })
    outbox.change(id, rolledBack, [notice])
    await quiet()
    expect(parents()).toHaveLength(2)
    expect(slack.transcript(channel)).toContain('Continues an earlier message')
    expect(replies().at(-1)).toMatchObject({ broadcast: true, thread: parents()[1]?.ts })
    expect(contextOf(parents()[0])).toMatch(/Goes on in a newer message$/u)
    expect(buttonsOn(parents()[0])).toBe(0)
  })

  test('a workspace without edits gets a new card per status, not per change', async () => {
    slack.misbehave(({ method }) => (method === 'chat.update' ? { error: 'edit_window_closed' } : undefined))
    outbox.begin(promotionView(), channel)
    go()
    await quiet()
    for (let rev = 0; rev < 3; rev += 1) {
      outbox.change(id, progressed(rev))
      await quiet()
    }
    expect(parents()).toHaveLength(1)
    outbox.change(id, succeeded, [notice])
    await quiet()
    expect(parents().map(({ text }) => text.split(':')[0])).toEqual(['Rolling out', 'Succeeded'])
  })

  test('the final state that Slack refuses is tried until it is there', async () => {
    outbox.begin(promotionView(), channel)
    go()
    await quiet()
    slack.fail('chat.update', { error: 'a_word_of_next_year', times: 4 })
    outbox.change(id, { ...succeeded, finishedAt: new Date() }, [notice])
    await quiet()
    expect(parents()[0]?.text).toMatch(/^Succeeded/u)
  })

  test('and when that takes hours, it is given up and told', async () => {
    outbox.begin(promotionView(), channel)
    go()
    await quiet()
    slack.fail('chat.update', { error: 'a_word_of_next_year', times: 1_000 })
    outbox.change(id, { ...succeeded, finishedAt: new Date() }, [notice])
    await quiet()
    expect(direct('U1ANA')).toContain('Slack did not take the card of RMKPLXWQVTA for shop in #releases (a_word_of_next_year). Succeeded: RMKPLXWQVTA is active on shop')
  })
})

describe('a place that is left', () => {
  /** A card with buttons in a channel that then takes no more posts of ours. */
  const closed = async (restriction: 'restricted_action_read_only_channel' | 'restricted_action_non_threadable_channel'): Promise<void> => {
    outbox.begin(promotionView(), channel, lines(status('Running', 'Pending')))
    go()
    await quiet()
    expect(buttonsOn(parents()[0])).toBeGreaterThan(0)
    slack.setChannel(channel, { restriction })
  }
  const moreToSay = async (): Promise<void> => {
    outbox.change(id, {}, lines(status('Pending', 'Updating')))
    await quiet()
  }

  test.each(['restricted_action_read_only_channel', 'restricted_action_non_threadable_channel'] as const)('has no live button, and says where it goes on: %s', async (restriction) => {
    await closed(restriction)
    outbox.setChannel('C2OPS')
    await moreToSay()
    expect([parents().length, parents('C2OPS').length, replies('C2OPS').length]).toEqual([1, 1, 1])
    const [left] = parents()
    expect(buttonsOn(left)).toBe(0)
    expect(contextOf(left)).toMatch(/Goes on in <#C2OPS>$/u)
    expect(left?.text).toMatch(/^Rolling out: RMKPLXWQVTA on shop/u)
    expect(left?.metadata?.event_payload).toMatchObject({ k: 'left', p: id })
    expect(buttonsOn(parents('C2OPS')[0])).toBeGreaterThan(0)
    expect(contextOf(parents('C2OPS')[0])).toContain('Continues an earlier message')
  })

  test('says so too where it goes on in a direct message', async () => {
    await closed('restricted_action_read_only_channel')
    const heard = () => slack.notified().filter(({ channel: where }) => where === channel).length
    const before = heard()
    await moreToSay()
    expect(outbox.record(id).channel).toMatch(/^D/u)
    expect(contextOf(parents()[0])).toMatch(/Goes on in a direct message to <@U1ANA>$/u)
    expect(heard()).toBe(before)
  })

  test('takes the buttons of the last word with it', async () => {
    outbox.begin(promotionView(), channel)
    go()
    await quiet()
    outbox.change(id, rolledBack, [notice])
    await quiet()
    const before = replies().at(-1)
    expect(buttonsOn(before)).toBe(1)
    slack.setChannel(channel, { restriction: 'restricted_action_read_only_channel' })
    outbox.setChannel('C2OPS')
    outbox.change(id, {}, [{ kind: 'announcement', announcement: { kind: 'drift', at: '2026-11-24T14:06:20Z', service: 'web', what: 'changed', manager: 'kubectl-edit' } }])
    await quiet()
    const after = replies().at(-1)
    expect(after).toMatchObject({ ts: before?.ts, text: before?.text, metadata: before?.metadata })
    expect(buttonsOn(after)).toBe(0)
    expect(contextOf(after)).toBe('Goes on in <#C2OPS>')
    expect(outbox.record(id).buttonsUntil).toBeNull()
    expect(replies('C2OPS')).toHaveLength(1)
  })

  test('takes them also in the run in which the last word was said', async () => {
    outbox.begin(promotionView(), channel)
    go()
    await quiet()
    // The last word is said, what comes right after it is refused.
    slack.misbehave(({ method, args }) => (method === 'chat.postMessage' && args['channel'] === channel && replies().length > 0 ? { error: 'restricted_action' } : undefined))
    outbox.setChannel('C2OPS')
    outbox.change(id, rolledBack, [notice, { kind: 'announcement', announcement: { kind: 'drift', at: '2026-11-24T14:06:20Z', service: 'web', what: 'changed' } }])
    await quiet()
    expect([replies().length, replies('C2OPS').length]).toEqual([1, 1])
    expect(buttonsOn(replies()[0])).toBe(0)
  })

  test.each([
    ['an error', { error: 'cant_update_message' }], ['no answer', { drop: true }], ['a pause that is too long to wait for', { status: 429, retryAfter: 5 }],
  ] as const)('is left all the same when Slack says %s to that', async (_name, failure) => {
    await closed('restricted_action_read_only_channel')
    outbox.setChannel('C2OPS')
    slack.fail('chat.update', failure)
    outbox.change(id, {}, lines(status('Pending', 'Updating')))
    await slack.until(() => replies('C2OPS').length === 1)
    expect(slack.requests('chat.update')).toHaveLength(1)
    await quiet()
    expect([parents('C2OPS').length, replies('C2OPS').length]).toEqual([1, 1])
  })

  test('is shown as text where Slack does not draw it', async () => {
    await closed('restricted_action_read_only_channel')
    slack.fail('chat.update', { error: 'invalid_blocks' })
    await moreToSay()
    expect(parents()[0]?.text).toMatch(/^Rolling out: .*\nGoes on in a direct message to <@U1ANA>\nMore: `\/convox promotions info PAAAAAAAAAA`$/u)
    expect(parents()[0]?.blocks ?? []).toEqual([])
  })

  test('is not asked for what it cannot do: an archived channel stays as it is', async () => {
    outbox.begin(promotionView(), channel)
    go()
    await quiet()
    slack.setChannel(channel, { archived: true })
    await moreToSay()
    expect(slack.requests('chat.update')).toEqual([])
    expect(outbox.record(id).channel).toMatch(/^D/u)
  })
})

describe('buttons of a last word', () => {
  const buttons = () => replies().at(-1)?.blocks?.filter(({ type }) => type === 'actions').length
  const settled = async (): Promise<void> => {
    outbox.begin(promotionView(), channel)
    go()
    await quiet()
    outbox.change(id, rolledBack, [notice])
    await quiet()
  }

  test('go when they are used, and everything else stays', async () => {
    await settled()
    const before = replies().at(-1)
    expect(buttons()).toBe(1)
    outbox.retireButtons(id)
    await quiet()
    const after = replies().at(-1)
    expect(buttons()).toBe(0)
    expect(after).toMatchObject({ ts: before?.ts, text: before?.text, broadcast: true, metadata: before?.metadata })
    expect(after?.blocks).toEqual(before?.blocks?.filter(({ type }) => type !== 'actions'))
  })

  test('are forgotten when the message is gone', async () => {
    await settled()
    const last = replies().at(-1)
    if (last === undefined) throw new Error('no last word')
    slack.as('U2BO').deleteMessage(last)
    outbox.retireButtons(id)
    await quiet()
    expect(outbox.record(id).buttonsUntil).toBeNull()
    expect(parents()).toHaveLength(1)
  })
})

test('after an absence the events of it are one line', async () => {
  outbox.setAbsence({ from: new Date('2026-11-24T14:05:00Z'), until: new Date('2026-11-24T14:09:31Z') })
  outbox.begin(promotionView(), channel, [...lines(status('Running', 'Pending')), ...Array.from({ length: 38 }, (_, index) => lines(event(`event ${index}`))).flat(), ...lines(status('Pending', 'Updating'))])
  go()
  await quiet()
  const told = replies().map(({ text }) => text).join('\n')
  expect(told).toContain('2026-11-24T14:09:31Z system/convox/promotion bot was away 14:05:00-14:09:31 UTC, 38 events summarised')
  expect(told).not.toContain('event 7')
  expect(told).toContain('Status: Pending =&gt; Updating')
  expect(replies()).toHaveLength(1)
})

test.each([
  ['that a database\'s clock made up, while this process was in touch, is none', 6_000, 5],
  ['that this process was part of is one', 61_000, 0],
] as const)('an absence %s', async (_name, passed, told) => {
  let ahead = 0
  let marks = 0
  const store = outbox.store('one')
  const counting = { ...outbox, store: () => ({ ...store, present: () => {
    marks += 1
    return store.present()
  } }) }
  outbox.begin(promotionView(), channel)
  const sender = senderOf(slack, counting, 'one', quick, { now: () => Date.now() + ahead })
  senders.push(sender)
  sender.start()
  await quiet()
  outbox.setAbsence({ from: new Date('2026-11-24T14:05:00Z'), until: new Date('2026-11-24T15:05:00Z') })
  ahead = passed
  await slack.until(() => marks > 1)
  outbox.change(id, {}, Array.from({ length: 5 }, (_, index) => lines(event(`event ${index}`))).flat())
  await quiet()
  const text = replies().map((reply) => reply.text).join('\n')
  expect([text.match(/event \d/gu)?.length ?? 0, text.includes('bot was away')]).toEqual([told, told === 0])
})

test('a card that may be late says so, and a final one never does', async () => {
  const slow = { ...quick, tellBehind: 100, rules: { ...quick.rules, update: { ...quick.rules.update, every: 400, ahead: { urgent: 'apart', prompt: 0, ordinary: 0 } } } } as const
  const ids = [id, 'PBBBBBBBBBB', 'PCCCCCCCCCC']
  for (const one of ids) outbox.begin(promotionView({ id: one }), channel)
  go('one', slow)
  await quiet()
  for (const one of ids) outbox.change(one, progressed(1))
  await quiet()
  expect(slack.transcript(channel)).toMatch(/Slack slows me down: this may be up to \d+ s behind/u)
  for (const one of ids) outbox.change(one, succeeded, [notice])
  await quiet()
  expect(slack.transcript(channel)).not.toContain('Slack slows me down')
})

test('a stop finishes what is being said and gives its leases back', async () => {
  slack.fail('chat.postMessage', { delay: 300 })
  outbox.begin(promotionView(), channel, lines(status('Running', 'Pending')))
  const sender = go()
  await slack.until(() => posts() >= 1)
  await sender.stop()
  expect(outbox.record(id)).toMatchObject({ owner: null, card: { state: 'sent' } })
  expect(parents()).toHaveLength(1)
})
