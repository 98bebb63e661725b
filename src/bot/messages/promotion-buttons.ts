import type { Button, Overflow } from '@slack/types'
import type { PromotionView } from '../../rack/promotion-view.ts'
import { moreOptions, promotionValue } from '../action-ids.ts'
import { button, overflow, type ButtonFacts, type Dialog } from '../blocks.ts'
import { aboutRelease, appOf, isFirstRelease, wayBack } from './promotion-facts.ts'
import { cut } from './plain-text.ts'
import { overrideDialog } from './refusals-of-gates.ts'

const of = (view: PromotionView, facts: Pick<ButtonFacts, 'action' | 'label' | 'style' | 'dialog'>): Button =>
  button({ ...facts, value: promotionValue(view.id, view.rev), about: aboutRelease(view) })

/** Dialog 2 of cards.md 2.5. */
export const cancelDialog = (view: PromotionView): Dialog => {
  const app = cut(appOf(view), 80)
  const back = wayBack(view)
  return {
    title: 'Cancel and roll back?',
    text: isFirstRelease(view) || back === null
      ? `This is the first release of ${app}: there is nothing to go back to, its processes are scaled to 0.`
      : `${app} stops rolling out ${view.release.id} and goes back to ${back}. What a release command did stays.`,
    confirm: 'Cancel and roll back',
    deny: 'Keep rolling out',
    danger: true,
  }
}

/** Dialog 4 of cards.md 2.5. */
const tryAgainDialog = (view: PromotionView): Dialog => ({
  title: 'Try the rollback again?',
  text: `Applies ${wayBack(view) ?? 'the last verified good release'} to ${cut(appOf(view), 80)} once more and watches it like any promotion. `
    + 'It needs no approval.',
  confirm: 'Try again',
  deny: 'Not now',
})

const more = (view: PromotionView): Overflow => {
  const labels = { cancel_request: 'Cancel request', promotion_info: 'Promotion info' } as const
  return overflow('more', moreOptions.map((option) => ({ label: labels[option], value: `${option}:${promotionValue(view.id, view.rev)}` })))
}

/** Only where a freeze alone keeps it waiting (cards.md 2.5). */
const overrideButton = (view: PromotionView): readonly Button[] => {
  const waits = view.waits ?? []
  const [first] = waits
  if (first === undefined || view.queue !== null || waits.some(({ kind }) => kind !== 'freeze')) return []
  const ends = waits.map(({ until }) => until?.getTime() ?? Infinity)
  const last = Math.max(...ends)
  return [of(view, {
    action: 'override_freeze', label: 'Override freeze', style: 'danger', dialog: overrideDialog(appOf(view), view.release.id, first.reason, Number.isFinite(last) ? new Date(last) : null),
  })]
}

/** The card's buttons by state; none once it is final or rolling back (cards.md 2.5). */
export const cardButtons = (view: PromotionView): readonly (Button | Overflow)[] => {
  switch (view.status) {
    case 'awaiting_approval': return [
      of(view, { action: 'approve', label: 'Approve', style: 'primary' }),
      of(view, { action: 'reject', label: 'Reject' }),
      showDiffButton(view),
      more(view),
    ]
    case 'queued': return [
      of(view, { action: 'leave_queue', label: 'Leave queue' }),
      showDiffButton(view),
      ...overrideButton(view),
    ]
    // A first release that failed is being stopped: there is nothing to cancel any more.
    case 'rolling_out': return view.failedAt !== null ? [] : [
      of(view, { action: 'cancel_rollout', label: 'Cancel and roll back', style: 'danger', dialog: cancelDialog(view) }),
      showDiffButton(view),
    ]
    default: return []
  }
}

/** The one button of a notice or of the thread's last message. */
export const noticeButton = (view: PromotionView): Button =>
  view.status === 'rollback_failed'
    ? of(view, { action: 'try_again', label: 'Try again', style: 'primary', dialog: tryAgainDialog(view) })
    : of(view, { action: 'request_again', label: 'Request again' })

/** Opens what it changes, also of one that is over. */
export const showDiffButton = (view: PromotionView): Button => of(view, { action: 'show_diff', label: 'Show diff' })

/** In that modal: the whole of it as a file. */
export const sendDiffButton = (view: PromotionView): Button => of(view, { action: 'send_diff', label: 'Send as a file' })

export const showCardButton = (view: PromotionView): Button => of(view, { action: 'show_card', label: 'Show card' })
