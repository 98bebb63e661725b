import type { PromotionView } from '../../rack/promotion-view.ts'
import type { Wait } from '../../rack/gate/gate.ts'
import type { Warning } from '../../rack/progress.ts'
import { isFinal, isMoving } from '../../rack/promotion.ts'
import { actions, context, fields, header, section, withIds, type Message } from '../blocks.ts'
import { changeOf } from './card-change.ts'
import { fieldsOf } from './card-fields.ts'
import { outlook, serviceLines, stepsLine } from './card-progress.ts'
import { explanation, runningNow } from './outcome.ts'
import { cardButtons } from './promotion-buttons.ts'
import { commandFor, printedCommand } from './printed-command.ts'
import { endOf, isFirstRelease, rollbackSource, spans, wayBack } from './promotion-facts.ts'
import { textOf, titleOf } from './promotion-title.ts'
import { code, day, joined, person, say, secs, type Phrase } from './phrase.ts'
import { duration } from './times.ts'
import { goesOnText } from './undelivered.ts'
import { blindText, refusedText, warningLine, warningText } from './warnings.ts'

/** Warnings on one card (cards.md 2). */
const warningLimit = 3
/** What is still true when it has ended. */
const lasting: readonly Warning['kind'][] = ['not_removed', 'not_stopped', 'timer_suspended', 'pull_secret_not_copied']

const warningsOf = (view: PromotionView): readonly Phrase[] => {
  const { blindSince, refused } = (isMoving(view.status) ? view.progress : null) ?? {}
  const now = [...(blindSince === undefined ? [] : [blindText(blindSince)]), ...(refused === undefined ? [] : [refusedText(refused)])]
  const told = view.warnings.filter(({ kind }) => (isFinal(view.status) ? lasting.includes(kind) : view.status !== 'rolling_back'))
  return [...now, ...told.map((warning) => warningText(warning, view.release.id))].slice(0, warningLimit).map((text) => warningLine(text))
}

const waitLine = (wait: Wait): Phrase =>
  wait.kind === 'lock'
    ? say`○ Waits for the lock of ${person(wait.owner)}: "${wait.reason}"${untilOf(wait)}`
    : say`○ Waits for the freeze "${wait.reason}"${untilOf(wait)}`
const untilOf = ({ until }: Wait): Phrase => (until === null ? say`, no end set` : say`, until ${day(until)}`)

/** A line for each reason to wait (cards.md 2.2). */
const queueLines = (view: PromotionView): Phrase => {
  const waits = (view.waits ?? []).map((wait) => waitLine(wait))
  return view.queue === null && waits.length > 0 ? joined(waits, '\n') : joined([...waits, queueLine(view)], '\n')
}

const queueLine = (view: PromotionView): Phrase => {
  if (view.queue === null) return say`○ Starts next`
  return view.queue.forced === true
    ? say`○ Waits until ${code(view.queue.behind)} is rolled back`
    : say`○ Waits for ${code(view.queue.behind)} of ${person(view.queue.behindRequester)}, position ${view.queue.position} of ${view.queue.of}`
}

/** What an approval does not open yet. */
const later = (view: PromotionView): Phrase | null => {
  const waits = view.waits ?? []
  return waits.length === 0 ? null : joined([say`Once approved:`, ...waits.map((wait) => waitLine(wait))], '\n')
}

const progressOf = (view: PromotionView): Phrase | null => {
  if (view.status === 'queued') return queueLines(view)
  if (view.status === 'awaiting_approval') return later(view)
  if (view.progress === null) return null
  if (isMoving(view.status)) return joined([stepsLine(view, view.progress), ...serviceLines(view)], '\n')
  return view.status === 'succeeded' && view.progress.services.length > 0 ? joined(serviceLines(view), '\n') : null
}

const id = (view: PromotionView): Phrase => say`id ${view.ref}`

/** The command that asks for the same: a rollback is one again, to what it was to. */
const again = (view: PromotionView): Phrase => {
  const source = view.kind === 'rollback' ? rollbackSource(view) : null
  return say`Again: ${commandFor(view, source === null ? `releases promote ${view.release.id}` : `releases rollback ${source}`)}`
}

const lastPromotion = (view: PromotionView): Phrase[] =>
  view.last === null ? [] : [say`Last promotion: ${view.last.status.replaceAll('_', ' ')}, ${day(view.last.at)}`]

const ifItFails = (view: PromotionView): Phrase => {
  const back = wayBack(view)
  return back === null || isFirstRelease(view) ? say`If it fails: scaled to 0, kept` : say`If it fails: back to ${code(back)}`
}

const movingContext = (view: PromotionView): readonly Phrase[] => {
  const { progress } = view
  if (progress === null) return [id(view)]
  const middle = outlook(view, progress)
  return [say`Last change ${secs(progress.lastChangeAt)}`, ...(middle === null ? [] : [middle]), id(view)]
}

const goBack = (view: PromotionView): Phrase[] =>
  view.from === null ? [] : [say`Go back: ${commandFor(view, `releases rollback ${view.from}`)}`]

const finalContext = (view: PromotionView): readonly Phrase[] => {
  const { failedAfter, backAfter, whole } = spans(view)
  switch (view.status) {
    case 'succeeded': return [...(whole === null ? [] : [say`${duration(whole)}`]), ...goBack(view)]
    case 'rejected':
    case 'expired':
    case 'cancelled': return [view.from === null ? say`Nothing is active yet` : say`${code(view.from)} stays active`, again(view)]
    case 'superseded': return [view.failedAt === null ? say`Nothing was rolled back` : say`The rollback is not finished`, again(view)]
    case 'rollback_failed': {
      const back = wayBack(view)
      return [back === null ? again(view) : say`Try again: ${commandFor(view, `releases rollback ${back}`)}`]
    }
    case 'rolled_back': {
      const back = backAfter === null ? '' : `, back ${duration(backAfter)} later`
      return [...(failedAfter === null ? [] : [say`${endOf(view)} after ${duration(failedAfter)}${back}`]), again(view)]
    }
    default: return [...(failedAfter === null ? [] : [say`${endOf(view)} after ${duration(failedAfter)}`]), again(view)]
  }
}

/** What only the delivery knows of a card. */
export interface Shown {
  /** How late the next redraw may be, where that is worth a word (reference/slack.md 4.5). */
  readonly behindSeconds?: number | undefined
  /** The card stays behind, without buttons: the promotion goes on in that channel; null: on a newer card in the same one. */
  readonly goesOn?: string | null
}

const slowed = ({ behindSeconds }: Shown): readonly Phrase[] => (behindSeconds === undefined ? [] : [say`Slack slows me down: this may be up to ${behindSeconds} s behind`])

const left = (view: PromotionView, { goesOn }: Shown): readonly Phrase[] => (goesOn === undefined ? [] : [goesOnText(view, goesOn)])

const contextOf = (view: PromotionView, shown: Shown): Phrase => {
  const parts = (): readonly Phrase[] => {
    if (view.status === 'awaiting_approval') return [ifItFails(view), ...lastPromotion(view), id(view)]
    if (view.status === 'queued') {
      const locked = (view.waits ?? []).some(({ kind }) => kind === 'lock')
      return [ifItFails(view), say`Automatic rollbacks never wait`, ...(locked ? [say`Take over: ${printedCommand(view, `apps unlock ${view.app}`)}`] : []), id(view)]
    }
    return isMoving(view.status) ? movingContext(view) : finalContext(view)
  }
  return joined([...parts(), ...(view.continuesEarlier ? [say`Continues an earlier message`] : []), ...slowed(shown), ...left(view, shown)], ' · ')
}

/**
 * The promotion's one message in every state (cards.md 2): header, fields, what would change, warnings, why, progress, running now,
 * actions, context. Pure: equal facts give an equal payload.
 */
export const promotionCard = (view: PromotionView, shown: Shown = {}): Message => {
  const warnings = warningsOf(view)
  const why = explanation(view, 'thread')
  const progress = progressOf(view)
  const running = runningNow(view)
  const buttons = shown.goesOn === undefined ? cardButtons(view) : []
  return {
    text: textOf(view),
    blocks: withIds(view.id, view.rev, [
      ['header', header(titleOf(view))],
      ['fields', fields(fieldsOf(view))],
      ['change', view.status === 'awaiting_approval' || view.status === 'queued' ? section(changeOf(view.change)) : null],
      ['warnings', warnings.length === 0 ? null : section(joined(warnings, '\n'))],
      ['why', why === null ? null : section(why)],
      ['progress', progress === null ? null : section(progress)],
      ['running', running === null ? null : section(say`*Running now* ${running}`)],
      ['actions', buttons.length === 0 ? null : actions(buttons)],
      ['context', context(contextOf(view, shown))],
    ]),
  }
}
