import { callerAt } from '../../rack/authorize.ts'
import { defineAction } from '../action.ts'
import { onRack } from '../on-rack.ts'
import { readPageValue } from '../page-value.ts'
import { showList } from '../show-list.ts'

/** Older and Newer redraw the list they stand under. */
export const pager = defineAction({
  ids: ['older', 'newer'],
  run: async (context, { value }) => {
    const asked = readPageValue(value)
    const rack = context.racks.find((known) => known.rack === asked?.rack)
    if (asked === null || rack === undefined) throw new Error('a pager of another make')
    await showList({ ...onRack(context, rack), caller: callerAt(context.caller, rack.rack, asked.app) }, asked, { replace: true })
  },
})
