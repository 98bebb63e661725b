import { listDeleting, lockApp, markDeleting, removeApp, type AppRecord } from '../db/apps.ts'
import { writeAudit } from '../db/audit.ts'
import { openPromotions } from '../db/promotions.ts'
import { byCaller } from './audit-row.ts'
import { requireRight } from './authorize.ts'
import type { Rack } from './context.ts'
import { eachApart } from './each-apart.ts'
import { finish } from './finish.ts'
import { requireApp } from './find.ts'
import { removeNamespace } from './namespace.ts'
import type { Caller } from './operations.ts'
import { isMoving } from './promotion.ts'
import { refuse } from './refusal.ts'

const removeEverything = async (rack: Rack, app: AppRecord): Promise<void> => {
  await removeNamespace(rack, app.name, app.namespace, app.namespaceUid)
  await rack.db.transaction((tx) => removeApp(tx, rack.name, app.name))
}

/** Deletes the namespace and everything that is kept of the app, but its audit. Refused while a promotion of it is open, and without its name typed again. */
export const deleteApp = async (rack: Rack, caller: Caller, input: { app: string; confirm: string | null }): Promise<{ namespace: string }> => {
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
  await removeEverything(rack, app)
  return { namespace: app.namespace }
}

/** Goes on with deletions that a restart cut short. One that cannot be finished does not hold up the others. */
export const finishDeletions = async (rack: Rack): Promise<void> => {
  const deleting = await listDeleting(rack.db, rack.name)
  await eachApart(rack.log, 'an app could not be deleted yet and is tried again', deleting, (app) => removeEverything(rack, app))
}
