import type { Cause } from '../cause.ts'
import { promotionRef } from '../ids.ts'
import { fail, failBeforeAnyChange } from './fail.ts'
import type { Job } from './job.ts'
import { giveUpRollBack } from './roll-back.ts'

/**
 * What failed again and again on something unexpected (a bug of ours, data that the database refuses) comes to its end all the same: nothing moved, then it
 * failed; in the middle of a rollout it goes back; on the way back the rollback has failed, and a person has to act. The log has the error under the id
 * that the card names.
 */
export const giveUp = async (job: Job): Promise<void> => {
  const promotion = job.promotion()
  const cause: Cause = { kind: 'own_error', rule: 'own-error', reason: promotionRef(promotion.id), firstSeen: job.rack.clock().toISOString() }
  if (promotion.status === 'queued') return failBeforeAnyChange(job, cause)
  if (promotion.status === 'rolling_back') return giveUpRollBack(job, cause)
  if (promotion.status !== 'rolling_out') return
  if (job.state().out === undefined) return failBeforeAnyChange(job, cause)
  return fail(job, [cause], null, 'Error')
}
