import { defineAppCommand } from '../command.ts'
import { promotionInfoAnswer } from '../messages/promotion-answers.ts'
import { withNames } from '../people.ts'
import { say } from '../say.ts'
import { cleanId } from '../tokenize.ts'

export const promotionsInfo = defineAppCommand({
  name: 'promotions info',
  summary: 'Shows one promotion: who asked and decided, what changed, how it ended and why.',
  args: [{ name: 'id', what: 'The promotion.', required: true }],
  flags: [],
  role: 'viewer',
  example: 'promotions info PQXWKTRDLNE -a shop',
  run: async (context, args) => {
    const view = await context.rack.promotionInfo(context.caller, { promotion: cleanId(args.words[0]?.text ?? ''), app: context.app })
    await say(context, promotionInfoAnswer(await withNames(context, view)))
  },
})
