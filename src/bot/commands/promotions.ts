import { defineAppCommand } from '../command.ts'
import { peopleIn, promotionsAnswer } from '../messages/promotion-answers.ts'
import { namesFor } from '../people.ts'
import { say } from '../say.ts'

export const promotions = defineAppCommand({
  name: 'promotions',
  summary: 'Lists the promotions of an app: who, from, to, result, reason.',
  args: [],
  flags: [{ name: 'limit', short: 'l', kind: 'count', value: 'n', what: 'How many, 10 by default.' }],
  role: 'viewer',
  example: 'promotions -a shop',
  run: async (context, args) => {
    const rows = await context.rack.listPromotions(context.caller, { app: context.app, limit: args.number.limit ?? 10 })
    const names = await namesFor(context, peopleIn(rows))
    await say(context, promotionsAnswer(context.app, rows, context.clock(), names))
  },
})
