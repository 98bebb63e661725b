import { defineAppCommand } from '../command.ts'
import { decidedMessage } from '../messages/decided.ts'
import { withNames } from '../people.ts'
import { say } from '../say.ts'

export const appsCancel = defineAppCommand({
  name: 'apps cancel',
  summary: 'Stops the promotion that moves and goes back to the last release that was proven.',
  args: [{ name: 'app', what: 'The app.', required: false }],
  namesApp: true,
  flags: [],
  role: 'deployer',
  example: 'apps cancel shop',
  run: async (context) => {
    const view = await context.rack.cancelApp(context.caller, { app: context.app })
    await say(context, decidedMessage('cancelled', await withNames(context, view)))
  },
})
