import { defineAppCommand } from '../command.ts'
import { unlockedAnswer } from '../messages/gate-answers.ts'
import { say } from '../say.ts'

export const appsUnlock = defineAppCommand({
  name: 'apps unlock',
  summary: "Ends your lock of an app; somebody else's can be taken over.",
  args: [{ name: 'app', what: 'The app.', required: false }],
  namesApp: true,
  flags: [],
  role: 'deployer',
  example: 'apps unlock shop',
  run: async (context) => {
    await context.rack.unlockApp(context.caller, { app: context.app })
    await say(context, unlockedAnswer(context.app))
  },
})
