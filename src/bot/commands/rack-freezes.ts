import { defineRackCommand } from '../command.ts'
import { freezesAnswer } from '../messages/gate-answers.ts'
import { whereOf } from '../on-rack.ts'
import { say } from '../say.ts'

export const rackFreezes = defineRackCommand({
  name: 'rack freezes',
  summary: 'Lists the freezes that are about every app of the rack.',
  args: [],
  flags: [],
  role: 'viewer',
  example: 'rack freezes',
  run: async (context) => say(context, freezesAnswer(null, await context.rack.listFreezes(context.caller, { app: null }), whereOf(context))),
})
