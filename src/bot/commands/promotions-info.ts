import { defineAppCommand } from '../command.ts'
import { promotionFactsAnswer, promotionInfoAnswer } from '../messages/promotion-answers.ts'
import { withNames } from '../people.ts'
import { say } from '../say.ts'
import { cleanId } from '../tokenize.ts'

export const promotionsInfo = defineAppCommand({
  name: 'promotions info',
  summary: 'Shows one promotion: who asked and decided, what changed, how it ended and why.',
  args: [{ name: 'id', what: 'The promotion.', required: true }],
  flags: [{ name: 'facts', kind: 'boolean', what: 'Sends you what its judge saw, as a file by direct message; for deployers, audited.' }],
  role: 'viewer',
  example: 'promotions info PQXWKTRDLNE -a shop',
  notes: ['The file of --facts can be judged again: npm run judge -- <file>. It is kept for 30 days.'],
  run: async (context, args) => {
    const wanted = { promotion: cleanId(args.words[0]?.text ?? ''), app: context.app }
    if (args.on.has('facts')) return say(context, promotionFactsAnswer(await context.rack.recordedFacts(context.caller, wanted)))
    const view = await context.rack.promotionInfo(context.caller, wanted)
    await say(context, promotionInfoAnswer(await withNames(context, view)))
  },
})
