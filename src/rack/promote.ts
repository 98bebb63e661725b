import { retireButtons } from '../db/conversations.ts'
import { activeRelease, wasVerified } from '../db/promotions.ts'
import { findReleaseAnywhere, newestRelease, type ReleaseRecord } from '../db/releases.ts'
import type { AppRecord } from '../db/apps.ts'
import { requireRole } from './authorize.ts'
import type { Books } from './context.ts'
import { refuseHeld } from './gate/refuse-held.ts'
import { verdictOf } from './gate/state.ts'
import { tendQueue } from './gate/tend-queue.ts'
import { finish } from './finish.ts'
import { requireApp, requirePromotion, requireRelease } from './find.ts'
import type { Caller, Confirmation } from './operations.ts'
import { letPassFreezes } from './override-freeze.ts'
import type { PromotionView } from './promotion-view.ts'
import type { Warning } from './progress.ts'
import { requireDeadline } from './params.ts'
import { refusedCopyStatuses } from './promotion.ts'
import { promotionView } from './promotions.ts'
import { refuse } from './refusal.ts'
import { requestPromotion } from './request.ts'
import { rollbackAgain } from './rollback.ts'

const chosen = async (rack: Books, app: AppRecord, id: string | null): Promise<ReleaseRecord> => {
  if (id !== null) return requireRelease(rack.db, rack.name, app.name, id)
  return (await newestRelease(rack.db, rack.name, app.name, refusedCopyStatuses)) ?? refuse({ code: 'no_releases', app: app.name })
}

type Asked = { app: string; release: string | null; deadlineSeconds: number | null; confirmed: readonly Confirmation[]; force?: boolean; queue?: boolean; override?: boolean }

/** `againOf`: the ended promotion whose buttons asked for it; they go with the request. */
const ask = async (rack: Books, caller: Caller, input: Asked, againOf: string | null): Promise<PromotionView> => {
  requireRole(caller, 'deployer', 'promoting')
  const app = await requireApp(rack.db, rack.name, input.app)
  requireDeadline(input.deadlineSeconds)
  const [queue, override, force] = [input.queue === true, input.override === true, input.force === true]
  if (override) requireRole(caller, 'admin', 'overriding a freeze')
  const release = await chosen(rack, app, input.release)
  const active = await activeRelease(rack.db, rack.name, app.name)
  const activeRecord = active === null ? undefined : await findReleaseAnywhere(rack.db, active)
  if (release.id === active && !input.confirmed.includes('active')) refuse({ code: 'already_active', release: release.id, app: app.name })
  const older = activeRecord !== undefined && release.seq < activeRecord.seq
  if (older && !input.confirmed.includes('older')) refuse({ code: 'older_release', release: release.id, active: activeRecord.id, app: app.name })
  const warnings: Warning[] = older ? [{ kind: 'older', active: activeRecord.id }] : []
  const again = { kind: 'promote', release: release.id, deadlineSeconds: input.deadlineSeconds, force } as const
  const promotion = await rack.db.transaction(async (tx) => {
    await refuseHeld(rack, tx, caller, { app: app.name, provenRollback: false, queue, override, again })
    const proven = await wasVerified(tx, rack.name, app.name, release.id)
    const made = await requestPromotion(rack, tx, caller, {
      app: app.name, namespace: app.namespace, release, kind: 'promote', proven, deadlineSeconds: input.deadlineSeconds, behind: queue, warnings, force,
    })
    const frozen = override && (await verdictOf(rack, tx, made)).waits.some(({ kind }) => kind === 'freeze')
    const asked = frozen ? await letPassFreezes(rack, tx, caller, made) : made
    if (againOf !== null) await retireButtons(tx, { promotion: againOf })
    await finish(tx, caller)
    return asked
  })
  await tendQueue(rack, app.name)
  rack.wakeRollouts.call()
  return promotionView(rack, promotion)
}

/** Asks for a release to become active. Older ones and the active one itself only after a confirmation. */
export const promote = (rack: Books, caller: Caller, input: Asked): Promise<PromotionView> => ask(rack, caller, input, null)

/**
 * A new request for what an ended one asked for, with new votes. A rollback is one again, to the release that it was to. Force is not carried over: it
 * stops what moves, and that may be something else by now.
 */
export const requestAgain = async (rack: Books, caller: Caller, input: { promotion: string }): Promise<PromotionView> => {
  requireRole(caller, 'deployer', 'promoting')
  const old = await requirePromotion(rack.db, rack.name, input.promotion)
  const source = old.kind === 'rollback' ? (await findReleaseAnywhere(rack.db, old.releaseId))?.rollbackOf : null
  if (source !== null && source !== undefined) return rollbackAgain(rack, caller, old, source)
  return ask(rack, caller, { app: old.app, release: old.releaseId, deadlineSeconds: old.deadlineAsked, confirmed: ['older', 'active'] }, old.id)
}
