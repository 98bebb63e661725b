import { defineAction } from '../action.ts'
import { onPromotion } from '../on-promotion.ts'
import { openShowDiff } from '../views/show-diff.ts'

export const showDiff = defineAction({
  ids: ['show_diff'],
  run: onPromotion((context, { promotion }) => openShowDiff(context, promotion)),
})
