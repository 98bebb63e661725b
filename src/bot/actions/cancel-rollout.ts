import { defineAction } from '../action.ts'
import { decidedMessage } from '../messages/decided.ts'
import { onPromotion } from '../on-promotion.ts'
import { withNames } from '../people.ts'
import { say } from '../say.ts'

/** Cancel and roll back, and Leave queue: the former asked with a dialog whether to go back, the latter never goes back. */
export const cancelRollout = defineAction({
  ids: ['cancel_rollout', 'leave_queue'],
  run: (context, click) => onPromotion(async (here, { promotion }) => {
    const leaves = click.action === 'leave_queue'
    const view = await here.rack.cancel(here.caller, { promotion, onlyWaiting: leaves })
    await say(here, decidedMessage(leaves ? 'left_queue' : 'cancelled', await withNames(here, view)))
  })(context, click),
})
