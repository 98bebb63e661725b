import { defineAppCommand } from '../command.ts'
import { appInfoAnswer } from '../messages/app-answers.ts'
import { namedInParams, namesFor } from '../people.ts'
import { say } from '../say.ts'

export const appsInfo = defineAppCommand({
  name: 'apps info',
  summary: 'Shows an app: its status, lock, active release, params, freezes and queue.',
  args: [{ name: 'app', what: 'The app.', required: false }],
  namesApp: true,
  flags: [],
  role: 'viewer',
  example: 'apps info shop',
  run: async (context) => {
    const info = await context.rack.appInfo(context.caller, context.app)
    await say(context, appInfoAnswer(info, await namesFor(context, [...namedInParams(info.params), ...(info.queue ?? []).map(({ requester }) => requester), ...(info.lock ? [info.lock.owner] : [])])))
  },
})
