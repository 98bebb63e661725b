import { defineAction } from '../action.ts'
import { readPageValue } from '../action-ids.ts'
import { onRackOfApp } from '../find-rack.ts'
import { releasesAnswer } from '../messages/release-answers.ts'
import { say } from '../say.ts'

/** Older and Newer redraw the list they stand under. */
export const releasesPager = defineAction({
  ids: ['older', 'newer'],
  run: async (click, { value }) => {
    const asked = readPageValue(value)
    if (asked === null) throw new Error('a pager of another make')
    const context = await onRackOfApp(click, asked.app)
    const page = await context.rack.listReleases(context.caller, asked)
    await say(context, releasesAnswer(page, asked), { replace: true })
  },
})
