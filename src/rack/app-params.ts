import { lockApp, setParam } from '../db/apps.ts'
import { writeAudit } from '../db/audit.ts'
import { appParams } from './apps.ts'
import { byCaller } from './audit-row.ts'
import { requireRole } from './authorize.ts'
import type { Rack } from './context.ts'
import { finish } from './finish.ts'
import { requireApp } from './find.ts'
import type { AppParams, Caller } from './operations.ts'
import { readParam } from './params.ts'
import { refuse } from './refusal.ts'

/** Sets params, all or none. */
export const setAppParams = async (rack: Rack, caller: Caller, input: { app: string; params: readonly (readonly [name: string, value: string])[] }): Promise<AppParams> => {
  requireRole(caller, 'admin', 'setting params')
  const app = await requireApp(rack.db, rack.name, input.app)
  const read = input.params.map(([name, value]) => readParam(name, value))
  const before = await appParams(rack.db, rack.name, app.name)
  if (read.every(({ name, stored }) => JSON.stringify(before[name]) === stored)) refuse({ code: 'params_unchanged', app: app.name })
  await rack.db.transaction(async (tx) => {
    await lockApp(tx, rack.name, app.name)
    for (const { name, stored } of read) await setParam(tx, rack.name, app.name, name, stored)
    await writeAudit(tx, { rack: rack.name, app: app.name, ...byCaller(caller), action: 'app.params', detail: Object.fromEntries(read.map(({ name, stored }) => [name, stored])) })
    await finish(tx, caller)
  })
  return appParams(rack.db, rack.name, app.name)
}
