import { defineAction } from '../action.ts'
import { onRackOfApp } from '../find-rack.ts'
import { openAppMenu } from '../menu.ts'

/** "Which app?": the chosen option is the app. */
export const pickApp = defineAction({
  ids: ['pick_app'],
  run: async (context, { value }) => openAppMenu(await onRackOfApp(context, value), value),
})
