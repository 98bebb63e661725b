import { defineAction } from '../action.ts'
import { decidedMessage } from '../messages/decided.ts'
import { onPromotion } from '../on-promotion.ts'
import { withNames } from '../people.ts'
import { say } from '../say.ts'

/** Cancel and roll back, and Leave queue: what it ends depends on where the promotion stands. */
export const cancelRollout = defineAction({
  ids: ['cancel_rollout', 'leave_queue'],
  run: (context, click) => onPromotion(async (here, { promotion }) => {
    const view = await here.rack.cancel(here.caller, { promotion })
    await say(here, decidedMessage(click.action === 'leave_queue' ? 'left_queue' : 'cancelled', await withNames(here, view)))
  })(context, click),
})
