import type { PromotionView } from '../../rack/promotion-view.ts'
import type { Cause } from '../../rack/cause.ts'
import { hintOf, sentenceOf, type LogPlace } from './causes.ts'
import { runningMixed, runningNothing, runningRestored, runningSuperseded } from './card-progress.ts'
import { cancelledBy, isStopped, needsApproval, nothingChanged, quoted, stoppedByReleaseCommand, supersedingCause, votes } from './promotion-facts.ts'
import { code, day, joined, person, say, secs, type Phrase } from './phrase.ts'
import { cut } from './plain-text.ts'

/** Services explained one by one; of the rest only how many (cards.md 4). */
const explained = 3

const causesOf = (view: PromotionView): readonly Cause[] => (view.cause === null ? [] : [view.cause, ...view.otherCauses])

/** The sentences of all that failed at the same time, `more` after the first of them. */
export const whyOf = (causes: readonly Cause[], more: (cause: Cause) => Phrase = () => []): Phrase => {
  const shown = causes.slice(0, explained).map((cause, at) => (at === 0 ? say`${sentenceOf(cause)}${more(cause)}` : sentenceOf(cause)))
  const rest = causes.length - shown.length
  return joined(rest === 0 ? shown : [...shown, say`and ${rest} more ${rest === 1 ? 'service' : 'services'}`], '\n')
}

/** Nothing of the release was running yet when it was stopped. */
const untouched = (view: PromotionView): boolean => {
  const services = view.progress?.services ?? []
  return services.length > 0 && services.every(({ state }) => state === 'unchanged')
}

/** `@cy cancelled it at 14:06:30.` */
export const cancelSentence = (view: PromotionView): Phrase | null => {
  const who = cancelledBy(view)
  if (who === null) return null
  const at = view.ended?.at ?? (view.cause === null ? null : new Date(view.cause.firstSeen))
  const told = at === null ? say`${person(who)} cancelled it.` : say`${person(who)} cancelled it at ${secs(at)}.`
  return untouched(view) ? say`${told} No service had changed.` : told
}

const why = (text: Phrase, hint: Phrase): Phrase => (hint.length === 0 ? say`*Why* ${text}` : say`*Why* ${text}\n*What to do* ${hint}`)

const failure = (view: PromotionView, place: LogPlace): Phrase | null => {
  const cancel = cancelSentence(view)
  if (cancel !== null) return say`*Why* ${cancel}`
  return view.cause === null ? null : why(whyOf(causesOf(view)), hintOf(view.cause, place, view))
}

/** Who changed it; before that, what had failed, where it broke off a rollback. */
export const supersededWhy = (view: PromotionView): Phrase | null => {
  const theirs = supersedingCause(view)
  if (theirs === null) return null
  if (view.cause === null || view.cause === theirs) return say`*Why* ${sentenceOf(theirs)}`
  return say`*Why it went back* ${cancelSentence(view) ?? whyOf(causesOf(view))}\n*Why it stopped* ${sentenceOf(theirs)}`
}

const leftQueue = (view: PromotionView): boolean => !needsApproval(view) || view.approvals.votes.length >= view.approvals.needed

const endedByHand = (view: PromotionView): Phrase | null => {
  const { ended } = view
  if (ended === null) return null
  if (view.status === 'rejected') {
    const reason = ended.reason === undefined || ended.reason === '' ? [] : say`: ${quoted(cut(ended.reason, 500))}`
    return say`Rejected by ${person(ended.by)}, ${day(ended.at)}${reason}`
  }
  return leftQueue(view) ? say`Left the queue: ${person(ended.by)}, ${day(ended.at)}` : say`Cancelled by ${person(ended.by)}, ${day(ended.at)}`
}

const expired = (view: PromotionView): Phrase => {
  const at = view.expiresAt ?? view.finishedAt
  return at === null ? say`Expired with ${votes(view)} approvals` : say`Expired ${day(at)} with ${votes(view)} approvals`
}

/** Why it stands as it does: causes with their hint, or who ended it; null where there is nothing to explain. */
export const explanation = (view: PromotionView, place: LogPlace): Phrase | null => {
  switch (view.status) {
    case 'rejected':
    case 'cancelled': return endedByHand(view)
    case 'expired': return expired(view)
    case 'rolling_back': return cancelSentence(view) ?? (view.cause === null ? null : whyOf(causesOf(view)))
    case 'superseded': return supersededWhy(view)
    case 'failed':
    case 'rolled_back': return failure(view, place)
    case 'rollback_failed': return bothWhys(view)
    default: return null
  }
}

/** Why it went back, and why that failed. */
export const bothWhys = (view: PromotionView): Phrase => {
  const first = cancelSentence(view) ?? whyOf(causesOf(view))
  const second = view.rollbackCause === null ? say`Its cause was not kept.` : sentenceOf(view.rollbackCause)
  return say`*Why it went back* ${first}\n*Why that failed* ${second}`
}

/** What runs now, once it is over; null where nothing was changed by it. */
export const runningNow = (view: PromotionView): Phrase | null => {
  switch (view.status) {
    case 'failed':
      if (stoppedByReleaseCommand(view)) return say`${view.from === null ? say`nothing, as before` : say`${code(view.from)}`}, no service was touched; what the command did stays`
      if (nothingChanged(view)) return view.from === null ? say`nothing, as before` : say`${code(view.from)}, nothing changed`
      return isStopped(view) ? runningNothing(view) : runningMixed(view)
    case 'superseded': return runningSuperseded(view, supersedingCause(view))
    case 'rolled_back': return runningRestored(view)
    case 'rollback_failed': return runningMixed(view)
    default: return null
  }
}
