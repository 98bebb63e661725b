import { defineAppCommand } from '../command.ts'
import { paramsAnswer } from '../messages/app-answers.ts'
import { namedInParams, namesFor } from '../people.ts'
import { say } from '../say.ts'

export const appsParams = defineAppCommand({
  name: 'apps params',
  summary: 'Shows the params of an app: channel, approvals, approvers, deadline, stability, expiry.',
  args: [{ name: 'app', what: 'The app.', required: false }],
  namesApp: true,
  flags: [],
  role: 'viewer',
  example: 'apps params -a shop',
  run: async (context) => {
    const { params } = await context.rack.appInfo(context.caller, context.app)
    await say(context, paramsAnswer(context.app, params, false, await namesFor(context, namedInParams(params))))
  },
})
