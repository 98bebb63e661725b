import { defineAction } from '../action.ts'
import { readPageValue } from '../page-value.ts'
import { showList } from '../show-list.ts'

/** Older and Newer redraw the list they stand under. */
export const pager = defineAction({
  ids: ['older', 'newer'],
  run: async (context, { value }) => {
    const asked = readPageValue(value)
    const rack = context.racks.find((known) => known.rack === asked?.rack)
    if (asked === null || rack === undefined) throw new Error('a pager of another make')
    await showList({ ...context, rack }, asked, { replace: true })
  },
})
