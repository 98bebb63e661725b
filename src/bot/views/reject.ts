import { clickAgain } from '../click-again.ts'
import type { Context } from '../context.ts'
import { onRackOfPromotion } from '../find-rack.ts'
import { decidedMessage } from '../messages/decided.ts'
import { fieldErrors, rejectView } from '../messages/modals.ts'
import { idOf, readMetadata } from '../metadata.ts'
import { openModal } from '../modal.ts'
import { withNames } from '../people.ts'
import { say } from '../say.ts'
import { defineView, textOf } from '../view.ts'

/** Asks for the reason, once it is clear that this person may reject. */
export const openReject = async (context: Context, promotion: string): Promise<void> =>
  openModal(
    context, promotion, async () => rejectView(await withNames(context, await context.rack.mayDecide(context.caller, { promotion }))),
    () => clickAgain(context, promotion, { action: 'reject', label: 'Reject', command: null }),
  )

export const rejectPromotion = defineView({
  id: 'reject_promotion',
  check: (fields) => {
    const reason = textOf(fields, 'reason').trim()
    return reason.length >= 1 && reason.length <= 500 ? null : { reason: fieldErrors.reason }
  },
  run: async (opened, metadata, fields) => {
    const promotion = idOf(readMetadata(metadata), 'promotion')
    const context = await onRackOfPromotion(opened, promotion)
    const view = await context.rack.reject(context.caller, { promotion, reason: textOf(fields, 'reason').trim() })
    await say(context, decidedMessage('rejected', await withNames(context, view)))
  },
  under: () => null,
})
