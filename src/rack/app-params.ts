import { lockApp, setParam } from '../db/apps.ts'
import { writeAudit } from '../db/audit.ts'
import { appParams } from './apps.ts'
import { byCaller } from './audit-row.ts'
import { requireRole } from './authorize.ts'
import type { Books, Rack } from './context.ts'
import { finish } from './finish.ts'
import { requireApp } from './find.ts'
import { tendQueue } from './gate/tend-queue.ts'
import type { AppParams, Caller } from './operations.ts'
import { paramNames, paramsFrom, readParam } from './params.ts'
import { isSameQuorum, requireQuorum } from './quorum.ts'
import { refuse } from './refusal.ts'
import { renewOpen } from './renew-open.ts'
import { isGroupId } from './roles.ts'

/** Refuses a group that nobody could approve through: it cannot be read, or nobody is in it. Said when it is set, not at the first request. */
const requireGroups = async (rack: Pick<Rack, 'people'>, app: string, approvers: readonly string[]): Promise<void> => {
  for (const group of approvers.filter(isGroupId)) {
    const read = await rack.people.membersOf(group)
    if (!read.ok) refuse({ code: 'group_unreadable', group, why: read.why, app })
    else if (read.members.length === 0) refuse({ code: 'group_unreadable', group, why: 'empty', app })
  }
}

/** The params with some of them set anew. */
const withSet = (params: AppParams, read: readonly ReturnType<typeof readParam>[]): AppParams =>
  paramsFrom(new Map([...paramNames.map((name) => [name, JSON.stringify(params[name])] as const), ...read.map(({ name, stored }) => [name, stored] as const)]))

/** Sets params, all or none. Open requests that they change are asked for anew in the same transaction. */
export const setAppParams = async (rack: Books, caller: Caller, input: { app: string; params: readonly (readonly [name: string, value: string])[] }): Promise<AppParams> => {
  requireRole(caller, 'admin', 'setting params')
  const app = await requireApp(rack.db, rack.name, input.app)
  const read = input.params.map(([name, value]) => readParam(name, value))
  const before = await appParams(rack.db, rack.name, app.name)
  if (read.every(({ name, stored }) => JSON.stringify(before[name]) === stored)) refuse({ code: 'params_unchanged', app: app.name })
  await requireGroups(rack, app.name, paramsFrom(new Map(read.map(({ name, stored }) => [name, stored]))).approvers)
  const after = withSet(before, read)
  const asksOthers = read.some(({ name }) => name === 'approvals' || name === 'approvers')
  if (asksOthers) await requireQuorum(rack, app.name, after)
  const renewed = await rack.db.transaction(async (tx) => {
    await lockApp(tx, rack.name, app.name)
    const was = await appParams(tx, rack.name, app.name)
    // Slack is not asked within a transaction: what somebody else has set meanwhile is looked at with a new one.
    if (asksOthers && !isSameQuorum(withSet(was, read), after)) return null
    for (const { name, stored } of read) await setParam(tx, rack.name, app.name, name, stored)
    await writeAudit(tx, { rack: rack.name, app: app.name, ...byCaller(caller), action: 'app.params', detail: { ...Object.fromEntries(read.map(({ name, stored }) => [name, stored])), was: Object.fromEntries(read.map(({ name }) => [name, JSON.stringify(was[name])])) } })
    const asksAnew = await renewOpen(rack, tx, app.name)
    await finish(tx, caller)
    return asksAnew
  })
  if (renewed === null) return setAppParams(rack, caller, input)
  if (renewed) await tendQueue(rack, app.name)
  return appParams(rack.db, rack.name, app.name)
}
