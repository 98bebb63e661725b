import { defineAction } from '../action.ts'
import { readReleaseValue } from '../action-ids.ts'
import { onRackOfApp } from '../find-rack.ts'
import { word } from '../parse.ts'
import { promoteQuestion } from '../promote-question.ts'
import { promote } from '../promote-flow.ts'
import { writeQuestion } from '../retype.ts'
import { say } from '../say.ts'

/** Promote in lists and answers: where no approval is wanted it asks first, because nobody else will. */
export const promoteRelease = defineAction({
  ids: ['promote'],
  run: async (click, { value }) => {
    const chosen = readReleaseValue(value)
    if (chosen === null) throw new Error('a release button of another make')
    const { app, release } = chosen
    const context = await onRackOfApp(click, app)
    const { params } = await context.rack.appInfo({ actor: context.caller.actor }, app)
    if (params.approvals > 0) return promote(context, { app, release, deadlineSeconds: null, confirmed: [] })
    const words = ['releases', 'promote', release, '--app', app, ...(context.racks.length > 1 ? ['--rack', context.rack.rack] : [])]
    const question = await context.inbox.keepQuestion(writeQuestion(words.map(word)))
    return say(context, promoteQuestion(app, release, { label: 'Promote', question }))
  },
})
