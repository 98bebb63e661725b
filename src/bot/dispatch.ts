import type { ModalView } from '@slack/types'
import type { Actor } from '../rack/actor.ts'
import { DeliveryTakenError } from '../rack/finish.ts'
import { RefusalError } from '../rack/refusal.ts'
import { actionIds } from './action-ids.ts'
import type { Message } from './blocks.ts'
import type { Context, Desk, Incoming, SlackSurface, SubmissionErrors } from './context.ts'
import { findAppOfPlace, type Found } from './find-app.ts'
import { mayHoldValues } from './mention-values.ts'
import { toldView } from './messages/modals.ts'
import { sayNo, type Attempt } from './no.ts'
import { markMessage, onRack, readRemembered } from './on-rack.ts'
import { actions, commands, views } from './registry.ts'
import { runTyped, wordsOf } from './run-typed.ts'
import type { Token } from './tokenize.ts'
import { UnsaidError } from './unsaid-error.ts'
import { UsageFailure } from './usage-error.ts'

type Submission = Extract<Incoming, { kind: 'submission' }>
type Click = Extract<Incoming, { kind: 'click' }>

const told = (message: Message, ref: string): ModalView => ({ ...toldView('Not possible', [], ref), blocks: message.blocks })

/** The surface, remembering which modal was opened: what goes wrong from then on is said there. */
const watched = (slack: SlackSurface, opened: { view: string | null }): SlackSurface => ({
  ...slack,
  openModal: async (view) => {
    opened.view = await slack.openModal(view)
    return opened.view
  },
})

const contextOf = (desk: Desk, actor: Actor, slack: SlackSurface, attempt: Attempt): Context => {
  const { delivery, place, racks, inbox, log, clock, ref } = desk
  const [rack] = racks
  if (rack === undefined) throw new Error('the bot has no rack')
  const caller = { actor, ...(delivery === undefined ? {} : { delivery }), ...(place.channel === '' ? {} : { channel: place.channel }), ...(place.message === undefined ? {} : { message: place.message }) }
  const noteRack = (name: string): void => {
    attempt.rack = name
  }
  return { caller, rack, racks, place, files: [], inbox, slack, noteRack, log, clock, ref }
}

/** The app a refused mention was about, for its button: the channel's only one. */
const appOfMention = async (desk: Desk): Promise<Found | null> => {
  try {
    return await findAppOfPlace(desk.racks, desk.place, '')
  } catch (error) {
    if (error instanceof UsageFailure) return null
    throw error
  }
}

const click = async (incoming: Click, context: Context, attempt: Attempt): Promise<void> => {
  const id = actionIds.find((known) => known === incoming.action)
  const action = actions.find((known) => known.ids.some((one) => one === id))
  if (id === undefined || action === undefined) throw new Error(`a click on something unknown: ${incoming.action}`)
  const { rack, text: value } = readRemembered(incoming.value, context.racks)
  attempt.rack = rack?.rack ?? null
  const here: Context = rack === null ? context : { ...onRack(context, rack), rackSaid: true }
  const retype = (tokens: readonly Token[]): Promise<void> => runTyped(tokens, context, commands, attempt)
  await action.run(here, { action: id, value, on: incoming.on, retype })
}

const viewOf = (incoming: Submission) => {
  const view = views.find((known) => known.id === incoming.view)
  if (view === undefined) throw new Error(`a submission of something unknown: ${incoming.view}`)
  return view
}

const submitted = async (incoming: Submission, context: Context, attempt: Attempt): Promise<void> => {
  const { rack, text } = readRemembered(incoming.metadata, context.racks)
  attempt.rack = rack?.rack ?? null
  await viewOf(incoming).run(rack === null ? context : { ...onRack(context, rack), rackSaid: true }, text, incoming.fields)
}

const run = async (incoming: Incoming, desk: Desk, slack: SlackSurface, attempt: Attempt): Promise<void> => {
  const context = contextOf(desk, await desk.identify(), slack, attempt)
  switch (incoming.kind) {
    case 'command': return runTyped(wordsOf(incoming.text), context, commands, attempt)
    case 'mention': {
      const files = incoming.files ?? []
      if (incoming.text.trim() === '' && files.length > 0) throw new UsageFailure({ code: 'file_without_words' })
      if (mayHoldValues(incoming.text, commands)) {
        const found = await appOfMention(desk)
        // The button opens the app of that rack: another one may have an app of the same name.
        if (found !== null) attempt.rack = found.rack.rack
        throw new UsageFailure({ code: 'values_in_mention', app: found?.app ?? null })
      }
      return runTyped(wordsOf(incoming.text), { ...context, files }, commands, attempt)
    }
    case 'click': return click(incoming, context, attempt)
    case 'submission': return submitted(incoming, context, attempt)
  }
}

/** Says it in the modal that was opened, or to the person. */
const tell = async (desk: Desk, view: string | null, message: Message): Promise<void> => {
  if (view === null) return desk.slack.answer(message)
  try {
    await desk.slack.updateModal(view, told(message, desk.ref))
  } catch (error) {
    desk.log.warn({ err: error }, 'a modal could not say it; it is answered')
    await desk.slack.answer(message)
  }
}

/** One try at a delivery; `caught` may take what went wrong, else it is said: in the modal that was opened, or to the person. */
const attemptTo = async (incoming: Incoming, desk: Desk, caught: (error: unknown) => boolean): Promise<void> => {
  const opened: { view: string | null } = { view: null }
  const attempt: Attempt = { parsed: null, app: null, fixes: [] }
  try {
    await run(incoming, desk, watched(desk.slack, opened), attempt)
  } catch (error) {
    // Who did it has answered.
    if (error instanceof DeliveryTakenError) return desk.log.warn({ err: error }, 'a delivery was done by another replica')
    // It was done, or refused, and Slack did not take the words: others about a failure would be wrong, and get no further.
    if (error instanceof UnsaidError) throw error
    if (caught(error)) return
    await tell(desk, opened.view, markMessage(attempt.rack ?? null, desk.racks, await sayNo(error, desk, attempt)))
  }
}

/** Turns what a person did into an answer. The only place that catches: every command, click, modal and mention is answered. */
export const dispatch = (desk: Desk, incoming: Incoming): Promise<void> => attemptTo(incoming, desk, () => false)

/** Faults of a submitted form that its fields alone show; null closes the modal. Pure. */
export const check = (incoming: Incoming): SubmissionErrors =>
  incoming.kind === 'submission' ? (views.find((known) => known.id === incoming.view)?.check(incoming.fields) ?? null) : null

/** Slack waits 3 s for the acknowledgement of a modal; this leaves room for the way there (slack.md 3.1). */
export const submissionPatience = 2_300

/**
 * Runs a submission so that a refusal of the rack can still stand under its field: `errors` is settled at the latest after
 * `patience` ms, `done` once all is answered. `dispatch` does the same without waiting, with every refusal as an answer.
 */
export const submit = (desk: Desk, incoming: Submission, patience = submissionPatience): { readonly errors: Promise<SubmissionErrors>; readonly done: Promise<void> } => {
  const faults = check(incoming)
  if (faults !== null) return { errors: Promise.resolve(faults), done: Promise.resolve() }
  let settle = (_errors: SubmissionErrors): void => undefined
  let open = true
  const errors = new Promise<SubmissionErrors>((resolve) => {
    settle = (found) => {
      open = false
      resolve(found)
    }
  })
  const timer = setTimeout(() => settle(null), Math.min(patience, submissionPatience))
  const underField = (error: unknown): boolean => {
    if (!open || !(error instanceof RefusalError)) return false
    const found = viewOf(incoming).under(error.refusal, incoming.fields)
    if (found === null) return false
    settle(found)
    return true
  }
  const done = attemptTo(incoming, desk, underField).finally(() => {
    clearTimeout(timer)
    settle(null)
  })
  return { errors, done }
}
