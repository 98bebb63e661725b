import type { Cause } from '../../rack/cause.ts'
import type { Wait } from '../../rack/gate/gate.ts'
import type { PromotionView } from '../../rack/promotion-view.ts'
import { managerOf } from './causes.ts'
import { cleanText, cut, cutSentence, inert, withoutPictures } from './plain-text.ts'
import { appOf, cancelledBy, causeWords, isFirstRelease, isStopped, namesOf, nothingChanged, spans, supersedingCause, votes, wayBack } from './promotion-facts.ts'
import { nameOf } from './phrase.ts'
import { dayAndTime, duration, timeOfDay } from './times.ts'

/** The card's header: the state's own emoji and word, the app, the release (cards.md 2.1). */
export const titleOf = (view: PromotionView): string => {
  const app = cleanText(appOf(view))
  const { id } = view.release
  const back = wayBack(view)
  switch (view.status) {
    case 'awaiting_approval': return `⏳ Waiting for approval: ${app} ${id}`
    case 'queued': return `🕓 Queued: ${app} ${id}`
    case 'rolling_out': return `🚀 Rolling out: ${app} ${id}`
    case 'rolling_back': return back === null ? `⏪ Rolling back: ${app}, scaling to 0` : `⏪ Rolling back: ${app} to ${back}`
    case 'succeeded': return `✅ Succeeded: ${app} runs ${id}`
    case 'rejected': return `🚫 Rejected: ${app} ${id}`
    case 'expired': return `⌛ Expired: ${app} ${id}`
    case 'cancelled': return `⏹️ Cancelled: ${app} ${id}`
    case 'failed': return `❌ Failed: ${app} ${id}`
    case 'superseded': return `🔀 Superseded: ${app} ${id}`
    case 'rolled_back': return back === null ? `↩️ Rolled back: ${app}` : `↩️ Rolled back: ${app} to ${back}`
    case 'rollback_failed': return `🛑 Rollback FAILED: ${app} needs a person`
  }
}

const stays = (view: PromotionView): string => (view.from === null ? 'Nothing is active yet.' : `${view.from} stays active.`)
const by = (id: string | undefined, view: PromotionView): string => (id === undefined ? 'somebody' : cut(withoutPictures(nameOf(id, namesOf(view))).trim() || id, 30))

const short = (cause: Cause | null, view: PromotionView): string => cut(causeWords(cause, namesOf(view)), 100)

const expires = (view: PromotionView): string => (view.expiresAt === null ? '' : `, expires ${timeOfDay(view.expiresAt)} UTC`)

const servicesReady = (view: PromotionView): string => {
  const services = view.progress?.services ?? []
  const ready = services.filter(({ state }) => state === 'ready' || state === 'unchanged').length
  return services.length === 0 ? 'checking it first' : `${ready} of ${services.length} services ready`
}

const waitsFor = (wait: Wait, view: PromotionView): string => {
  const what = wait.kind === 'lock' ? `the lock of ${by(wait.owner, view)}` : `the freeze "${cut(cleanText(wait.reason), 40)}"`
  return `${what}${wait.until === null ? '' : ` until ${dayAndTime(wait.until)} UTC`}`
}

const queued = (view: PromotionView): string => {
  const [wait] = view.waits ?? []
  if (view.queue !== null) return queuedBehind(view, view.queue)
  return `Queued: ${view.release.id} for ${appOf(view)} ${wait === undefined ? 'starts next' : `waits for ${waitsFor(wait, view)}`}.`
}

const queuedBehind = (view: PromotionView, queue: NonNullable<PromotionView['queue']>): string =>
   `Queued: ${view.release.id} for ${appOf(view)} waits for ${queue.behind}, position ${queue.position} of ${queue.of}.`

const failed = (view: PromotionView): string => {
  const why = short(view.cause, view)
  const app = appOf(view)
  if (nothingChanged(view)) return `Failed: ${view.release.id} on ${app}: ${why}. Not rolled out, ${stillRuns(view)}.`
  const left = isStopped(view) ? 'Nothing is running.' : 'Part of it may still be running.'
  if (isFirstRelease(view)) return `Failed: first release ${view.release.id} of ${app}: ${why}. ${left}`
  return `Failed: ${view.release.id} on ${app}: ${why}.`
}

const stillRuns = (view: PromotionView): string => (view.from === null ? 'nothing is running' : `${view.from} is running`)

const rolledBack = (view: PromotionView): string => {
  const who = cancelledBy(view)
  const now = `Rolled back: ${appOf(view)} runs ${wayBack(view) ?? 'nothing'} again`
  return who === null
    ? `${now}; ${view.release.id} failed: ${short(view.cause, view)}.`
    : `${now}; ${by(who, view)} cancelled ${view.release.id}.`
}

const rollingBack = (view: PromotionView): string => {
  const who = cancelledBy(view)
  const back = wayBack(view)
  const way = back === null ? `Rolling back: ${appOf(view)} is scaled to 0` : `Rolling back: ${appOf(view)} to ${back}`
  return who === null
    ? `${way}; ${view.release.id} failed: ${short(view.cause, view)}.`
    : `${way}; ${by(who, view)} cancelled ${view.release.id}.`
}

const superseded = (view: PromotionView): string => {
  const cause = supersedingCause(view)
  const what = cause === null
    ? 'somebody else changed it'
    : cause.kind === 'namespace_deleted' ? 'the app\'s namespace is being deleted' : `${managerOf(cause)} ${cause.kind === 'deleted_by' ? 'deleted' : 'changed'} ${cut(cause.service ?? 'it', 40)}`
  const after = view.failedAt === null ? 'Nothing was rolled back.' : 'The rollback is not finished.'
  return `Superseded: ${view.release.id} on ${appOf(view)} was stopped, ${what}. ${after}`
}

const sentence = (view: PromotionView): string => {
  const app = appOf(view)
  const { id } = view.release
  switch (view.status) {
    case 'awaiting_approval':
      return `Waiting for approval: ${by(view.requester, view)} asks to promote ${id} to ${app} (${votes(view)}${expires(view)}).`
    case 'queued': return queued(view)
    case 'rolling_out': return `Rolling out: ${id} on ${app}, ${servicesReady(view)}.`
    case 'rolling_back': return rollingBack(view)
    case 'succeeded': {
      const { whole } = spans(view)
      return whole === null ? `Succeeded: ${id} is active on ${app}.` : `Succeeded: ${id} is active on ${app} after ${duration(whole)}.`
    }
    case 'rejected': return `Rejected: ${by(view.ended?.by, view)} rejected ${id} for ${app}. ${stays(view)}`
    case 'expired': {
      const at = view.expiresAt ?? view.finishedAt
      return `Expired: ${id} for ${app} had ${votes(view)} approvals${at === null ? '' : ` at ${timeOfDay(at)} UTC`}. ${stays(view)}`
    }
    case 'cancelled': return `Cancelled: ${by(view.ended?.by, view)} cancelled ${id} for ${app} before it started. ${stays(view)}`
    case 'failed': return failed(view)
    case 'superseded': return superseded(view)
    case 'rolled_back': return rolledBack(view)
    case 'rollback_failed':
      return `Rollback FAILED: ${app} is not back on ${wayBack(view) ?? 'anything'}: ${short(view.rollbackCause, view)}. A person has to act.`
  }
}

/** The notification: one plain sentence of at most 200, the state's word first (cards.md 2.1, 8.1). */
export const textOf = (view: PromotionView): string => cutSentence(inert(withoutPictures(cleanText(sentence(view)))), 200)

