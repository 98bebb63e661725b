import type { PromotionView } from '../../rack/promotion-view.ts'
import { approver } from './approvers.ts'
import { cancelledBy, isFirstRelease, namesOf, needsApproval, votes, wayBack } from './promotion-facts.ts'
import { code, day, enumerated, joined, person, say, secs, type Phrase } from './phrase.ts'
import { cleanText, cut } from './plain-text.ts'
import { duration } from './times.ts'

/** Seen length of a field of ours is at most 80 (cards.md 8.2). */
const descriptionLength = 48
/** More approvers than these are not listed: each of them would be notified (cards.md 1.8). */
const listedApprovers = 5

const release = (view: PromotionView): Phrase => {
  const description = cut(cleanText(view.release.description), descriptionLength)
  return description === '' ? say`*Release* ${code(view.release.id)}` : say`*Release* ${code(view.release.id)} ${description}`
}

const from = (view: PromotionView): Phrase => (view.from === null ? say`*From* nothing yet` : say`*From* ${code(view.from)}, active`)
const wasFrom = (view: PromotionView): Phrase => (view.from === null ? say`*From* nothing yet` : say`*From* ${code(view.from)}`)

const requested = (view: PromotionView): Phrase => say`*Requested by* ${person(view.requester)}, ${day(view.requestedAt)}`
const requestedBy = (view: PromotionView): Phrase => say`*Requested by* ${person(view.requester)}`

/** Who may approve: the app's list, without the requester; null when it is by role or too long to name. */
export const namedApprovers = (view: PromotionView): readonly string[] | null => {
  const named = view.approvals.approvers.filter((id) => id !== view.requester)
  return named.length === 0 || named.length > listedApprovers ? null : named
}

const waived = (view: PromotionView): Phrase =>
  view.approvals.waived === 'verified_before' ? say`*Approvals* none needed: verified good before` : say`*Approvals* none needed: ${code('approvals=0')}`

const approvals = (view: PromotionView): Phrase => {
  if (!needsApproval(view)) return waived(view)
  const given = view.approvals.votes
  if (given.length > 0) return say`*Approvals* ${votes(view)}: ${enumerated(given.slice(0, listedApprovers).map(({ by }) => person(by)), 'and')}`
  const named = namedApprovers(view)
  if (named === null) return say`*Approvals* ${votes(view)}: by somebody else than ${person(view.requester)}`
  return say`*Approvals* ${votes(view)}: ${enumerated(named.map((id) => approver(id, namesOf(view))), 'or')}`
}

const approved = (view: PromotionView): Phrase => {
  const given = view.approvals.votes
  const last = given.at(-1)
  if (last === undefined) return waived(view)
  return say`*Approved by* ${joined(given.slice(0, listedApprovers).map(({ by }) => person(by)), ', ')}, ${day(last.at)}`
}

const expiry = (view: PromotionView): Phrase[] => (view.expiresAt === null ? [] : [say`*Expires* ${day(view.expiresAt)}`])
const deadline = (view: PromotionView): Phrase =>
  isFirstRelease(view)
    ? say`*Deadline* ${duration(view.deadlineSeconds)}, then it is scaled to 0`
    : say`*Deadline* ${duration(view.deadlineSeconds)}, then it rolls back by itself`

const moving = (view: PromotionView): Phrase =>
  (view.from === null ? say`*Release* ${code(view.release.id)} (first release)` : say`*Release* ${code(view.release.id)} (from ${code(view.from)})`)
const started = (view: PromotionView): Phrase[] => (view.startedAt === null ? [] : [say`*Started* ${secs(view.startedAt)}`])

const broken = (view: PromotionView): Phrase => {
  const word = cancelledBy(view) === null ? say`*Failed* ` : say`*Cancelled* `
  const at = view.failedAt ?? view.ended?.at ?? null
  return at === null ? say`${word}${code(view.release.id)}` : say`${word}${code(view.release.id)}, ${secs(at)}`
}

const goingBack = (view: PromotionView): Phrase => {
  const back = wayBack(view)
  return back === null ? say`*Going back to* nothing: scaled to 0, kept` : say`*Going back to* ${code(back)}, last verified good`
}

const backOn = (view: PromotionView): Phrase => {
  const back = wayBack(view)
  return back === null ? wasFrom(view) : say`*Back on* ${code(back)}`
}

const decided = (view: PromotionView): Phrase[] => (view.approvals.votes.length === 0 && needsApproval(view) ? [] : [approved(view)])

/** The facts under the header, at most six, each `*Label* value` (cards.md 2.2-2.4). */
export const fieldsOf = (view: PromotionView): readonly Phrase[] => {
  switch (view.status) {
    case 'awaiting_approval': return [release(view), from(view), requested(view), approvals(view), ...expiry(view), deadline(view)]
    case 'queued': return [release(view), from(view), requested(view), approved(view)]
    case 'rolling_out': return [moving(view), requestedBy(view), approved(view), ...started(view)]
    case 'rolling_back': return [broken(view), goingBack(view), requestedBy(view), approved(view)]
    case 'rolled_back': return [release(view), backOn(view), requested(view), ...decided(view)]
    default: return [release(view), wasFrom(view), requested(view), ...decided(view)]
  }
}
