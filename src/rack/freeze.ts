import { listAppRecords, lockApp } from '../db/apps.ts'
import { writeAudit } from '../db/audit.ts'
import type { Db } from '../db/client.ts'
import { findFreeze, freezesOf, freezesOfRack, insertFreeze, lockApps, removeFreeze } from '../db/freezes.ts'
import { sayOfApp, type AppAnnouncement } from './app-announcement.ts'
import { byCaller } from './audit-row.ts'
import { requireRole } from './authorize.ts'
import type { Books } from './context.ts'
import { finish } from './finish.ts'
import { requireApp } from './find.ts'
import { freezeRow } from './gate/freeze-row.ts'
import { frozenNow } from './gate/frozen-now.ts'
import { shortReason } from './gate/reason.ts'
import { tendQueue } from './gate/tend-queue.ts'
import { longestWindow, nextWindow, windowFault, type Window } from './gate/windows.ts'
import { newId, normalId } from './ids.ts'
import { maskedForApps } from './mask-words.ts'
import type { Caller, FreezeRow } from './operations.ts'
import { appParams } from './apps.ts'
import { refuse } from './refusal.ts'

const requireWindow = (window: Window, now: Date): void => {
  const fault = windowFault(window, now)
  if (fault !== null) refuse({ code: 'window_invalid', fault, cron: window.cron, zone: window.zone, longest: longestWindow })
}

/** Says it once in each channel, however many apps talk there. */
const tell = async (rack: Books, tx: Db, apps: readonly string[], told: AppAnnouncement): Promise<void> => {
  const heard = new Set<string | null>([null])
  for (const app of apps) {
    const { channel } = await appParams(tx, rack.name, app)
    if (!heard.has(channel)) await sayOfApp(rack, tx, app, told)
    heard.add(channel)
  }
}

/** The apps a freeze is about, their rows kept to the transaction. */
const affected = async (rack: Books, tx: Db, app: string | null): Promise<readonly string[]> => {
  if (app === null) return lockApps(tx, rack.name)
  await lockApp(tx, rack.name, app)
  return [app]
}

/** Adds windows in which nothing begins: of one app, or (`app` null) of every app of the rack. Refuses `window_invalid`, `reason_needed`. */
export const addFreeze = async (rack: Books, caller: Caller, input: Window & { app: string | null; reason: string }): Promise<FreezeRow> => {
  requireRole(caller, 'admin', 'freezing')
  const app = input.app === null ? null : (await requireApp(rack.db, rack.name, input.app)).name
  const window = { cron: input.cron.trim().replaceAll(/\s+/g, ' '), seconds: input.seconds, zone: input.zone }
  const now = rack.clock()
  requireWindow(window, now)
  // A freeze of every app is told in the channels of all of them, so it may repeat nothing of any.
  const apps = app === null ? (await listAppRecords(rack.db, rack.name)).map(({ name }) => name) : [app]
  const reason = shortReason(await maskedForApps(rack, apps, input.reason))
  if (reason === '') refuse({ code: 'reason_needed', what: 'freeze', app: app ?? '' })
  const row = { id: newId('F'), rack: rack.name, app, ...window, reason, createdBy: caller.actor.id }
  await rack.db.transaction(async (tx) => {
    const apps = await affected(rack, tx, app)
    await insertFreeze(tx, row)
    await tell(rack, tx, apps, {
      kind: 'freeze_added', by: caller.actor.id, reason, everyApp: app === null, ...window, now: frozenNow(window, now) !== null, next: nextWindow(window, now).toISOString(),
    })
    await writeAudit(tx, { rack: rack.name, app, ...byCaller(caller), action: 'freeze.add', reason, detail: { freeze: row.id, ...window } })
    await finish(tx, caller)
  })
  await tendQueue(rack, null)
  return freezeRow({ ...row, createdAt: now }, now)
}

/** Removes one. Refuses `freeze_not_found`. */
export const dropFreeze = async (rack: Books, caller: Caller, input: { freeze: string }): Promise<FreezeRow> => {
  requireRole(caller, 'admin', 'removing a freeze')
  const id = normalId(input.freeze)
  const found = await findFreeze(rack.db, rack.name, id)
  if (found === undefined) return refuse({ code: 'freeze_not_found', freeze: id })
  await rack.db.transaction(async (tx) => {
    const apps = await affected(rack, tx, found.app)
    if (!(await removeFreeze(tx, rack.name, id))) refuse({ code: 'freeze_not_found', freeze: id })
    await tell(rack, tx, apps, { kind: 'freeze_removed', by: caller.actor.id, reason: found.reason, everyApp: found.app === null })
    await writeAudit(tx, { rack: rack.name, app: found.app, ...byCaller(caller), action: 'freeze.remove', reason: found.reason, detail: { freeze: id, cron: found.cron, seconds: found.seconds, zone: found.zone } })
    await finish(tx, caller)
  })
  await tendQueue(rack, null)
  return freezeRow(found, rack.clock())
}

/** The freezes that are about an app; of `app` null those of every app. */
export const listFreezes = async (rack: Books, caller: Caller, input: { app: string | null }): Promise<readonly FreezeRow[]> => {
  requireRole(caller, 'viewer', 'listing freezes')
  const now = rack.clock()
  const found = input.app === null ? await freezesOfRack(rack.db, rack.name) : await freezesOf(rack.db, rack.name, (await requireApp(rack.db, rack.name, input.app)).name)
  return found.map((record) => freezeRow(record, now))
}
