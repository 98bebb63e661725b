import { isDataRefused } from '../../db/conflict.ts'
import { addRecordingPart } from '../../db/recordings.ts'
import type { Rack } from '../context.ts'
import { partsToDrop } from './bound.ts'
import { openRecorder, type Recorder } from './recorder.ts'

/** Records what the judge of a promotion sees in this process, into the database. */
export const recordPromotion = (rack: Rack, promotion: { readonly id: string; readonly app: string }): Recorder =>
  openRecorder({
    about: { promotion: promotion.id, app: promotion.app, owner: rack.instance },
    store: async (part) => {
      try {
        await addRecordingPart(rack.db, { ...part, promotionId: promotion.id }, partsToDrop)
      } catch (error) {
        // Trying again would be refused again: the promotion's app was deleted meanwhile, say.
        if (!isDataRefused(error)) throw error
        rack.log.warn({ promotion: promotion.id, error }, 'a part of a recording is refused by the database and forgotten')
      }
    },
    log: (error) => rack.log.info({ promotion: promotion.id, error }, 'a recording waits for the database'),
  })
