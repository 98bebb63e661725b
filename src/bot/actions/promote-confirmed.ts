import type { Confirmation } from '../../rack/operations.ts'
import { defineAction } from '../action.ts'
import { readConfirmedValue } from '../confirmed-value.ts'
import { onRackOfApp } from '../find-rack.ts'
import { promote } from '../promote-flow.ts'

/** Promote again (it is active already) and Promote anyway (it is older): the click is the confirmation. */
export const promoteConfirmed = defineAction({
  ids: ['promote_again', 'promote_anyway'],
  run: async (click, { action, value }) => {
    const chosen = readConfirmedValue(value)
    if (chosen === null) throw new Error('a release button of another make')
    const { app, release, deadlineSeconds, force, queue, override } = chosen
    const confirmed: readonly Confirmation[] = action === 'promote_again' ? ['active'] : ['older']
    await promote(await onRackOfApp(click, app), {
      app, release, deadlineSeconds, confirmed, ...(force ? { force } : {}), ...(queue ? { queue } : {}), ...(override ? { override } : {}),
    })
  },
})
