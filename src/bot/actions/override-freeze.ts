import { defineAction, type Click } from '../action.ts'
import { readAgainValue } from '../again-value.ts'
import type { Context } from '../context.ts'
import { onRackOfApp } from '../find-rack.ts'
import { decidedMessage } from '../messages/decided.ts'
import { onPromotion } from '../on-promotion.ts'
import { withNames } from '../people.ts'
import { promote } from '../promote-flow.ts'
import { say } from '../say.ts'

const ofPromotion = onPromotion(async (context, { promotion }) => {
  const view = await context.rack.overrideFreeze(context.caller, { promotion })
  await say(context, decidedMessage('overridden', await withNames(context, view)))
})

/** On a card it lets the queued promotion pass; on the answer to a refused one it asks for that again. */
const run = async (click: Context, what: Click): Promise<void> => {
  const chosen = readAgainValue(what.value)
  if (chosen === null) return ofPromotion(click, what)
  const { app, again: { release, deadlineSeconds, force } } = chosen
  return promote(await onRackOfApp(click, app), { app, release, deadlineSeconds, confirmed: ['older', 'active'], override: true, ...(force ? { force } : {}) })
}

export const overrideFreeze = defineAction({ ids: ['override_freeze'], run })
