import { defineAppCommand } from '../command.ts'
import { showList } from '../show-list.ts'

export const builds = defineAppCommand({
  name: 'builds',
  summary: 'Lists the builds of an app, newest first.',
  args: [],
  flags: [{ name: 'limit', short: 'l', kind: 'count', value: 'n', what: 'How many, 10 by default.' }],
  role: 'viewer',
  example: 'builds -a shop',
  run: (context, args) => showList(context, { list: 'builds', rack: context.rack.rack, app: context.app, page: { limit: args.number.limit ?? 10 } }),
})
