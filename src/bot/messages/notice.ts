import type { PromotionView } from '../../rack/promotion-view.ts'
import type { Cause, LogExcerpt } from '../../rack/cause.ts'
import { isFinal } from '../../rack/promotion.ts'
import { actions, codeBlock, context, section, withIds, type Message } from '../blocks.ts'
import { runningNothingTold } from './card-progress.ts'
import { hintOf, type LogPlace } from './causes.ts'
import { bothWhys, cancelSentence, explanation, runningNow, whyOf } from './outcome.ts'
import { commandFor } from './printed-command.ts'
import { appCode, cancelledBy, endOf, isStopped, namesOf, nothingChanged, ranReleaseCommand, spans, supersedingCause, wayBack } from './promotion-facts.ts'
import { code, enumerated, joined, mentioning, person, say, type Phrase } from './phrase.ts'
import { noticeButton } from './promotion-buttons.ts'
import { textOf } from './promotion-title.ts'
import { cut, escapeMrkdwn } from './plain-text.ts'
import { lastLine } from './thread.ts'
import { duration } from './times.ts'

/** The last message of a thread. `broadcast`: also shown in the channel. */
export interface Notice extends Message {
  readonly broadcast: boolean
  /** Slack ids it mentions, and so notifies: requester and approvers. */
  readonly mentions: readonly string[]
}

/** Log lines in a notice: at most 12 of at most 200, 2,500 characters in all (cards.md 4). */
const log = { lines: 12, line: 200, characters: 2500 } as const

/** Everybody a notice is for: who asked and who approved. */
export const mentionsOf = (view: PromotionView): readonly string[] => [...new Set([view.requester, ...view.approvals.votes.map(({ by }) => by)])]

const addressed = (view: PromotionView): Phrase => {
  const asked = say`${person(view.requester)} (asked)`
  const approvers = mentionsOf(view).slice(1).map((id) => person(id))
  return approvers.length === 0 ? say`For ${asked}.` : say`For ${asked}${approvers.length === 1 ? ' and ' : ', '}${enumerated(approvers, 'and')} (approved).`
}

const headline = (view: PromotionView): Phrase => {
  const app = appCode(view)
  const release = code(view.release.id)
  const back = wayBack(view)
  const target = back === null ? say`its last release` : say`${code(back)}`
  switch (view.status) {
    case 'rolled_back': return say`↩️ *Rolled back: ${app} runs ${target} again.*`
    case 'rollback_failed': return say`🛑 *Rollback FAILED: ${app} is not back on ${target}. A person has to act.*`
    case 'superseded': return say`🔀 *Superseded: ${release} on ${app} was stopped.*`
    case 'rejected': return say`🚫 *Rejected: ${release} for ${app}.*`
    case 'expired': return say`⌛ *Expired: ${release} for ${app}.*`
    case 'cancelled': return say`⏹️ *Cancelled: ${release} for ${app}.*`
    default: return say`❌ *Failed: ${release} is not running on ${app}.*`
  }
}

const processOf = (cause: Cause): Phrase => {
  if (cause.process === undefined) return []
  return cause.reason === undefined ? say` Process ${code(cause.process)}.` : say` Process ${code(cause.process)}: ${code(cause.reason)}.`
}

const why = (view: PromotionView): Phrase | null => {
  if (view.status === 'rollback_failed') return bothWhys(view)
  if (view.status !== 'failed' && view.status !== 'rolled_back') return explanation(view, 'below')
  const cancel = cancelSentence(view)
  if (cancel !== null) return say`*Why* ${cancel}`
  return view.cause === null ? null : say`*Why* ${whyOf([view.cause, ...view.otherCauses], processOf)}`
}

const running = (view: PromotionView): Phrase | null => {
  const now = view.status === 'failed' && isStopped(view) && !nothingChanged(view) ? runningNothingTold(view) : runningNow(view)
  if (now === null) return null
  return view.status === 'rollback_failed' ? say`*Running now* ${now}. Nothing more happens by itself.` : say`*Running now* ${now}`
}

const pushAgain = (view: PromotionView): boolean => view.rollbackCause?.kind === 'image_not_found'

const hinted = (view: PromotionView, cause: Cause | null, place: LogPlace): Phrase | null => {
  const hint = cause === null ? [] : hintOf(cause, place, view)
  return hint.length === 0 ? null : say`*What to do* ${hint}`
}

/** Going back undoes no migration (cards.md 4). */
const commandStays = (view: PromotionView): Phrase | null =>
  ranReleaseCommand(view) && (view.status === 'rolled_back' || view.status === 'rollback_failed') ? say`What the release command did stays.` : null

const whatToDo = (view: PromotionView): Phrase | null => {
  if (view.status === 'rollback_failed') {
    const first = pushAgain(view) ? say`Push that image again, then Try again` : say`Put right what it names, then Try again`
    return say`*What to do* ${first}; or roll back to another of ${commandFor(view, 'releases')}.`
  }
  if (view.status === 'superseded') return hinted(view, supersedingCause(view), 'below')
  if (cancelledBy(view) !== null || view.cause === null) return null
  return hinted(view, view.cause, view.logs.some(({ lines }) => lines.length > 0) ? 'below' : 'thread')
}

const absences = {
  never_started: 'No log: the container never started.',
  not_kept: 'No log: the cluster has not kept it.',
  not_answered: 'No log: the cluster did not answer in time.',
} as const satisfies Record<NonNullable<LogExcerpt['none']>, string>

/** The excerpt of the service that explains it; the others are in the database. */
const excerptOf = (view: PromotionView): LogExcerpt | null => {
  const same = view.logs.filter(({ service }) => service === view.cause?.service)
  const candidates = same.length === 0 ? view.logs : same
  return candidates.find(({ lines }) => lines.length > 0) ?? candidates[0] ?? null
}

/** The newest lines that fit. */
const logText = (lines: readonly string[]): string => {
  const kept: string[] = []
  let size = 0
  for (const line of lines.slice(-log.lines).toReversed()) {
    const short = cut(line, log.line)
    size += escapeMrkdwn(short).length + 1
    if (size > log.characters - 8 && kept.length > 0) break
    kept.unshift(short)
  }
  return kept.join('\n')
}

const logBlock = (view: PromotionView) => {
  if (cancelledBy(view) !== null || (view.status !== 'failed' && view.status !== 'rolled_back')) return null
  const excerpt = excerptOf(view)
  if (excerpt === null) return null
  if (excerpt.lines.length > 0) return codeBlock(logText(excerpt.lines), log.characters)
  return excerpt.none === undefined ? null : section(say`${absences[excerpt.none]}`)
}

const timing = (view: PromotionView): Phrase | null => {
  const { failedAfter, backAfter } = spans(view)
  if (view.status !== 'rolled_back' || failedAfter === null) return null
  return say`${endOf(view)} after ${duration(failedAfter)}${backAfter === null ? '' : `, back ${duration(backAfter)} later`} · id ${view.ref}`
}

/** Whether the whole channel sees it: failure, automatic rollback, failed rollback, a rollback broken off (design 6). */
export const isBroadcast = (view: PromotionView): boolean => {
  if (view.status === 'rollback_failed') return true
  if (view.status === 'superseded') return view.failedAt !== null
  if (cancelledBy(view) !== null) return false
  return view.status === 'failed' || view.status === 'rolled_back'
}

/** The last message of the thread of every end but success; it ends in the `ERROR:` line. Null before the end and after a success (`OK` stands alone). */
export const notice = (view: PromotionView): Notice | null => {
  const last = lastLine(view)
  if (last === null || !isFinal(view.status) || view.status === 'succeeded') return null
  const body = [say`${headline(view)} ${addressed(view)}`, why(view), running(view), commandStays(view), whatToDo(view)].filter((part) => part !== null)
  const end = timing(view)
  return {
    text: textOf(view),
    blocks: withIds(view.id, view.rev, [
      // Whoever rejected or cancelled it knows.
      ['notice', section(mentioning(mentionsOf(view), joined(body, '\n'), namesOf(view)))],
      ['log', logBlock(view)],
      ['notice_context', end === null ? null : context(end)],
      ['last_line', codeBlock(last, 2000)],
      ['notice_actions', actions([noticeButton(view)])],
    ]),
    broadcast: isBroadcast(view),
    mentions: mentionsOf(view),
  }
}
