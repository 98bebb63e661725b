import { defineAction } from '../action.ts'
import { readMoreValue } from '../action-ids.ts'
import { onRackOfPromotion } from '../find-rack.ts'
import { decidedMessage } from '../messages/decided.ts'
import { promotionInfoAnswer } from '../messages/promotion-answers.ts'
import { withNames } from '../people.ts'
import { say } from '../say.ts'

/** The card's ⋯ menu. */
export const more = defineAction({
  ids: ['more'],
  run: async (click, { value }) => {
    const chosen = readMoreValue(value)
    if (chosen === null) throw new Error('a menu option of another make')
    const { option, promotion } = chosen
    const context = await onRackOfPromotion(click, promotion)
    const { rack, caller } = context
    switch (option) {
      case 'cancel_request': return say(context, decidedMessage('cancelled', await withNames(context, await rack.cancel(caller, { promotion, onlyWaiting: true }))))
      case 'promotion_info': return say(context, promotionInfoAnswer(await withNames(context, await rack.promotionInfo(caller, { promotion }))))
    }
  },
})
