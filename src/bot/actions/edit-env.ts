import { callerAt } from '../../rack/authorize.ts'
import { defineAction } from '../action.ts'
import { findAppOfPlace } from '../find-app.ts'
import { onRackOfApp } from '../find-rack.ts'
import { onRack } from '../on-rack.ts'
import { openEditEnv } from '../views/edit-env.ts'

/** Edit environment: its value is the app, or none where the message did not say. */
export const editEnv = defineAction({
  ids: ['edit_env'],
  run: async (click, { value }) => {
    if (value !== '-') return openEditEnv({ ...await onRackOfApp(click, value), app: value }, { base: null })
    const { rack, app } = await findAppOfPlace(click.racks, click.place, 'env edit -a shop')
    return openEditEnv({ ...onRack(click, rack), app, caller: callerAt(click.caller, rack.rack, app) }, { base: null })
  },
})
