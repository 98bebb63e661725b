import { defineAction } from '../action.ts'
import { readAgainValue } from '../again-value.ts'
import { onRackOfApp } from '../find-rack.ts'
import { promote, tellStarted } from '../promote-flow.ts'

/** On the answer to what a lock, a freeze or another promotion refused: the same, and it may wait. */
export const queueIt = defineAction({
  ids: ['queue_it'],
  run: async (click, { value }) => {
    const chosen = readAgainValue(value)
    if (chosen === null) throw new Error('a Queue it button of another make')
    const { app, again } = chosen
    const { release, deadlineSeconds, force } = again
    const context = await onRackOfApp(click, app)
    if (again.kind === 'rollback') return tellStarted(context, (await context.rack.rollback(context.caller, { app, release, queue: true })).promotion)
    // It was refused after the questions about older and active releases were answered.
    return promote(context, { app, release, deadlineSeconds, confirmed: ['older', 'active'], queue: true, ...(force ? { force } : {}) })
  },
})
