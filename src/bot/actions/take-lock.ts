import { defineAction } from '../action.ts'
import { readLockValue } from '../again-value.ts'
import { onRackOfApp } from '../find-rack.ts'
import { lockAnswer } from '../messages/gate-answers.ts'
import { say } from '../say.ts'

/** On the answer to somebody who met another person's lock. */
export const takeLock = defineAction({
  ids: ['take_lock'],
  run: async (click, { value }) => {
    const chosen = readLockValue(value)
    if (chosen === null) throw new Error('a lock button of another make')
    const context = await onRackOfApp(click, chosen.app)
    const lock = await context.rack.takeLock(context.caller, chosen)
    await say(context, lockAnswer(chosen.app, lock, 'taken'))
  },
})
