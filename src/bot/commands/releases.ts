import { defineAppCommand } from '../command.ts'
import { releasesTextAnswer } from '../messages/release-answers.ts'
import { say } from '../say.ts'
import { showList } from '../show-list.ts'

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
    if (!asText) return showList(context, { list: 'releases', rack: context.rack.rack, app: context.app, page: { limit: Math.min(asked, mostButtons) } })
    return say(context, releasesTextAnswer(await context.rack.listReleases(context.caller, { app: context.app, limit: asked }), context.app, context.clock()))
  },
})
