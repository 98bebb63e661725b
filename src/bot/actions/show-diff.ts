import { defineAction } from '../action.ts'
import { onPromotion } from '../on-promotion.ts'
import { openShowDiff, sendDiff } from '../views/show-diff.ts'

/** What a promotion changes: as a modal, and out of that as a file. */
export const showDiff = defineAction({
  ids: ['show_diff', 'send_diff'],
  run: async (context, click) => {
    const open = click.action === 'send_diff' ? sendDiff : openShowDiff
    await onPromotion((found, { promotion }) => open(found, promotion))(context, click)
  },
})
