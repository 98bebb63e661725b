import type { PromotionView } from '../../rack/promotion-view.ts'
import type { ThreadLine } from '../../rack/thread-line.ts'
import { isFinal } from '../../rack/promotion.ts'
import { codeText } from '../blocks.ts'
import { causeLine, managerOf } from './causes.ts'
import {
  cancelledBy, causeWords, isFirstRelease, isStopped, namesOf, needsApproval, nothingChanged, rollbackSource, stillRunning, stoppedByReleaseCommand, supersedingCause, votes, wayBack,
} from './promotion-facts.ts'
import { nameOf, type Names } from './phrase.ts'
import { cleanText, cut, escapeMrkdwn } from './plain-text.ts'
import { lostWords } from './warnings.ts'

/** A line as the thread says it: a fact of the rack, or how much was left out. */
export type SaidLine = ThreadLine
  | { readonly kind: 'omitted'; readonly at: string; readonly count: number }
  /** Nobody was in touch with Slack. */
  | { readonly kind: 'away'; readonly at: string; readonly from: Date; readonly until: Date; readonly events: number }

/** Limits of one thread message and of one of its lines (cards.md 3). */
const chunk = { lines: 20, characters: 2500, line: 500 } as const

/** A name in a line, cut so that `room` below always suffices. */
const at = (id: string, names: Names): string => `@${cut(nameOf(id, names), 40)}`

/** A digest has 64 digits, and the cluster names it with every image; twelve tell it apart (cards.md 1.4). */
const shortDigests = (text: string): string => text.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]{52}/g, '$1')

const gateOf = ({ lock, freeze }: { readonly lock?: string; readonly freeze?: string }, names: Names): string =>
  (lock === undefined ? `the freeze "${freeze ?? ''}"` : `the lock of ${at(lock, names)}`)

const clockOf = (at: Date): string => at.toISOString().slice(11, 19)

const words = (line: Exclude<SaidLine, { kind: 'omitted' }>, names: Names): readonly [stream: string, text: string] => {
  const ours = 'system/convox/promotion'
  switch (line.kind) {
    case 'status': return ['system/k8s/atom/app', `Status: ${line.from} => ${line.to}`]
    case 'event': return [`system/k8s/${line.object}`, `${shortDigests(line.text)}${line.count > 1 ? ` (x${line.count})` : ''}`]
    case 'output': return [`release/${line.process}`, line.text]
    case 'asked': return [ours, `asked by ${at(line.by, names)}`]
    case 'approved': return [ours, `approved by ${at(line.by, names)} (${line.have} of ${line.need})`]
    case 'votes_cleared': return [ours, `approvals cleared: ${line.part} changed`]
    case 'vote_dropped': return [ours, `approval of ${at(line.by, names)} no longer counts: ${lostWords[line.why]}`]
    case 'cause':
      return [ours, line.cause.process === undefined ? causeLine(line.cause, names) : `${causeLine(line.cause, names)}, process ${line.cause.process}`]
    case 'blind': return [ours, 'the cluster does not answer']
    case 'sighted': return [ours, `the cluster answers again after ${line.seconds} s`]
    case 'cancelled': return [ours, `cancelled by ${at(line.by, names)}`]
    case 'waits': return [ours, `waits for ${gateOf(line, names)}`]
    case 'passes': return [ours, `passes ${gateOf(line, names)}`]
    case 'overridden': return [ours, `freeze overridden by ${at(line.by, names)}`]
    case 'warning': return [ours, `warning: ${line.text}`]
    case 'away': return [ours, `bot was away ${clockOf(line.from)}-${clockOf(line.until)} UTC, ${line.events} events summarised`]
  }
}

/** `<RFC 3339 UTC> <stream> <text>`, at most 500; outside text on one line, not yet escaped. */
export const threadLine = (line: SaidLine, names: Names = {}): string => {
  if (line.kind === 'omitted') return `… ${line.count} ${line.count === 1 ? 'line' : 'lines'} omitted`
  const [stream, text] = words(line, names)
  return cut(`${line.at} ${cleanText(stream)} ${cleanText(text)}`, chunk.line)
}

/** A line that says the same as the one before it. The cluster counts its repeats itself, so that a growing count is the same event again. */
const merged = (before: SaidLine | undefined, line: SaidLine): SaidLine | null => {
  if (before?.kind !== 'event' || line.kind !== 'event' || before.object !== line.object || before.text !== line.text) return null
  return { ...before, count: line.count > before.count ? line.count : before.count + line.count }
}

/** Escaped characters a line takes whatever people are called: a name of 40, each character escaped to five. */
const room = (line: SaidLine): number => escapeMrkdwn(threadLine(line)).length + 1 + ('by' in line || 'lock' in line || line.kind === 'cause' ? 200 : 0)

/**
 * The first lines that fit into one message, as a code block: at most 20 lines and 2,500 characters, repeats merged to `(x7)`.
 * `taken` is how many of `lines` it says; the rest belongs into the next message. At least one is taken when there is one.
 * `names` changes nothing about `taken`.
 */
export const threadChunk = (lines: readonly SaidLine[], names: Names = {}): { readonly text: string; readonly taken: number } => {
  let told: SaidLine[] = []
  let taken = 0
  for (const line of lines) {
    const last = merged(told.at(-1), line)
    const next = last === null ? [...told, line] : [...told.slice(0, -1), last]
    const size = next.reduce((sum, one) => sum + room(one), 0)
    if (told.length > 0 && (next.length > chunk.lines || size > chunk.characters - 8)) break
    told = next
    taken += 1
  }
  return { text: codeText(told.map((one) => threadLine(one, names)).join('\n'), chunk.characters), taken }
}

/** The head of the thread, and the first line of the answer to who asked (answers.md). */
export const firstLine = (view: PromotionView): string => {
  const source = rollbackSource(view)
  const head = view.kind === 'rollback' && source !== null ? `Rolling back to ${source}... OK, ${view.release.id}` : `Promoting ${view.release.id}...`
  const rolling = view.kind === 'rollback' && source !== null
  if (view.status === 'awaiting_approval' && needsApproval(view)) return `${head}${rolling ? ', ' : ' '}waiting for approval (${votes(view)})`
  const [wait] = view.waits ?? []
  if (view.status === 'queued' && view.queue !== null) return `${head}${rolling ? ', ' : ' '}queued behind ${view.queue.behind}`
  if (view.status !== 'queued' || wait === undefined) return head
  return `${head}${rolling ? ', ' : ' '}queued, waits for ${gateOf(wait.kind === 'lock' ? { lock: wait.owner } : { freeze: wait.reason }, namesOf(view))}`
}

const who = (id: string | undefined, view: PromotionView): string => (id === undefined ? 'somebody' : `@${nameOf(id, namesOf(view))}`)

const runningMixed = (view: PromotionView): string => {
  const services = (view.progress?.services ?? []).map(({ service, release }) => `${service} ${release ?? 'unknown'}`)
  return services.length === 0 ? '' : `; running: ${cut(services.join(', '), 200)}`
}

const failed = (view: PromotionView): string => {
  const why = causeWords(view.cause, namesOf(view))
  if (stoppedByReleaseCommand(view)) return `ERROR: no service was touched: ${why}; ${stillRunning(view)}`
  if (nothingChanged(view)) return `ERROR: nothing changed: ${why}; ${stillRunning(view)}`
  if (isFirstRelease(view)) return `ERROR: first release failed: ${why}; ${isStopped(view) ? 'scaled to 0' : 'not all of it could be scaled to 0'}`
  return `ERROR: ${why}; ${stillRunning(view)}`
}

const outcome = (view: PromotionView): string => {
  const canceller = cancelledBy(view)
  if (canceller !== null && view.status !== 'rollback_failed' && view.status !== 'superseded') {
    return `ERROR: cancelled by ${who(canceller, view)}; ${stillRunning(view)}`
  }
  switch (view.status) {
    case 'succeeded': return 'OK'
    case 'failed': return failed(view)
    case 'rolled_back': return `ERROR: rolled back to ${wayBack(view) ?? 'nothing'}: ${causeWords(view.cause, namesOf(view))}`
    case 'rollback_failed':
      return `ERROR: rollback to ${wayBack(view) ?? 'nothing'} failed: ${causeWords(view.rollbackCause, namesOf(view))}${runningMixed(view)}`
    case 'superseded': {
      const cause = supersedingCause(view)
      return `ERROR: superseded by ${cause === null ? 'somebody else' : managerOf(cause)}${cause?.service === undefined ? '' : `: ${cause.service}`}`
    }
    case 'rejected': {
      const reason = view.ended?.reason ?? ''
      return `ERROR: rejected by ${who(view.ended?.by, view)}${reason === '' ? '' : `: ${reason}`}`
    }
    case 'expired': return `ERROR: expired with ${votes(view)} approvals; ${stillRunning(view)}`
    default: return `ERROR: cancelled by ${who(view.ended?.by, view)}; ${stillRunning(view)}`
  }
}

/** The thread's last line: `OK` or `ERROR: …` (cards.md 3); null while the promotion is not final. Not yet escaped. */
export const lastLine = (view: PromotionView): string | null => (isFinal(view.status) ? cut(cleanText(outcome(view)), chunk.line) : null)

/** True where the last line is a message of its own; false where `notice` ends in it. */
export const isLastLineOwnNotice = (view: PromotionView): boolean => view.status === 'succeeded'

/** A line of ours as a message's `text`: a code block. */
export const lineText = (line: string): string => codeText(line, chunk.characters)
