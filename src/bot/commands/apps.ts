import { defineRackCommand } from '../command.ts'
import { showList } from '../show-list.ts'

export const apps = defineRackCommand({
  name: 'apps',
  summary: 'Lists the apps of the rack with their status and active release.',
  args: [],
  flags: [{ name: 'limit', short: 'l', kind: 'count', value: 'n', what: 'How many, 20 by default.' }],
  role: 'viewer',
  example: 'apps',
  run: (context, args) => showList(context, { list: 'apps', rack: context.rack.rack, app: null, page: { limit: args.number.limit ?? 20 } }),
})
