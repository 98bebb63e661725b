import { lockApp } from '../db/apps.ts'
import { retireButtons } from '../db/conversations.ts'
import { goodRelease, openPromotions } from '../db/promotions.ts'
import { insertRelease, type ReleaseRecord } from '../db/releases.ts'
import type { Db } from '../db/client.ts'
import { requireRole } from './authorize.ts'
import { requestCancel } from './cancel.ts'
import type { Books } from './context.ts'
import { refuseHeld } from './gate/refuse-held.ts'
import { tendQueue } from './gate/tend-queue.ts'
import { finish } from './finish.ts'
import { requireApp, requirePromotion, requireRelease } from './find.ts'
import { newId } from './ids.ts'
import type { Caller } from './operations.ts'
import { isMoving, isProven } from './promotion.ts'
import type { PromotionView } from './promotion-view.ts'
import { promotionView } from './promotions.ts'
import { wasProven } from './proven.ts'
import { refuse } from './refusal.ts'
import { openEnv, sealEnv } from './release-env.ts'
import { busyWith, refuseBusy, requestPromotion } from './request.ts'

interface RolledBack { readonly release: string; readonly source: string; readonly promotion: PromotionView }

const copyForward = async (rack: Books, tx: Db, caller: Caller, source: ReleaseRecord): Promise<ReleaseRecord> => {
  if (source.buildId === null) return refuse({ code: 'no_build', release: source.id, app: source.app })
  const id = newId('R')
  return insertRelease(tx, {
    id, rack: rack.name, app: source.app, buildId: source.buildId, env: sealEnv(rack.sealer, id, openEnv(rack.sealer, source)), description: `rollback to ${source.id}`,
    origin: 'rollback', rollbackOf: source.id, createdBy: caller.actor.id,
  })
}

/** How a rollback is asked for. `waits`: behind what moves, which is cancelled for it or runs to its end; `againOf`: the ended one whose buttons go with it. */
interface Manner { readonly waits: 'cancelling' | 'queued' | null; readonly againOf: string | null }

const rollbackTo = async (rack: Books, caller: Caller, input: { app: string; release: string }, { waits, againOf }: Manner): Promise<RolledBack> => {
  requireRole(caller, 'deployer', 'rolling back')
  const app = await requireApp(rack.db, rack.name, input.app)
  const source = await requireRelease(rack.db, rack.name, app.name, input.release)
  const { copy, promotion } = await rack.db.transaction(async (tx) => {
    await lockApp(tx, rack.name, app.name)
    const proven = await wasProven(tx, source)
    const again = { kind: 'rollback', release: source.id, deadlineSeconds: null, force: false } as const
    await refuseHeld(rack, tx, caller, { app: app.name, provenRollback: proven, queue: waits === 'queued', override: false, again })
    const busy = await busyWith(tx, rack.name, app.name)
    if (busy !== undefined && waits === null) refuseBusy(app.name, busy, 'rollback')
    if (waits === 'cancelling') for (const open of await openPromotions(tx, rack.name, app.name)) if (isMoving(open.status) && !isProven(open)) await requestCancel(rack, tx, caller, open)
    const made = await copyForward(rack, tx, caller, source)
    const asked = await requestPromotion(rack, tx, caller, {
      app: app.name, namespace: app.namespace, release: made, kind: 'rollback', proven, deadlineSeconds: null, behind: waits !== null, warnings: [],
    })
    if (againOf !== null) await retireButtons(tx, { promotion: againOf })
    await finish(tx, caller)
    return { copy: made, promotion: asked }
  })
  await tendQueue(rack, app.name)
  rack.wakeRollouts.call()
  return { release: copy.id, source: source.id, promotion: await promotionView(rack, promotion) }
}

/** Copies an older release forward and promotes the copy, in one transaction. Refused before anything is written while the app is busy. */
export const rollback = (rack: Books, caller: Caller, input: { app: string; release: string; queue?: boolean }): Promise<RolledBack> =>
  rollbackTo(rack, caller, input, { waits: input.queue === true ? 'queued' : null, againOf: null })

/** Stops what moves; the copy waits behind its way back. */
export const cancelAndRollback = (rack: Books, caller: Caller, input: { app: string; release: string }): Promise<RolledBack> =>
  rollbackTo(rack, caller, input, { waits: 'cancelling', againOf: null })

/** What an ended one was, asked for once more as a rollback: a new copy of `release`, judged as if it were typed. */
export const rollbackAgain = async (rack: Books, caller: Caller, old: { readonly id: string; readonly app: string }, release: string): Promise<PromotionView> =>
  (await rollbackTo(rack, caller, { app: old.app, release }, { waits: null, againOf: old.id })).promotion

/** After a failed rollback: once more to the last verified good release. */
export const tryRollbackAgain = async (rack: Books, caller: Caller, input: { promotion: string }): Promise<PromotionView> => {
  requireRole(caller, 'deployer', 'rolling back')
  const failed = await requirePromotion(rack.db, rack.name, input.promotion)
  const good = failed.targetReleaseId ?? (await goodRelease(rack.db, rack.name, failed.app))?.releaseId
  if (good === undefined) return refuse({ code: 'no_active_release', app: failed.app })
  return rollbackAgain(rack, caller, failed, good)
}
