import { listDeleting, lockApp, markDeleting, removeApp, type AppRecord } from '../db/apps.ts'
import { writeAudit } from '../db/audit.ts'
import { isStillSpokenOf, retireButtons } from '../db/conversations.ts'
import { openPromotions } from '../db/promotions.ts'
import { byCaller } from './audit-row.ts'
import { requireRight } from './authorize.ts'
import type { AppRack } from './context.ts'
import { eachApart } from './each-apart.ts'
import { finish } from './finish.ts'
import { requireApp } from './find.ts'
import { removeNamespace } from './namespace.ts'
import type { Caller } from './operations.ts'
import { isMoving } from './promotion.ts'
import { refuse, RefusalError, type Refusal } from './refusal.ts'

/** What is kept stays until its cards and threads are as they will be for good: nobody could draw them any more. */
const removeEverything = async (rack: AppRack, app: AppRecord): Promise<void> => {
  // At each try: a last word that was written down while the app was marked has buttons still.
  await retireButtons(rack.db, { rack: rack.name, app: app.name })
  rack.wakeDelivery.call()
  await removeNamespace(rack, app.name, app.namespace, app.namespaceUid)
  await rack.db.transaction(async (tx) => {
    const locked = await lockApp(tx, rack.name, app.name)
    // Another replica was faster, and the name may be a new app's.
    if (locked === undefined || locked.deletingAt === null) return
    if (!(await isStillSpokenOf(tx, rack.name, app.name))) await removeApp(tx, rack.name, app.name)
  })
}

/** Why the cluster does not take the namespace away yet: it is tried again until it does. */
export type DeletionTrouble = Extract<Refusal, { code: 'cluster_unreachable' | 'cluster_refused' }>

export interface Deletion {
  readonly namespace: string
  /** Null where the namespace is going. */
  readonly trouble: DeletionTrouble | null
}

/** What the cluster would not do; anything else is thrown on. */
const troubleIn = (error: unknown): DeletionTrouble => {
  if (error instanceof RefusalError && (error.refusal.code === 'cluster_unreachable' || error.refusal.code === 'cluster_refused')) return error.refusal
  throw error
}

/**
 * Deletes the namespace and everything that is kept of the app, but its audit. Refused while a promotion of it is open, and without its name typed again;
 * what the cluster does not do at once is no refusal any more, as it goes on by itself.
 */
export const deleteApp = async (rack: AppRack, caller: Caller, input: { app: string; confirm: string | null }): Promise<Deletion> => {
  requireRight(caller, 'deleteApp')
  const app = await requireApp(rack.db, rack.name, input.app)
  if (input.confirm !== app.name) refuse({ code: 'confirm_delete', app: app.name, namespace: app.namespace })
  await rack.db.transaction(async (tx) => {
    // Under the lock that a request takes: none slips in between this look and the mark.
    await lockApp(tx, rack.name, app.name)
    const open = await openPromotions(tx, rack.name, app.name)
    // A waiting one too: its card would ask for approval for ever, and nobody would be told that it is over.
    const first = open.find((promotion) => isMoving(promotion.status)) ?? open[0]
    if (first !== undefined) refuse({ code: 'app_not_empty', app: app.name, release: first.releaseId, promotion: first.id, moving: isMoving(first.status) })
    await markDeleting(tx, rack.name, app.name)
    await writeAudit(tx, { rack: rack.name, app: app.name, ...byCaller(caller), action: 'app.delete', detail: { namespace: app.namespace, uid: app.namespaceUid } })
    await finish(tx, caller)
  })
  try {
    await removeEverything(rack, app)
    return { namespace: app.namespace, trouble: null }
  } catch (error) {
    return { namespace: app.namespace, trouble: troubleIn(error) }
  }
}

/** Goes on with deletions that a restart cut short. One that cannot be finished does not hold up the others. */
export const finishDeletions = async (rack: AppRack): Promise<void> => {
  const deleting = await listDeleting(rack.db, rack.name)
  await eachApart(rack.log, 'an app could not be deleted yet and is tried again', deleting, (app) => removeEverything(rack, app))
}
