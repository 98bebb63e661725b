import { elementsOf } from '../../sandbox/slack/block-rules.ts'
import type { Message } from '../../sandbox/slack/records.ts'
import type { SimulatedSlack } from '../../sandbox/slack/start.ts'

/** What the database says of one promotion, to hold against what people saw. */
export interface Told {
  readonly id: string
  readonly status: string
  readonly channel: string
  readonly cardState: string
  /** Rows of its outbox in order. */
  readonly rows: readonly { readonly seq: number; readonly kind: string; readonly state: string; readonly why: string | null }[]
}

/** How the card's text begins at each end (reference/cards.md 2.1). */
const words: Readonly<Record<string, string>> = {
  succeeded: 'Succeeded: ', rejected: 'Rejected: ', expired: 'Expired: ', cancelled: 'Cancelled: ', failed: 'Failed: ', superseded: 'Superseded: ',
  rolled_back: 'Rolled back: ', rollback_failed: 'Rollback FAILED: ',
}

/** What may be other than usual because somebody made it so. */
export interface Excuses {
  /** Channels in which a card was deleted, may not be edited any more, or was lost from sight (`unread`): another one follows there. */
  readonly cardsAnew: ReadonlySet<string>
  /** Channels that took nothing more from us: the conversation went on elsewhere. */
  readonly left: ReadonlySet<string>
  /** Channels in which nothing of ours could be changed any more: what was left behind there keeps its buttons. */
  readonly sealed: ReadonlySet<string>
  /** Channels that could not be read back when the answer to a post was lost: a card may stand there twice, and nobody knows of the first one. */
  readonly unread: ReadonlySet<string>
}

/** `rows`: the outbox rows it carries, as ranges with both ends. */
interface Ours { readonly message: Message; readonly key: string; readonly rows: readonly (readonly [from: number, to: number])[] }

const keyOf = (message: Message, promotion: string): string | undefined => {
  const payload = message.metadata?.event_payload
  const key = payload?.['p'] === promotion ? payload['k'] : undefined
  return typeof key === 'string' ? key : undefined
}

const oursOf = (slack: SimulatedSlack, promotion: string): readonly Ours[] =>
  slack.workspace.channels().flatMap(({ id }) => slack.messages(id)).flatMap((message) => {
    const key = message.subtype === undefined ? keyOf(message, promotion) : undefined
    const rows = [...(key ?? '').matchAll(/(\d+)-(\d+)/gu)].map(([, from, to]) => [Number(from), Number(to)] as const)
    return key === undefined ? [] : [{ message, key, rows }]
  })

const buttonsOf = (message: Message): number => (message.blocks ?? []).flatMap((block) => elementsOf(block)).length

/** The card, or one that says that it was left behind. */
const isCard = ({ key }: Ours): boolean => key === 'card' || key === 'left'

const newestCard = (told: Told, ours: readonly Ours[]): Message | undefined =>
  ours.filter(({ key, message }) => key === 'card' && message.channel === told.channel).toSorted((a, b) => Number(a.message.ts) - Number(b.message.ts)).at(-1)?.message

/** Buttons of what nobody draws again: of a card that is not the newest one, and of a last word where the conversation is no more. */
const leftFaults = (told: Told, ours: readonly Ours[], excuses: Excuses): readonly string[] => {
  const newest = newestCard(told, ours)
  const left = ours.filter((one) => (isCard(one) ? one.message !== newest : one.message.channel !== told.channel) && buttonsOf(one.message) > 0)
  const mayStay = ({ key, message }: Ours): boolean => excuses.sealed.has(message.channel) || (key === 'card' && message.channel === told.channel && excuses.unread.has(told.channel))
  return left.filter((one) => !mayStay(one)).map(({ key, message }) => `what was left behind in ${message.channel} (${key}) has ${String(buttonsOf(message))} live buttons`)
}

const cardFaults = (told: Told, ours: readonly Ours[], excuses: Excuses): readonly string[] => {
  const cards = ours.filter((one) => isCard(one) && !(excuses.left.has(one.message.channel) && one.message.channel !== told.channel))
  const current = cards.filter(({ message }) => message.channel === told.channel)
  const newest = newestCard(told, ours)
  if (newest === undefined) return [`no card in ${told.channel} (${told.cardState})`]
  const faults: string[] = []
  const elsewhere = cards.length - current.length
  if (elsewhere > 0) faults.push(`${String(elsewhere)} cards in other channels`)
  if (current.length > 1 && !excuses.cardsAnew.has(told.channel)) faults.push(`${String(current.length)} cards in one channel`)
  if (!newest.text.startsWith(words[told.status] ?? 'not ended')) faults.push(`the card says "${newest.text}"`)
  if (buttonsOf(newest) > 0) faults.push(`the finished card has ${String(buttonsOf(newest))} live buttons`)
  return faults
}

const threadFaults = (told: Told, ours: readonly Ours[]): readonly string[] => {
  const messages = ours.filter(({ key }) => key.startsWith('rows:')).toSorted((a, b) => Number(a.message.ts) - Number(b.message.ts))
  const faults: string[] = []
  for (const { seq, kind, state, why } of told.rows) {
    const carrying = messages.filter(({ rows }) => rows.some(([from, to]) => from <= seq && seq <= to))
    if (carrying.length > 1) faults.push(`row ${String(seq)} (${kind}) is said ${String(carrying.length)} times`)
    if (carrying.length === 0) faults.push(`row ${String(seq)} (${kind}) is not said: ${state} ${why ?? ''}`)
    if (state !== 'sent') faults.push(`row ${String(seq)} (${kind}) is ${state} ${why ?? ''}`)
  }
  const order = messages.map(({ rows }) => rows[0]?.[0] ?? 0)
  if (order.some((from, index) => from < (order[index - 1] ?? 0))) faults.push(`the thread is out of order: ${order.join(', ')}`)
  const notices = told.rows.filter(({ kind }) => kind === 'notice')
  if (notices.length !== 1) faults.push(`${String(notices.length)} last words`)
  const lines = messages.flatMap(({ message }) => message.text.split('\n').filter((line) => /^\d{4}-\d\d-\d\dT/u.test(line)))
  for (const line of new Set(lines)) if (lines.filter((one) => one === line).length > 1) faults.push(`the thread says twice: ${line}`)
  return faults
}

/** Somebody's phone rang more than once for the same thing. Where the conversation went on elsewhere its card rings there too, once. */
const noticeFaults = (slack: SimulatedSlack, ours: readonly Ours[], excuses: Excuses): readonly string[] => {
  const rung = new Map<string, Set<string>>()
  for (const { user, channel, ts } of slack.notified()) {
    const mine = ours.find(({ message }) => message.channel === channel && message.ts === ts)
    if (mine === undefined || (isCard(mine) && excuses.cardsAnew.has(channel))) continue
    const what = isCard(mine) ? `the card in ${channel}` : `row ${String(mine.rows.at(-1)?.[1])}`
    rung.set(`${user} of ${what}`, (rung.get(`${user} of ${what}`) ?? new Set()).add(`${channel} ${ts}`))
  }
  return [...rung].filter(([, messages]) => messages.size > 1).map(([who, messages]) => `${who} was notified ${String(messages.size)} times`)
}

/** Everything about one ended promotion that people should not have seen, or should have; none when all is right. */
export const faultsOf = (slack: SimulatedSlack, told: Told, excuses: Excuses): readonly string[] => {
  const ours = oursOf(slack, told.id)
  return [...cardFaults(told, ours, excuses), ...leftFaults(told, ours, excuses), ...threadFaults(told, ours), ...noticeFaults(slack, ours, excuses)]
}
