import { writeAudit } from '../../db/audit.ts'
import type { Db } from '../../db/client.ts'
import { isUniqueViolation } from '../../db/conflict.ts'
import { retireButtons } from '../../db/conversations.ts'
import { activeRelease, goodRelease, type PromotionRecord } from '../../db/promotions.ts'
import { askAgain, isStillApproved, renewIfChanged } from '../approve.ts'
import { appParams } from '../apps.ts'
import { sayOfApp } from '../app-announcement.ts'
import { cancelForForced, forcedInQueue, wayBackMissing } from '../force.ts'
import type { Verdict } from '../gate/gate.ts'
import { keepQueue } from '../gate/keep-queue.ts'
import { HeldBackError, letBegin } from '../gate/let-begin.ts'
import { passWarnings } from '../gate/passing.ts'
import { fromJson, toJson } from '../json.ts'
import type { Warning } from '../progress.ts'
import type { ThreadLine } from '../thread-line.ts'
import { failBeforeAnyChange } from './fail.ts'
import type { Job } from './job.ts'

/**
 * Starts a queued promotion: what was approved is computed once more, right before the first write; then it moves, with the way back fixed.
 * False when it did not start: a lock, a freeze or another promotion of the app is in its way, or it asks again.
 */
export const begin = async (job: Job): Promise<boolean> => {
  const { rack } = job
  const promotion = job.promotion()
  const verdict = await rack.db.transaction((tx) => letBegin(rack, tx, promotion))
  if (verdict === null) {
    await keepQueue(rack, promotion.app)
    return false
  }
  if (promotion.waived === null) {
    const renewed = await rack.db.transaction((tx) => renewIfChanged(rack, tx, promotion))
    if (renewed !== null) {
      rack.wakeDelivery.call()
      return false
    }
  }
  if (promotion.waived === 'policy' && (await appParams(rack.db, rack.name, promotion.app)).approvals > 0) {
    // It was queued when nobody had to approve; now somebody has to.
    await rack.db.transaction((tx) => askAgain(rack, tx, promotion))
    rack.wakeDelivery.call()
    return false
  }
  const missing = await wayBackMissing(rack.db, promotion)
  if (missing !== undefined) return stopForced(job, missing)
  const good = await goodRelease(rack.db, rack.name, promotion.app)
  job.show({ phase: 'checking', applied: { done: 0, total: 0 }, services: [] })
  try {
    await job.commit({
      status: 'rolling_out', step: 'dry_run', say: ['Pending'], lines: passLines(job, verdict),
      // Once more, and this time nobody comes in between.
      only: async (tx) => JSON.stringify(await letBegin(rack, tx, promotion)) === JSON.stringify(verdict) && isStillApproved(rack, tx, promotion),
      more: async (tx) => {
        await tellPassed(job, tx, verdict)
        // What earlier promotions offered to do again is overtaken now (reference/cards.md 2.5).
        await retireButtons(tx, { rack: rack.name, app: promotion.app })
      },
      set: {
        held: false, waits: null, warnings: toJson([...(fromJson<Warning[]>(promotion.warnings) ?? []), ...passWarnings(verdict.passes, promotion)]),
        startedAt: rack.clock(), fromReleaseId: await activeRelease(rack.db, rack.name, promotion.app),
        targetReleaseId: good?.releaseId ?? null, targetPromotionId: good?.promotionId ?? null,
      },
    })
    await cancelForWaiting(job)
    return true
  } catch (error) {
    if (!isUniqueViolation(error) && !(error instanceof HeldBackError)) throw error
    await keepQueue(rack, promotion.app)
    return false
  }
}

const passLines = ({ rack }: Job, { passes }: Verdict): ThreadLine[] =>
  passes.map((pass) => ({ at: rack.clock().toISOString(), kind: 'passes', ...(pass.kind === 'lock' ? { lock: pass.owner } : { freeze: pass.reason }) }))

/** Who passes somebody else's lock, or a freeze, by going back to what was proven is announced; an override was when it was made, and one's own lock is one's own. */
const tellPassed = async ({ rack, promotion }: Job, tx: Db, { passes }: Verdict): Promise<void> => {
  if (passes.length === 0) return
  const { app, id, requester, releaseId, digest } = promotion()
  const lock = passes.find((pass) => pass.kind === 'lock')?.owner ?? null
  const freezes = passes.filter((pass) => pass.kind === 'freeze').map(({ reason }) => reason)
  await writeAudit(tx, { rack: rack.name, app, actor: requester, action: 'promotion.pass', promotionId: id, decision: 'overridden', digest, detail: { release: releaseId, lock, freezes, by: passes.map(({ by }) => by) } })
  if (passes.some(({ by }) => by === 'rollback')) await sayOfApp(rack, tx, app, { kind: 'passed', by: requester, release: releaseId, lock, freezes })
}

/** The rollback that it waited for failed, or somebody else's change stayed: it asks again; where nobody has to approve it ends and says why. */
const stopForced = async (job: Job, before: PromotionRecord): Promise<false> => {
  const { rack } = job
  const promotion = job.promotion()
  // Verified good before, it would go to an app whose state nobody has approved: it asks, as one with approvals does.
  if (promotion.waived !== 'policy') {
    await rack.db.transaction((tx) => askAgain(rack, tx, promotion))
    rack.wakeDelivery.call()
  } else {
    const how = before.status === 'superseded' ? 'was superseded' : 'could not be rolled back'
    await failBeforeAnyChange(job, { kind: 'not_possible', rule: 'not-possible', message: `${before.releaseId}, which it was to replace, ${how}`, firstSeen: rack.clock().toISOString() })
  }
  return false
}

/** A forced promotion that was queued in the instant in which this one began still goes first. */
const cancelForWaiting = async ({ rack, promotion }: Job): Promise<void> => {
  const { app, id } = promotion()
  await rack.db.transaction(async (tx) => {
    const forced = await forcedInQueue(tx, rack.name, app)
    if (forced !== undefined && forced.id !== id) await cancelForForced(rack, tx, forced)
  })
}
