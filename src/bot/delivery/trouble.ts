import { isFinal } from '../../rack/promotion.ts'
import { isDirect } from '../direct-channel.ts'
import type { Lane } from './budget.ts'
import { leftAsItIs, leftBehind } from './depart.ts'
import { giveUp, skipRedraw } from './give-up.ts'
import { buttonsAreGone } from './last-word.ts'
import { noLooks } from './lost-answer.ts'
import { putOff } from './memory.ts'
import { rowsOf, triedBy, type Step } from './plan.ts'
import { remedyFor, type Doing, type Failure, type Remedy } from './remedies.ts'
import { mayPass, readTrouble } from './slack-error.ts'
import { cardIs, hold, looksAre, rowsAre, type DeliveryParts, type Talk } from './talk.ts'

/** What a step that calls Slack was doing; null for one that does not. */
const doingOf = (step: Step): Doing | null => {
  switch (step.do) {
    case 'post_card': return 'card'
    case 'redraw': return 'redraw'
    case 'send_lines': return 'lines'
    case 'send_notice':
    case 'send_announcement': return 'last_word'
    case 'settle_card':
    case 'settle_rows': return 'reading'
    case 'tell': return 'telling'
    case 'take_buttons': return 'buttons'
    case 'leave': return 'leaving'
    case 'depart':
    case 'note_rev':
    case 'give_up_rows':
    case 'wait':
    case 'rest': return null
  }
}

const laneOf = (doing: Doing, talk: Talk): Lane => {
  switch (doing) {
    case 'redraw':
    case 'buttons':
    case 'leaving': return { kind: 'update' }
    case 'reading': return { kind: 'read' }
    case 'telling': return { kind: 'post', channel: talk.view.requester }
    case 'card':
    case 'lines':
    case 'last_word': return { kind: 'post', channel: talk.conversation.channel }
  }
}

/** Nothing was stored: the same may be sent again after `seconds`, here or by another replica. */
const again = async (parts: DeliveryParts, talk: Talk, step: Step, seconds: number): Promise<Talk> => {
  const seqs = rowsOf(step)
  if (step.do === 'post_card') {
    await hold(talk, parts.store.cardUnsent(talk.conversation))
    return cardIs(talk, { state: 'none' })
  }
  if (seqs.length === 0) return talk
  // All of them, so that no later line overtakes these in another replica.
  const open = talk.conversation.rows.filter((row) => row.state === 'pending' || seqs.includes(row.seq)).map((row) => row.seq)
  await hold(talk, parts.store.rowsLater(talk.conversation, open, seconds))
  return rowsAre(talk, seqs, { state: 'pending' })
}

/** Waits before the next try of such a step, longer each time and `atLeast` so many milliseconds. Returns the seconds. */
const backOff = (parts: DeliveryParts, talk: Talk, step: Step, atLeast = 0): number =>
  putOff(talk.memory, triedBy(step), parts.timings, parts.now(), atLeast) / 1000

const unclear = async (parts: DeliveryParts, talk: Talk, step: Step): Promise<Talk> => {
  const { conversation } = talk
  const next = looksAre(talk, noLooks)
  if (step.do === 'post_card') {
    await hold(talk, parts.store.cardUnknown(conversation))
    return cardIs(next, { state: 'unknown', at: new Date(parts.now()) })
  }
  const seqs = rowsOf(step)
  await hold(talk, parts.store.rowsUnknown(conversation, seqs))
  return rowsAre(next, seqs, { state: 'unknown', tried: { channel: conversation.channel, threadTs: conversation.card.ts } })
}

/** The requester's direct message channel; null when Slack has none for us. Throws what may pass. */
const directOf = async (parts: DeliveryParts, talk: Talk): Promise<string | null> => {
  try {
    return await parts.calls.openDirect(talk.view.requester)
  } catch (error) {
    const trouble = readTrouble(error)
    if (trouble === undefined || mayPass(trouble)) throw error
    parts.log.error({ promotion: talk.conversation.promotion, why: trouble.why }, 'no direct message to the person who asked')
    return null
  }
}

/** The next steps leave: `to` another channel, null for a new card here. What was being said is said there. */
const goTo = (parts: DeliveryParts, talk: Talk, step: Step, failure: Failure, to: string | null): Promise<Talk> => {
  talk.memory.leaving = { to, why: failure.trouble.why, messages: leftBehind(talk, failure, to), until: parts.now() + parts.timings.leaveWithin }
  return rowsOf(step).length === 0 ? Promise.resolve(talk) : again(parts, talk, step, 0)
}

/** The channel takes nothing from us: the conversation goes on in the app's channel as it is set now, else with the person who asked, who is told why. */
const move = async (parts: DeliveryParts, talk: Talk, step: Step, failure: Failure): Promise<Talk> => {
  const { conversation, memory } = talk
  const { why } = failure.trouble
  const other = await parts.store.otherChannel(conversation)
  memory.broken.add(conversation.channel)
  const to = other !== null && !memory.broken.has(other) ? other : await directOf(parts, talk)
  if (to === null || to === conversation.channel) return giveUp(parts, talk, step, why)
  parts.log.warn({ promotion: conversation.promotion, channel: conversation.channel, why, direct: isDirect(to) }, 'the channel takes no posts; the conversation goes on elsewhere')
  return goTo(parts, talk, step, failure, to)
}

/** Joining a public channel cures `not_in_channel`; a private one wants an invitation. */
const join = async (parts: DeliveryParts, talk: Talk, step: Step, failure: Failure): Promise<Talk> => {
  talk.memory.joined = true
  try {
    await parts.calls.join(talk.conversation.channel)
    return await again(parts, talk, step, 0)
  } catch (error) {
    const trouble = readTrouble(error)
    if (trouble === undefined) throw error
    parts.log.info({ channel: talk.conversation.channel, why: trouble.why }, 'could not join the channel')
    if (mayPass(trouble)) {
      // No answer yet: leaving would be for ever.
      talk.memory.joined = false
      return await again(parts, talk, step, backOff(parts, talk, step, trouble.kind === 'limited' ? trouble.seconds * 1000 : 0))
    }
  }
  return move(parts, talk, step, failure)
}

const insist = async (parts: DeliveryParts, talk: Talk, step: Step, why: string): Promise<Talk> => {
  const { view, memory } = talk
  const since = view.finishedAt?.getTime() ?? parts.now()
  if (parts.now() - since > parts.timings.insistFor) return giveUp(parts, talk, step, why)
  memory.retries.redraw.notBefore = parts.now() + parts.timings.insist
  return talk
}

/** Nothing is done about it. */
const skip = (parts: DeliveryParts, talk: Talk, step: Step): Talk | Promise<Talk> => {
  switch (step.do) {
    case 'redraw': return skipRedraw(parts, talk)
    case 'take_buttons': return buttonsAreGone(parts, talk)
    case 'leave': return leftAsItIs(talk, step.left)
    default: return talk
  }
}

const apply = async (parts: DeliveryParts, talk: Talk, step: Step, failure: Failure, remedy: Remedy): Promise<Talk> => {
  const { doing, trouble } = failure
  switch (remedy) {
    case 'wait_for_lane': {
      const seconds = trouble.kind === 'limited' ? trouble.seconds : 1
      await parts.pace.pause(laneOf(doing, talk), seconds * 1000)
      return again(parts, talk, step, seconds)
    }
    case 'try_again': return again(parts, talk, step, backOff(parts, talk, step))
    case 'wait_for_token': {
      talk.memory.retries.any.notBefore = parts.now() + parts.timings.backoffMost
      return again(parts, talk, step, parts.timings.backoffMost / 1000)
    }
    case 'find_out': return unclear(parts, talk, step)
    case 'join': return join(parts, talk, step, failure)
    case 'move': return move(parts, talk, step, failure)
    case 'new_card': return goTo(parts, talk, step, failure, null)
    case 'skip': return skip(parts, talk, step)
    case 'insist': return insist(parts, talk, step, trouble.why)
    case 'give_up': return giveUp(parts, talk, step, trouble.why)
  }
}

/** What follows from a failed step (reference/slack.md 4.5). What is not Slack's is thrown on. */
export const afterFailure = async (parts: DeliveryParts, talk: Talk, step: Step, error: unknown): Promise<Talk> => {
  const trouble = readTrouble(error)
  const doing = doingOf(step)
  if (trouble === undefined || doing === null) throw error
  const { conversation, view, memory } = talk
  parts.pulse.failed(trouble)
  const statusBehind = conversation.card.status !== view.status
  const remedy = remedyFor(trouble, doing, {
    joined: memory.joined, direct: isDirect(conversation.channel), final: isFinal(view.status) && statusBehind, statusBehind,
  })
  parts.log[remedy === 'wait_for_token' || remedy === 'give_up' || remedy === 'insist' ? 'error' : 'warn'](
    { promotion: conversation.promotion, channel: conversation.channel, step: step.do, trouble: trouble.kind, why: trouble.why, remedy }, 'a message was not delivered',
  )
  return apply(parts, talk, step, { doing, trouble }, remedy)
}
