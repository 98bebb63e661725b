import { defineAction } from '../action.ts'
import { onPromotion } from '../on-promotion.ts'
import { openReject } from '../views/reject.ts'

export const reject = defineAction({
  ids: ['reject'],
  run: onPromotion((context, { promotion }) => openReject(context, promotion)),
})
