import { defineAppCommand } from '../command.ts'
import { showList } from '../show-list.ts'

export const promotions = defineAppCommand({
  name: 'promotions',
  summary: 'Lists the promotions of an app: who, from, to, result, reason.',
  args: [],
  flags: [{ name: 'limit', short: 'l', kind: 'count', value: 'n', what: 'How many, 10 by default.' }],
  role: 'viewer',
  example: 'promotions -a shop',
  run: (context, args) => showList(context, { list: 'promotions', rack: context.rack.rack, app: context.app, page: { limit: args.number.limit ?? 10 } }),
})
