import { defineAction } from '../action.ts'
import { decidedMessage } from '../messages/decided.ts'
import { onPromotion } from '../on-promotion.ts'
import { withNames } from '../people.ts'
import { say } from '../say.ts'

export const approve = defineAction({
  ids: ['approve'],
  run: onPromotion(async (context, { promotion, rev }) => {
    const view = await context.rack.approve(context.caller, { promotion, rev })
    await say(context, decidedMessage('approved', await withNames(context, view)))
  }),
})
