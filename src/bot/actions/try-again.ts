import { defineAction } from '../action.ts'
import { onPromotion } from '../on-promotion.ts'
import { tellStarted } from '../promote-flow.ts'

/** After a failed rollback. */
export const tryAgain = defineAction({
  ids: ['try_again'],
  run: onPromotion(async (context, { promotion }) => tellStarted(context, await context.rack.tryRollbackAgain(context.caller, { promotion }))),
})
