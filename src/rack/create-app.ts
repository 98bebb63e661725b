import { findApp, insertApp, lockApp, removeApp, setNamespaceUid, setParam } from '../db/apps.ts'
import { writeAudit } from '../db/audit.ts'
import { byCaller } from './audit-row.ts'
import { requireRole } from './authorize.ts'
import type { AppRack } from './context.ts'
import { finish } from './finish.ts'
import { ensureNamespace } from './namespace.ts'
import type { Caller } from './operations.ts'
import { bindOwnRights } from './own-binding.ts'
import { readParam } from './params.ts'
import { refuse } from './refusal.ts'
import { namespaceOf } from './render/names.ts'

/** Names the original reserves or that read as something else. */
const reserved: readonly string[] = ['convox', 'system', 'rack']

/** Writes the app, then makes its namespace; a cluster that says no leaves nothing behind. */
export const createApp = async (rack: AppRack, caller: Caller, input: { app: string; channel: string | null }): Promise<{ namespace: string }> => {
  requireRole(caller, 'admin', 'creating an app')
  const name = input.app.toLowerCase()
  if (!/^[a-z][a-z0-9-]*[a-z0-9]$|^[a-z]$/.test(name)) refuse({ code: 'app_name_invalid', app: input.app, why: 'it must contain only lowercase alphanumeric and dashes, and begin with a letter' })
  if (reserved.includes(name)) refuse({ code: 'app_name_invalid', app: name, why: 'app name is reserved' })
  const namespace = namespaceOf(rack.name, name)
  const channel = input.channel === null ? null : readParam('channel', input.channel)
  const there = await findApp(rack.db, rack.name, name)
  if (there !== undefined && there.deletingAt !== null) refuse({ code: 'app_deleting', app: name })
  if (there !== undefined && there.namespaceUid !== null) refuse({ code: 'app_exists', app: name })
  if (there === undefined && !(await insertApp(rack.db, { rack: rack.name, name, namespace, createdBy: caller.actor.id }))) refuse({ code: 'app_exists', app: name })
  let uid: string
  try {
    uid = await ensureNamespace(rack, name)
    await bindOwnRights(rack, name, namespace)
  } catch (error) {
    // Only what was never finished goes: somebody who created it in the same moment may have succeeded.
    await rack.db.transaction(async (tx) => {
      if ((await lockApp(tx, rack.name, name))?.namespaceUid === null) await removeApp(tx, rack.name, name)
    })
    throw error
  }
  await rack.db.transaction(async (tx) => {
    await setNamespaceUid(tx, rack.name, name, uid)
    if (channel !== null) await setParam(tx, rack.name, name, channel.name, channel.stored)
    await writeAudit(tx, { rack: rack.name, app: name, ...byCaller(caller), action: 'app.create', detail: { namespace, uid } })
    await finish(tx, caller)
  })
  return { namespace }
}
