import { defineAppCommand } from '../command.ts'
import { buildsAnswer } from '../messages/build-answers.ts'
import { say } from '../say.ts'

export const builds = defineAppCommand({
  name: 'builds',
  summary: 'Lists the builds of an app, newest first.',
  args: [],
  flags: [{ name: 'limit', short: 'l', kind: 'count', value: 'n', what: 'How many, 10 by default.' }],
  role: 'viewer',
  example: 'builds -a shop',
  run: async (context, args) => {
    const rows = await context.rack.listBuilds(context.caller, { app: context.app, limit: args.number.limit ?? 10 })
    await say(context, buildsAnswer(context.app, rows, context.clock()))
  },
})
