import type { GroupTrouble, UnreadGroup } from '../../rack/people.ts'
import type { Refusal } from '../../rack/refusal.ts'
import { promotionValue } from '../action-ids.ts'
import { button } from '../blocks.ts'
import { approvers, groupName } from './approvers.ts'
import { code, day, enumerated, person, say, secs, type Names, type Phrase } from './phrase.ts'
import { reply, type Reply } from './reply.ts'
import { movedPart } from './warnings.ts'

/** Refusals about who may, and about what was decided already. */
export const decisionCodes = [
  'forbidden', 'not_an_approver', 'group_unreadable', 'approvers_too_few', 'votes_unconfirmed', 'own_request', 'not_a_member', 'shared_channel', 'already_decided', 'already_voted',
  'request_expired', 'changed_since', 'rolling_back_already', 'cluster_unreachable', 'database_away', 'question_too_old',
] as const satisfies readonly Refusal['code'][]
export type DecisionRefusal = Extract<Refusal, { code: (typeof decisionCodes)[number] }>

const people = (ids: readonly string[], last: 'and' | 'or'): Phrase => enumerated(ids.slice(0, 5).map((id) => person(id)), last)

const ask = (who: readonly string[]): Phrase => (who.length === 0 ? say`Ask an admin.` : say`Ask an admin: ${people(who, 'or')}.`)
const article = (role: string): string => (/^[aeiou]/.test(role) ? `an ${role}` : `a ${role}`)

const decided = (refusal: Extract<Refusal, { code: 'already_decided' }>): Phrase => {
  const by = refusal.by === null ? null : person(refusal.by)
  const at = secs(refusal.at)
  switch (refusal.status) {
    case 'awaiting_approval': return say`This waits for approval again.`
    case 'rejected': return by === null ? say`This was rejected at ${at}.` : say`${by} rejected this at ${at}.`
    case 'cancelled': return by === null ? say`This was cancelled at ${at}.` : say`${by} cancelled this at ${at}.`
    case 'expired': return say`This request expired ${day(refusal.at)}.`
    case 'succeeded':
    case 'failed':
    case 'superseded':
    case 'rolled_back':
    case 'rollback_failed': return say`This ended ${day(refusal.at)}: ${refusal.status.replaceAll('_', ' ')}.`
    default:
      if (by !== null) return say`${by} approved this at ${at}.`
      return refusal.status === 'queued' ? say`This waits in the queue.` : say`This has begun already.`
  }
}

/** Why a group cannot be read, and what to do about it (slack.md 4.5; cards.md 7, row 39). */
const unreadable = (group: string, why: GroupTrouble | 'empty', names: Names): readonly [says: Phrase, next: Phrase] => {
  const called = groupName(group, names)
  const byName = say`List the approvers by name: ${code('approvers=@bo,@cy')}`
  switch (why) {
    case 'plan_upgrade_required': return [say`Group ${called} can't be read: this workspace's plan has no user groups.`, byName]
    case 'no_such_subteam': return [say`Group ${called} can't be read: Slack does not know it (any more).`, byName]
    case 'missing_scope':
      return [say`Slack does not let me read groups: scope ${code('usergroups:read')} is missing.`, say`A workspace admin installs the app again from the Slack app manifest.`]
    case 'unreachable': return [say`Group ${called} can't be read: Slack does not answer.`, say`Try again in a minute.`]
    case 'empty': return [say`Nobody is in group ${called}, so nobody could approve.`, byName]
  }
}

/** A no that a group which cannot be read may have caused says so. */
const orUnread = (says: Phrase, next: Phrase, unread: readonly UnreadGroup[] | undefined, names: Names): Reply => {
  const first = unread?.[0]
  if (first === undefined) return reply(says, next)
  const [trouble, todo] = unreadable(first.group, first.why, names)
  return reply(says, say`${trouble} ${todo}`)
}

/** Rows 7-9, 13-18, 26 and 27 of cards.md 7, and the question that is too old (5). */
export const decisionReply = (refusal: DecisionRefusal, names: Names = {}): Reply => {
  switch (refusal.code) {
    case 'forbidden':
      return orUnread(say`You are ${article(refusal.role)} here; ${refusal.what} needs ${article(refusal.needs)}.`, ask(refusal.who), refusal.unread, names)
    case 'not_an_approver': {
      const who = approvers(refusal.approvers, 'or', names)
      return orUnread(who.length === 0 ? say`Only an approver may approve this.` : say`Only ${who} may approve this.`, who.length === 0 ? say`Ask an admin.` : say`Ask one of them.`, refusal.unread, names)
    }
    case 'group_unreadable': {
      const [says, next] = unreadable(refusal.group, refusal.why, names)
      return reply(says, say`Nothing was set. ${next}`)
    }
    case 'approvers_too_few':
      return reply(
        say`${code(`approvals=${refusal.approvals}`)} needs ${refusal.approvals} people, and ${code('approvers')} has ${refusal.people}.`,
        say`Nothing was set. List more people in ${code('approvers')}, or set ${code(`approvals=${refusal.people}`)}.`,
      )
    case 'votes_unconfirmed': {
      const first = refusal.unread[0]
      const [trouble, next] = first === undefined ? [say`Slack does not answer.`, say`Try again in a minute.`] : unreadable(first.group, first.why, names)
      return reply(say`The approval of ${person(refusal.by)} cannot be confirmed, so yours was not counted.`, say`${trouble} ${next}`)
    }
    case 'own_request': return reply(say`You asked for this, so somebody else has to approve it.`,
      refusal.who.length === 0 ? say`Who may: any approver but you.` : say`Who may: ${approvers(refusal.who, 'and', names)}.`)
    case 'not_a_member': return reply(say`Only full members of this workspace can use this.`, say`Ask one of your team.`)
    case 'shared_channel':
      return reply(say`This channel is shared with another company, so nothing runs or shows here.`, say`Use a channel of your own, or write to me directly.`)
    case 'already_decided': return reply(decided(refusal), refusal.status === 'awaiting_approval' ? say`Nothing was changed: see the card.` : say`Nothing to do: see the card.`)
    case 'already_voted': {
      const missing = Math.max(0, refusal.need - refusal.have)
      const more = missing === 0 ? say`Nothing more is needed.` : missing === 1 ? say`One more is needed.` : say`${missing} more are needed.`
      return reply(say`Your approval is already recorded: ${refusal.have} of ${refusal.need}.`, more)
    }
    case 'request_expired': return reply(say`This request expired ${day(refusal.at)}.`, say`Ask for it once more, with new votes.`, [
      button({ action: 'request_again', label: 'Request again', value: promotionValue(refusal.promotion, null), about: refusal.promotion })])
    case 'changed_since': return reply(say`This changed since you opened it: ${movedPart(refusal.part, refusal.value)}.`, say`Show diff, then decide again.`, [
      button({ action: 'show_diff', label: 'Show diff', value: promotionValue(refusal.promotion, null), about: refusal.promotion })])
    case 'rolling_back_already': return reply(
      refusal.target === null
        ? say`${code(refusal.app)} is already scaling to 0; that cannot be cancelled.`
        : say`${code(refusal.app)} is already going back to ${code(refusal.target)}; that cannot be cancelled.`,
      refusal.until === null ? say`Its card says when it is over.` : say`It ends by ${secs(refusal.until)}.`,
      [button({ action: 'show_card', label: 'Show card', value: promotionValue(refusal.promotion, null), about: `of ${refusal.app}` })])
    case 'cluster_unreachable': return reply(
      refusal.since === null
        ? say`The cluster does not answer. Nothing is judged or started.`
        : say`The cluster has not answered since ${secs(refusal.since)}. Nothing is judged or started.`,
      say`Deadlines wait. Try again when the card moves.`)
    case 'database_away': return reply(say`The database does not answer. Nothing new starts, nothing is lost.`, say`Try again in a minute.`)
    case 'question_too_old': return reply(say`This question is too old.`, say`Type the command again.`)
  }
}
