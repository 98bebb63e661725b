import { defineAppCommand } from '../command.ts'
import { freezesAnswer } from '../messages/gate-answers.ts'
import { whereOf } from '../on-rack.ts'
import { say } from '../say.ts'

export const appsFreezes = defineAppCommand({
  name: 'apps freezes',
  summary: 'Lists the freezes that are about an app, its own and those of the whole rack.',
  args: [{ name: 'app', what: 'The app.', required: false }],
  namesApp: true,
  flags: [],
  role: 'viewer',
  example: 'apps freezes shop',
  run: async (context) => {
    const rows = await context.rack.listFreezes(context.caller, { app: context.app })
    await say(context, freezesAnswer(context.app, rows, whereOf(context)))
  },
})
