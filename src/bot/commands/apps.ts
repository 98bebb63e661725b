import { defineRackCommand } from '../command.ts'
import { appsAnswer } from '../messages/app-answers.ts'
import { say } from '../say.ts'

export const apps = defineRackCommand({
  name: 'apps',
  summary: 'Lists the apps of the rack with their status and active release.',
  args: [],
  flags: [],
  role: 'viewer',
  example: 'apps',
  run: async (context) => {
    const rows = await context.rack.listApps(context.caller)
    await say(context, appsAnswer(rows, context.caller.actor.role === 'admin'))
  },
})
