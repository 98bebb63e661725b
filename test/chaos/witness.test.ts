import { describe, expect, it } from 'vitest'
import type { SimulatedSlack } from '../../sandbox/slack/start.ts'
import { ana, clientFor, closeAfterEach, releases, slackFor } from '../sandbox/slack/workspace.ts'
import { leaks } from './secrets.ts'
import { faultsOf, type Excuses, type Told } from './witness.ts'

closeAfterEach()

const id = 'PABCDEFGHIJ'
const none: Excuses = { cardsAnew: new Set(), left: new Set(), sealed: new Set(), unread: new Set() }
const row = (seq: number, kind = 'line', state = 'sent') => ({ seq, kind, state, why: null })
const told = (change: Partial<Told> = {}): Told => ({ id, status: 'succeeded', channel: releases, cardState: 'sent', rows: [row(1), row(2), row(3, 'notice')], ...change })

/** What the bot said: the card, then messages with the rows they carry. */
const said = async (slack: SimulatedSlack, card: string, thread: readonly (readonly [key: string, text: string])[]): Promise<string> => {
  const client = clientFor(slack)
  const metadata = (k: string) => ({ event_type: 'convox_release', event_payload: { k, p: id, r: 1 } })
  const { ts = '' } = await client.chat.postMessage({ channel: releases, text: card, metadata: metadata('card') })
  for (const [key, text] of thread) await client.chat.postMessage({ channel: releases, text, thread_ts: ts, metadata: metadata(key) })
  return ts
}
const line = (second: number): string => `2026-11-24T14:05:0${String(second)}Z system/k8s/web Container started`
const right = [['rows:1-2', `${line(1)}\n${line(2)}`], ['rows:3-3', 'OK']] as const
const good = 'Succeeded: RABCDEFGHIJ is active on shop after 52 s.'

const wrongs: readonly { readonly what: string; readonly card?: string; readonly thread?: readonly (readonly [string, string])[]; readonly told?: Partial<Told>; readonly fault: RegExp }[] = [
  { what: 'a card that shows another state', card: 'Rolling out: RABCDEFGHIJ on shop.', fault: /^the card says "Rolling out/u },
  { what: 'a line that is said twice', thread: [...right.slice(0, 1), ['rows:2-2', line(2)], ...right.slice(1)], fault: /^row 2 \(line\) is said 2 times/u },
  { what: 'the same line in two messages', thread: [['rows:1-1', line(1)], ['rows:2-2', line(1)], ...right.slice(1)], fault: /^the thread says twice: /u },
  { what: 'a line that is not said', thread: [['rows:1-1', line(1)], ...right.slice(1)], fault: /^row 2 \(line\) is not said/u },
  { what: 'a last word before what it ends', thread: [['rows:1-1', line(1)], ['rows:3-3', 'OK'], ['rows:2-2', line(2)]], fault: /^the thread is out of order: 1, 3, 2/u },
  { what: 'a row that was given up', told: { rows: [row(1), row(2, 'line', 'dead'), row(3, 'notice')] }, fault: /^row 2 \(line\) is dead/u },
  { what: 'no last word', told: { rows: [row(1), row(2)] }, fault: /^0 last words/u },
  { what: 'a person who is told twice', thread: [...right.slice(0, 1), ['rows:3-3', `<@${ana}> OK`], ['rows:3-3', `<@${ana}> OK`]], fault: /^UANA00001 of row 3 was notified 2 times/u },
  { what: 'a card in another channel', told: { channel: 'CGENERAL1' }, fault: /^no card in CGENERAL1/u },
]

describe('what people saw', () => {
  const button = { type: 'button', action_id: 'approve', text: { type: 'plain_text', text: 'Approve' } } as const
  const live = [{ type: 'actions', elements: [button] }]

  it('is right when all was said once and in order', async () => {
    const slack = await slackFor()
    await said(slack, good, right)
    expect(faultsOf(slack, told(), none)).toEqual([])
  })

  it.each(wrongs)('is wrong with $what', async ({ card = good, thread = right, told: change, fault }) => {
    const slack = await slackFor()
    await said(slack, card, thread)
    expect(faultsOf(slack, told(change), none).join('\n')).toMatch(new RegExp(fault.source, 'mu'))
  })

  it('is wrong with two cards, unless somebody took the first one away', async () => {
    const slack = await slackFor()
    await said(slack, good, [])
    await said(slack, good, right)
    expect(faultsOf(slack, told(), none)).toEqual(['2 cards in one channel'])
    expect(faultsOf(slack, told(), { ...none, cardsAnew: new Set([releases]) })).toEqual([])
  })

  it('is wrong with a card that rings twice, whatever happened to other channels', async () => {
    const slack = await slackFor()
    await said(slack, `<@${ana}> ${good}`, [])
    await said(slack, `<@${ana}> ${good}`, right)
    const rings = (excuses: Excuses) => faultsOf(slack, told(), excuses).filter((fault) => fault.includes('notified'))
    const twice = [`${ana} of the card in ${releases} was notified 2 times`]
    expect(rings(none)).toEqual(twice)
    expect(rings({ ...none, left: new Set(['CGENERAL1']), cardsAnew: new Set(['CGENERAL1']), unread: new Set(['CGENERAL1']) })).toEqual(twice)
    expect(rings({ ...none, cardsAnew: new Set([releases]) })).toEqual([])
  })

  it('counts the rows that one message carries, also those that are not neighbours', async () => {
    const slack = await slackFor()
    await said(slack, good, [['rows:2-2', line(2)], ['rows:1-1,3-3', line(1)]])
    expect(faultsOf(slack, told(), none)).toEqual(['the thread is out of order: 2, 1'])
  })

  it('is wrong with a button on a finished card', async () => {
    const slack = await slackFor()
    const ts = await said(slack, good, right)
    await clientFor(slack).chat.update({ channel: releases, ts, text: good, blocks: live })
    expect(faultsOf(slack, told(), none)).toEqual(['the finished card has 1 live buttons'])
  })

  it.each(['card', 'left', 'rows:1-1'])('is wrong with a button on what was left behind elsewhere, if it could be changed: %s', async (k) => {
    const slack = await slackFor()
    await said(slack, good, right)
    await clientFor(slack).chat.postMessage({ channel: 'CGENERAL1', text: 'Waiting for approval: …', blocks: live, metadata: { event_type: 'convox_release', event_payload: { k, p: id, r: 1 } } })
    const moved = { ...none, left: new Set(['CGENERAL1']) }
    const faults = (excuses: Excuses) => faultsOf(slack, told(), excuses).filter((fault) => fault.includes('live buttons'))
    expect(faults(moved)).toEqual([`what was left behind in CGENERAL1 (${k}) has 1 live buttons`])
    expect(faults({ ...moved, sealed: new Set(['CGENERAL1']) })).toEqual([])
  })

  it('is wrong with a button on an earlier card, also where another one had to follow', async () => {
    const slack = await slackFor()
    const ts = await said(slack, good, [])
    await said(slack, good, right)
    const anew = { ...none, cardsAnew: new Set([releases]) }
    expect(faultsOf(slack, told(), anew)).toEqual([])
    await clientFor(slack).chat.update({ channel: releases, ts, text: good, blocks: live })
    expect(faultsOf(slack, told(), anew)).toEqual([`what was left behind in ${releases} (card) has 1 live buttons`])
    expect(faultsOf(slack, told(), { ...anew, unread: new Set([releases]) })).toEqual([])
  })
})

describe('env values', () => {
  it.each([
    ['as they are', 'x s3cr3t/val+ue y'],
    ['in base64', `x ${Buffer.from('s3cr3t/val+ue').toString('base64')} y`],
    ['in a URL', `x ${encodeURIComponent('s3cr3t/val+ue')} y`],
    ['in hex', `x ${Buffer.from('s3cr3t/val+ue').toString('hex')} y`],
  ])('are found %s', (_, text) => {
    expect(leaks(['s3cr3t/val+ue'], { 'the logs': text, 'the database': 'nothing' })).toEqual([expect.stringMatching(/^env value 0 stands in the logs: …x <value>=* y…$/u)])
    expect(leaks(['another'], { 'the logs': text })).toEqual([])
  })
})
