import { defineAction } from '../action.ts'
import { onPromotion } from '../on-promotion.ts'
import { tellStarted } from '../promote-flow.ts'

export const requestAgain = defineAction({
  ids: ['request_again'],
  run: onPromotion(async (context, { promotion }) => tellStarted(context, await context.rack.requestAgain(context.caller, { promotion }))),
})
