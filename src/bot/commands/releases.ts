import { defineAppCommand } from '../command.ts'
import { releasesAnswer, releasesTextAnswer } from '../messages/release-answers.ts'
import { say } from '../say.ts'

/** Rows a page has when nothing else is asked for. */
const usual = 10
/** More rows with buttons than this do not fit one message (cards.md 5). */
const mostButtons = 20

export const releases = defineAppCommand({
  name: 'releases',
  summary: 'Lists the releases of an app, newest first, each with its Promote button.',
  args: [],
  flags: [
    { name: 'limit', short: 'l', kind: 'count', value: 'n', what: 'How many, 10 by default.' },
    { name: 'text', kind: 'boolean', what: 'A plain table without buttons.' },
  ],
  role: 'viewer',
  example: 'releases -a shop --limit 20',
  run: async (context, args) => {
    const asText = args.on.has('text')
    const asked = args.number.limit ?? usual
    const limit = asText ? asked : Math.min(asked, mostButtons)
    const page = await context.rack.listReleases(context.caller, { app: context.app, limit, offset: 0 })
    if (asText) return say(context, releasesTextAnswer(page, context.app, context.clock()))
    return say(context, releasesAnswer(page, { app: context.app, offset: 0, limit }))
  },
})
