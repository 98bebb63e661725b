import { defineAction } from '../action.ts'
import { cardLinkMessage } from '../messages/decided.ts'
import { onPromotion } from '../on-promotion.ts'
import { say } from '../say.ts'
import { UsageFailure } from '../usage-error.ts'

export const showCard = defineAction({
  ids: ['show_card'],
  run: onPromotion(async (context, { promotion }) => {
    const view = await context.rack.promotionInfo(context.caller, { promotion })
    const link = await context.slack.permalinkOfCard(promotion)
    if (link === null) throw new UsageFailure({ code: 'card_not_posted' })
    await say(context, cardLinkMessage(view.release.id, link))
  }),
})
