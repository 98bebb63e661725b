import { mrkdwn } from '../messages/phrase.ts'
import { movedText } from '../messages/usage.ts'
import { metadataOf } from './keys.ts'
import type { PacedMethod } from './pace.ts'
import type { Step } from './plan.ts'
import { readTrouble, type Trouble } from './slack-error.ts'
import { cardIs, cardShows, hold, rowsAre, rowsDone, type DeliveryParts, type Talk } from './talk.ts'

const rowsOf = (step: Step): readonly number[] => (step.do === 'send_lines' ? step.seqs : step.do === 'send_notice' || step.do === 'send_announcement' ? [step.seq] : [])

const methodOf = (step: Step): PacedMethod => {
  if (step.do === 'redraw') return 'chat.update'
  return step.do === 'settle_card' || step.do === 'settle_rows' ? 'reading' : 'chat.postMessage'
}

/** Nothing was stored: the same may be sent again after `seconds`, here or by another replica. */
const again = async (parts: DeliveryParts, talk: Talk, step: Step, seconds: number): Promise<Talk> => {
  const seqs = rowsOf(step)
  if (step.do === 'post_card') talk.memory.resendCard = true
  if (seqs.length === 0) return talk
  // All of them, so that no later line overtakes these in another replica.
  const open = talk.conversation.rows.filter((row) => row.state === 'pending' || seqs.includes(row.seq)).map((row) => row.seq)
  await hold(talk, parts.store.rowsLater(talk.conversation, open, seconds))
  return rowsAre(talk, seqs, 'pending')
}

const waitAfter = (parts: DeliveryParts, failures: number): number => Math.min(parts.timings.backoffMost, parts.timings.backoff * 2 ** (failures - 1))

/** Waits before the next try, longer each time; a failed redraw holds back only redraws. Returns the seconds. */
const backOff = (parts: DeliveryParts, talk: Talk, step: Step): number => {
  const { memory } = talk
  if (step.do === 'redraw') {
    memory.redrawFailures += 1
    memory.redrawNotBefore = parts.now() + waitAfter(parts, memory.redrawFailures)
    return 0
  }
  memory.failures += 1
  const wait = waitAfter(parts, memory.failures)
  memory.notBefore = parts.now() + wait
  return wait / 1000
}

const unclear = async (parts: DeliveryParts, talk: Talk, step: Step): Promise<Talk> => {
  talk.memory.looks = 0
  if (step.do === 'post_card') {
    await hold(talk, parts.store.cardUnknown(talk.conversation))
    return cardIs(talk, { state: 'unknown', at: new Date(parts.now()) })
  }
  const seqs = rowsOf(step)
  // A redraw is the same however often it is done, and so is reading: both are simply tried again.
  if (seqs.length === 0) return talk
  await hold(talk, parts.store.rowsUnknown(talk.conversation, seqs))
  return rowsAre(talk, seqs, 'unknown')
}

const giveUp = async (parts: DeliveryParts, talk: Talk, step: Step, why: string): Promise<Talk> => {
  const { conversation, view } = talk
  if (step.do === 'post_card') {
    await hold(talk, parts.store.cardDead(conversation, why))
    return cardIs(talk, { state: 'dead' })
  }
  if (step.do === 'redraw' && conversation.card.ts !== null) {
    // As if it were shown, else it would be tried for ever; the next change is a new chance.
    const shown = { ts: conversation.card.ts, rev: view.rev, hash: '' }
    await hold(talk, parts.store.cardSent(conversation, shown))
    return cardShows(talk, shown)
  }
  const seqs = rowsOf(step)
  if (seqs.length > 0) await hold(talk, parts.store.rowsDead(conversation, seqs, why))
  return rowsDone(talk, seqs)
}

const noCard = { ts: null, rev: 0, hash: null, state: 'none', at: null } as const

const isDirect = (channel: string): boolean => channel.startsWith('D')

/** The requester's direct message channel; null when Slack has none for us. */
const directOf = async (parts: DeliveryParts, talk: Talk): Promise<string | null> => {
  try {
    return await parts.calls.openDirect(talk.view.requester)
  } catch (error) {
    const trouble = readTrouble(error)
    if (trouble === undefined || !['refused', 'absent', 'unpostable', 'cut_off'].includes(trouble.kind)) throw error
    parts.log.error({ promotion: talk.conversation.promotion, why: trouble.why }, 'no direct message to the person who asked')
    return null
  }
}

/** Slack's word for why, in ours; null where we are only not a member (reference/cards.md 7, rows 36 and 37). */
const inWords = (why: string): string | null => {
  if (why === 'not_in_channel' || why === 'channel_not_found') return null
  return why === 'is_archived' ? 'archived' : 'read-only'
}

const tellMoved = async (parts: DeliveryParts, talk: Talk, direct: string, why: string): Promise<void> => {
  const { conversation, view } = talk
  const payload = { text: mrkdwn(movedText(conversation.channel, inWords(why))), blocks: [] }
  try {
    await parts.calls.post({ channel: direct, threadTs: null, broadcast: false, payload, metadata: metadataOf(conversation.promotion, { kind: 'moved' }, view.rev) })
  } catch (error) {
    const trouble = readTrouble(error)
    if (trouble === undefined) throw error
    // Worth a line in the log, not a second try: the card that follows says the rest.
    parts.log.warn({ promotion: conversation.promotion, why: trouble.why }, 'could not say that the conversation moved')
  }
}

/** The channel takes nothing from us: the conversation goes on with the person who asked, who is told why. */
const moveToRequester = async (parts: DeliveryParts, talk: Talk, step: Step, why: string): Promise<Talk> => {
  const { conversation } = talk
  const direct = isDirect(conversation.channel) ? null : await directOf(parts, talk)
  if (direct === null) return giveUp(parts, talk, step, why)
  await hold(talk, parts.store.reroute(conversation, direct))
  parts.log.warn({ promotion: conversation.promotion, channel: conversation.channel, why }, 'the channel takes no posts; the conversation goes on in a direct message')
  await tellMoved(parts, talk, direct, why)
  const next = cardIs(talk, noCard)
  const moved: Talk = { ...next, conversation: { ...next.conversation, channel: direct } }
  return rowsOf(step).length === 0 ? moved : again(parts, moved, step, 0)
}

/** Joining a public channel cures `not_in_channel`; a private one wants an invitation. */
const joinOrMove = async (parts: DeliveryParts, talk: Talk, step: Step, why: string): Promise<Talk> => {
  if (!talk.memory.joined && !isDirect(talk.conversation.channel)) {
    talk.memory.joined = true
    try {
      await parts.calls.join(talk.conversation.channel)
      return await again(parts, talk, step, 0)
    } catch (error) {
      const trouble = readTrouble(error)
      if (trouble === undefined) throw error
      parts.log.info({ channel: talk.conversation.channel, why: trouble.why }, 'could not join the channel')
    }
  }
  return moveToRequester(parts, talk, step, why)
}

const cure = async (parts: DeliveryParts, talk: Talk, step: Step, trouble: Trouble): Promise<Talk> => {
  const { channel } = talk.conversation
  switch (trouble.kind) {
    case 'limited': {
      parts.pace.pause(methodOf(step), channel, parts.now() + trouble.seconds * 1000)
      return again(parts, talk, step, trouble.seconds)
    }
    case 'unsent': return again(parts, talk, step, backOff(parts, talk, step))
    case 'cut_off': {
      talk.memory.notBefore = parts.now() + parts.timings.backoffMost
      return again(parts, talk, step, parts.timings.backoffMost / 1000)
    }
    case 'ambiguous': {
      if (methodOf(step) !== 'chat.postMessage') backOff(parts, talk, step)
      return unclear(parts, talk, step)
    }
    case 'absent': return joinOrMove(parts, talk, step, trouble.why)
    case 'unpostable': return moveToRequester(parts, talk, step, trouble.why)
    case 'gone': {
      await hold(talk, parts.store.cardLost(talk.conversation))
      const lost = cardIs(talk, noCard)
      const view = await parts.store.view(talk.conversation.promotion)
      return again(parts, { ...lost, view }, step, 0)
    }
    case 'malformed':
    case 'refused': return giveUp(parts, talk, step, trouble.why)
  }
}

/** What follows from a failed step (reference/slack.md 4.5). What is not Slack's is thrown on. */
export const afterFailure = async (parts: DeliveryParts, talk: Talk, step: Step, error: unknown): Promise<Talk> => {
  const trouble = readTrouble(error)
  if (trouble === undefined) throw error
  parts.log[trouble.kind === 'cut_off' || trouble.kind === 'refused' ? 'error' : 'warn'](
    { promotion: talk.conversation.promotion, channel: talk.conversation.channel, step: step.do, trouble: trouble.kind, why: trouble.why }, 'a message was not delivered',
  )
  return cure(parts, talk, step, trouble)
}
