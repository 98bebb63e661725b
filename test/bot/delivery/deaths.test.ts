import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Sender } from '../../../src/bot/delivery/sender.ts'
import { deliverySteps, type DeliveryStep } from '../../../src/bot/delivery/steps.ts'
import type { DeliveryStore } from '../../../src/rack/delivery-store.ts'
import type { SimulatedSlack } from '../../../sandbox/slack/start.ts'
import { createOutbox, type Outbox } from './support/memory-store.ts'
import { event, promotionView, status } from './support/promotion.ts'
import { senderOf, startWorkspace } from './support/workspace.ts'

const id = 'PAAAAAAAAAA'
const channel = 'C1REL'
let slack: SimulatedSlack
let outbox: Outbox
let living: Sender[]

beforeEach(async () => {
  slack = await startWorkspace()
  outbox = createOutbox()
  living = []
})
afterEach(async () => {
  await Promise.all(living.map((sender) => sender.stop()))
  await slack.close()
})

type Side = 'before' | 'after'
/** Which write of the store is this step. */
const stepOf = (name: string, args: readonly unknown[]): DeliveryStep | null => {
  switch (name) {
    case 'claim': return 'claim'
    case 'release': return 'release'
    case 'cardSending': return 'card_sending'
    case 'cardSent': return outbox.record(id).card.state === 'sent' ? 'redrawn' : 'card_sent'
    case 'rowsSending': return isLastWord(args[1]) ? 'notice_sending' : 'lines_sending'
    case 'rowsSent': return 'lines_sent'
    case 'noticeSent': return 'notice_sent'
    case 'reroute': return 'moved'
    case 'tell': return Array.isArray(args[1]) && args[1].length === 0 ? 'told' : null
    case 'buttonsGone': return 'buttons_gone'
    default: return null
  }
}
const isLastWord = (seqs: unknown): boolean => Array.isArray(seqs) && outbox.record(id).rows.some((row) => seqs.includes(row.seq) && row.fact.kind === 'notice')

const never = new Promise<never>(() => {})

/** A process that dies at a step: what it did until then is done, and from then on it does nothing at all. */
const dyingSender = (step: DeliveryStep, side: Side): { readonly isDead: () => boolean } => {
  let dead = false
  const store = outbox.store('one')
  const mortal = new Proxy(store, {
    get: (target, name: keyof DeliveryStore) => {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function' || name === 'onWork') return method
      return async (...args: readonly unknown[]) => {
        if (dead) return never
        const here = stepOf(name, args) === step
        if (here && side === 'before') {
          dead = true
          return never
        }
        const answer: unknown = await Reflect.apply(method, target, args)
        // A claim of nothing is none.
        if (here && !(Array.isArray(answer) && answer.length === 0)) dead = true
        return dead ? never : answer
      }
    },
  })
  const sender = senderOf(slack, { ...outbox, store: () => mortal }, 'one')
  sender.start()
  return { isDead: () => dead }
}
const reborn = (): void => {
  const sender = senderOf(slack, outbox, 'one')
  living.push(sender)
  sender.start()
}
const lines = (...said: readonly ReturnType<typeof status>[]) => said.map((line) => ({ kind: 'line', line }) as const)
const rolledBack = {
  status: 'rolled_back', failedAt: new Date('2026-11-24T14:05:15Z'), finishedAt: new Date('2026-11-24T14:05:24Z'),
  cause: { kind: 'crashed_at_start', rule: 'crash-loop', service: 'web', exitCode: 1, restarts: 1, firstSeen: '2026-11-24T14:05:14Z' },
} as const

/** One card, every line once and in order, one last word that notified once, no button where none belongs. */
const expectOneStory = (where: string): void => {
  const said = slack.messages(where).filter((message) => message.metadata?.event_type === 'convox_release' && message.metadata.event_payload['k'] !== 'told')
  const cards = said.filter((message) => message.thread === undefined)
  expect(cards.map(({ text }) => text.split(':')[0])).toEqual(['Rolled back'])
  expect(cards[0]?.blocks?.some(({ type }) => type === 'actions')).toBe(false)
  const thread = said.filter((message) => message.thread !== undefined)
  expect(thread.every((message) => message.thread === cards[0]?.ts)).toBe(true)
  const told = thread.map(({ text }) => text).join('\n')
  const marks = ['Promoting RMKPLXWQVTA', 'Running =&gt; Pending', 'Container started', 'Back-off restarting']
  expect(marks.map((mark) => told.split(mark).length - 1)).toEqual([1, 1, 1, 1])
  expect(marks.map((mark) => told.indexOf(mark))).toEqual(marks.map((mark) => told.indexOf(mark)).toSorted((a, b) => a - b))
  expect(thread.filter((message) => message.broadcast === true)).toHaveLength(1)
  expect(thread.at(-1)?.broadcast).toBe(true)
  const notice = thread.at(-1)
  expect(slack.notified().filter(({ ts }) => ts === notice?.ts).map(({ user }) => user)).toEqual(['U1ANA'])
}

const deaths = deliverySteps.flatMap((step) => (['before', 'after'] as const).map((side) => ({ step, side })))

describe('a sender that is killed', () => {
  test.each(deaths.map(({ step, side }) => [side, step] as const))('%s %s leaves one card, one thread and one last word', async (side, step) => {
    if (step === 'moved' || step === 'told') slack.setChannel(channel, { archived: true })
    outbox.begin(promotionView(), channel, lines(status('Running', 'Pending')))
    const first = dyingSender(step, side)
    const over = () => first.isDead() || outbox.quiet()
    await slack.until(over)
    outbox.change(id, {}, lines(event('Container started')))
    await slack.until(over)
    outbox.change(id, rolledBack, [...lines(event('Back-off restarting')), { kind: 'notice' }])
    await slack.until(over)
    if (!first.isDead()) outbox.retireButtons(id)
    await slack.until(first.isDead)
    reborn()
    await slack.until(() => outbox.said())
    expectOneStory(outbox.record(id).channel)
    const notice = slack.messages(outbox.record(id).channel).findLast((message) => message.broadcast === true)
    expect(notice?.blocks?.filter(({ type }) => type === 'actions')).toHaveLength(step === 'buttons_gone' ? 0 : 1)
    if (step === 'moved' || step === 'told') expect(slack.seenBy('U1ANA', outbox.record(id).channel).split("I can't post in #releases")).toHaveLength(2)
  })
})
