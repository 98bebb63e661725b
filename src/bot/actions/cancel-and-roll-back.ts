import { defineAction } from '../action.ts'
import { readReleaseValue } from '../action-ids.ts'
import { onRackOfApp } from '../find-rack.ts'
import { tellStarted } from '../promote-flow.ts'

/** On the answer to a rollback that came while something moved. */
export const cancelAndRollBack = defineAction({
  ids: ['cancel_and_roll_back'],
  run: async (click, { value }) => {
    const chosen = readReleaseValue(value)
    if (chosen === null) throw new Error('a release button of another make')
    const context = await onRackOfApp(click, chosen.app)
    const { promotion } = await context.rack.cancelAndRollback(context.caller, chosen)
    await tellStarted(context, promotion)
  },
})
