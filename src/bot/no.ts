import type { ActionsBlock, Button, KnownBlock } from '@slack/types'
import { RefusalError, type Refusal } from '../rack/refusal.ts'
import { releaseValue, type ActionId } from './action-ids.ts'
import type { Message } from './blocks.ts'
import type { Desk } from './context.ts'
import { confirmedValue } from './confirmed-value.ts'
import { isDatabaseAway } from './failure.ts'
import { refusalMessage } from './messages/refusals.ts'
import { offerDialog, type Offer } from './messages/reply.ts'
import { usageMessage } from './messages/usage.ts'
import { parse, word, type Fix, type Parsed } from './parse.ts'
import { commands } from './registry.ts'
import { namesFor } from './people.ts'
import { lineOf, onApp, replaceName, withFlag, writeQuestion } from './retype.ts'
import { nearestCommands } from './suggest.ts'
import { cleanId } from './tokenize.ts'
import { UsageFailure } from './usage-error.ts'

/** What is known of an attempt by the time it fails: the more, the better the way on that is offered. */
export interface Attempt {
  parsed: Parsed | null
  app: string | null
  /** Whose buttons an answer would have. */
  rack?: string | null
  /** Corrections of what was typed. */
  fixes: readonly Fix[]
}

/** Slack shows at most three buttons under an answer (cards.md 1.9). */
const most = 3

const nearestOf = (refusal: Refusal): { readonly wrong: string; readonly nearest: readonly string[] } | null => {
  switch (refusal.code) {
    case 'app_not_found': return { wrong: refusal.app, nearest: refusal.nearest }
    case 'release_not_found': return { wrong: refusal.release, nearest: refusal.nearest }
    case 'build_not_found': return { wrong: refusal.build, nearest: refusal.nearest }
    case 'promotion_not_found': return { wrong: refusal.promotion, nearest: refusal.nearest }
    case 'process_not_found': return { wrong: refusal.process, nearest: refusal.nearest }
    default: return null
  }
}

/** The same command with a name that exists, for what was refused because of a name. Pure. */
export const fixesFor = (error: unknown, { parsed, fixes }: Attempt): readonly Fix[] => {
  if (fixes.length > 0 || parsed === null) return fixes
  if (error instanceof UsageFailure) {
    const { problem } = error
    if (problem.code === 'app_not_clear') return problem.apps.map((app) => ({ label: app, tokens: onApp(parsed, app) }))
    if (problem.code === 'unknown_command' && parsed.command.name === 'help') {
      const typed = parsed.args.words.map((token) => token.text)
      return nearestCommands(typed, commands.map(({ name }) => name)).map(({ name }) => ({ label: name, tokens: ['help', ...name.split(' ')].map(word) }))
    }
    // A mention has no trigger to open a modal with, and a trigger dies in 3 s; the click on this brings a new one.
    if (problem.code === 'too_slow') return [{ label: parsed.command.name, tokens: parsed.tokens }]
    if (problem.code === 'rack_not_clear') return problem.racks.map((rack) => ({ label: rack, tokens: withFlag(parsed, 'rack', rack) }))
    if (problem.code === 'rack_unknown') return problem.racks.map((rack) => ({ label: rack, tokens: withFlag(parsed, 'rack', rack) }))
    return []
  }
  if (!(error instanceof RefusalError)) return []
  const { refusal } = error
  if (refusal.code === 'release_of_other_app') return [{ label: `-a ${refusal.other}`, tokens: onApp(parsed, refusal.other) }]
  const named = nearestOf(refusal)
  if (named === null) return []
  return named.nearest.flatMap((name) => {
    // An app that was not typed came from the channel; any other name that was not typed cannot be replaced.
    const tokens = replaceName(parsed, named.wrong, name) ?? (refusal.code === 'app_not_found' ? onApp(parsed, name) : null)
    return tokens === null ? [] : [{ label: name, tokens }]
  })
}

/** Slack ids of everybody a refusal names. Pure. */
export const peopleOfRefusal = (refusal: Refusal): readonly string[] => {
  switch (refusal.code) {
    case 'app_busy': return [refusal.requester]
    case 'locked':
    case 'lock_of_other': return [refusal.owner]
    case 'already_decided': return refusal.by === null ? [] : [refusal.by]
    case 'forbidden': return [...refusal.who, ...(refusal.unread ?? []).map(({ group }) => group)]
    case 'own_request': return refusal.who
    case 'not_an_approver': return [...refusal.approvers, ...(refusal.unread ?? []).map(({ group }) => group)]
    case 'group_unreadable': return [refusal.group]
    case 'votes_unconfirmed': return [refusal.by, ...refusal.unread.map(({ group }) => group)]
    default: return []
  }
}

/** True when what is offered is our guess at a word, and no choice between things that were meant. */
const isGuess = (error: unknown): boolean =>
  (error instanceof UsageFailure ? ['unknown_command', 'unknown_flag'].includes(error.problem.code) : error instanceof RefusalError && nearestOf(error.refusal) !== null)

/** What a guess asks before it runs: nothing when it only reads, or opens a form anyway. Pure. */
export const dialogOf = ({ label, tokens }: Fix): Pick<Offer, 'dialog'> => {
  const result = parse(tokens, commands)
  if (result.kind !== 'run') return {}
  const { command, args } = result.parsed
  return command.role === 'viewer' || command.asksFirst?.(args) === true ? {} : { dialog: offerDialog(label, command.name, lineOf(tokens)) }
}

const keep = async (error: unknown, fixes: readonly Fix[], desk: Desk): Promise<Offer[]> => {
  const offers: Offer[] = []
  for (const fix of fixes.slice(0, most)) {
    const { label, tokens } = fix
    try {
      offers.push({ label, question: await desk.inbox.keepQuestion(writeQuestion(tokens)), ...(isGuess(error) ? dialogOf(fix) : {}) })
    } catch (error) {
      // The answer itself matters more than its buttons.
      desk.log.warn({ err: error, ref: desk.ref }, 'a question could not be kept')
      break
    }
  }
  return offers
}

const isActions = (block: KnownBlock): block is ActionsBlock => block.type === 'actions'

const withButtons = (message: Message, change: (button: Button) => Button): Message => ({
  ...message,
  blocks: message.blocks.map((block) =>
    isActions(block) ? { ...block, elements: block.elements.map((element) => (element.type === 'button' ? change(element) : element)) } : block),
})

const confirming = ['promote_anyway', 'promote_again'] as const satisfies readonly ActionId[]

/** What was typed goes on with the button: the release to roll back to, the flags to promote with. */
const carryOn = (message: Message, refusal: Refusal, { args, command }: Parsed): Message => {
  const [wanted] = args.words
  if (refusal.code === 'app_busy' && refusal.asked === 'rollback' && command.name === 'releases rollback' && wanted !== undefined) {
    return withButtons(message, (button) =>
      button.action_id === 'cancel_rollout' ? { ...button, action_id: 'cancel_and_roll_back', value: releaseValue(refusal.app, cleanId(wanted.text)) } : button)
  }
  if (refusal.code !== 'older_release' && refusal.code !== 'already_active') return message
  const manner = { deadlineSeconds: args.number.deadline ?? null, force: args.on.has('force'), queue: args.on.has('queue'), override: args.on.has('override-freeze') }
  const value = confirmedValue(refusal.app, refusal.release, manner)
  return withButtons(message, (button) => (confirming.some((id) => id === button.action_id) ? { ...button, value } : button))
}

const refusalNo = async (error: RefusalError, desk: Desk, attempt: Attempt): Promise<Message> => {
  // The rack does not know who is who in the workspace.
  const refusal = error.refusal.code === 'forbidden' && error.refusal.who.length === 0 ? { ...error.refusal, who: desk.admins ?? [] } : error.refusal
  const names = await namesFor(desk, peopleOfRefusal(refusal))
  const message = refusalMessage(refusal, { ref: desk.ref, names, offers: await keep(error, fixesFor(error, attempt), desk) })
  return attempt.parsed === null ? message : carryOn(message, refusal, attempt.parsed)
}

/**
 * The answer to whatever ended an attempt: an expected no in words, the rest as "failed on our side", written to the log with its
 * reference. Nothing typed is logged.
 */
export const sayNo = async (error: unknown, desk: Desk, attempt: Attempt): Promise<Message> => {
  if (error instanceof RefusalError) {
    desk.log.info({ ref: desk.ref, refusal: error.refusal.code }, 'refused')
    return refusalNo(error, desk, attempt)
  }
  if (error instanceof UsageFailure) {
    desk.log.info({ ref: desk.ref, usage: error.problem.code }, 'not understood')
    return usageMessage(error.problem, { ref: desk.ref, offers: await keep(error, fixesFor(error, attempt), desk) })
  }
  desk.log.error({ err: error, ref: desk.ref }, 'a delivery failed')
  if (isDatabaseAway(error)) return refusalMessage({ code: 'database_away' }, { ref: desk.ref })
  return usageMessage({ code: 'unexpected', app: attempt.app }, { ref: desk.ref })
}
