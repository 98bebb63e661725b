import { lockApp } from '../db/apps.ts'
import { writeAudit } from '../db/audit.ts'
import type { Db } from '../db/client.ts'
import { changeLock, findLock, insertLock, locksOver, removeLock, removeLockOver, type LockRecord } from '../db/locks.ts'
import { sayOfApp } from './app-announcement.ts'
import { byCaller } from './audit-row.ts'
import { requireRole } from './authorize.ts'
import type { Books } from './context.ts'
import { eachApart } from './each-apart.ts'
import { finish } from './finish.ts'
import { requireApp } from './find.ts'
import { lockNow, type Lock } from './gate/gate.ts'
import { isSamePerson } from './gate/state.ts'
import { shortReason } from './gate/reason.ts'
import { tendQueue } from './gate/tend-queue.ts'
import { maskOfApp } from './mask-words.ts'
import type { Caller } from './operations.ts'
import { refuse } from './refusal.ts'

/** Seconds; whoever needs longer leaves the end open. */
const longest = 30 * 24 * 3600

const until = (lock: Pick<LockRecord, 'until'>): string | null => lock.until?.toISOString() ?? null

/** Clears away a lock whose time is over, and says so; false when there is none. */
const endOver = async (rack: Books, tx: Db, app: string): Promise<boolean> => {
  const over = await removeLockOver(tx, rack.name, app, rack.clock())
  if (over === undefined) return false
  await sayOfApp(rack, tx, app, { kind: 'lock_over', owner: over.owner, reason: over.reason })
  await writeAudit(tx, { rack: rack.name, app, actor: 'system', action: 'app.lock_over', reason: over.reason, detail: { owner: over.owner, since: over.since.toISOString(), until: until(over) } })
  return true
}

/** The app's lock while it holds, with the app's row kept to the transaction: a promotion begins before it changes, or after. */
const held = async (rack: Books, tx: Db, app: string): Promise<LockRecord | undefined> => {
  await lockApp(tx, rack.name, app)
  await endOver(rack, tx, app)
  return findLock(tx, rack.name, app)
}

const refuseTheirs = (app: string, { owner, reason, since, until: end }: Lock, asked: 'lock' | 'unlock'): never => refuse({ code: 'lock_of_other', app, owner, reason, since, until: end, asked })

/** One change of an app's lock with all that goes with it; then the queue is looked at with it. */
const changing = async (rack: Books, caller: Caller, app: string, change: (tx: Db) => Promise<Lock | null>): Promise<Lock | null> => {
  const lock = await rack.db.transaction(async (tx) => {
    const changed = await change(tx)
    await finish(tx, caller)
    return changed
  })
  await tendQueue(rack, app)
  return lock
}

/** Keeps an app to the caller; one's own lock gets the new reason and end. Refuses `lock_of_other`. */
export const lockTheApp = async (rack: Books, caller: Caller, input: { app: string; reason: string; seconds: number | null }): Promise<Lock> => {
  requireRole(caller, 'deployer', 'locking an app')
  const { name: app } = await requireApp(rack.db, rack.name, input.app)
  const reason = shortReason((await maskOfApp(rack, rack.db, app))(input.reason))
  if (reason === '') refuse({ code: 'reason_needed', what: 'lock', app })
  if (input.seconds !== null && input.seconds > longest) refuse({ code: 'too_long', what: 'lock', seconds: input.seconds, longest })
  const now = rack.clock()
  const lock: LockRecord = { rack: rack.name, app, owner: caller.actor.id, reason, since: now, until: input.seconds === null ? null : new Date(now.getTime() + input.seconds * 1000) }
  await changing(rack, caller, app, async (tx) => {
    const before = await held(rack, tx, app)
    if (before !== undefined && !isSamePerson(rack, before.owner, lock.owner)) refuseTheirs(app, before, 'lock')
    const anew = before !== undefined
    const written = before === undefined ? await insertLock(tx, lock) : await changeLock(tx, rack.name, app, before.owner, { owner: lock.owner, reason, until: lock.until })
    if (!written) throw new Error(`the lock of ${app} changed under the app's own row lock`)
    await sayOfApp(rack, tx, app, { kind: 'locked', by: lock.owner, reason, until: until(lock), anew })
    await writeAudit(tx, { rack: rack.name, app, ...byCaller(caller), action: 'app.lock', reason, detail: { until: until(lock), anew } })
    return lock
  })
  return lock
}

/** Gives the own lock up. Refuses `not_locked`, and `lock_of_other`, which may be taken over. */
export const unlockTheApp = async (rack: Books, caller: Caller, input: { app: string }): Promise<void> => {
  requireRole(caller, 'deployer', 'unlocking an app')
  const { name: app } = await requireApp(rack.db, rack.name, input.app)
  await changing(rack, caller, app, async (tx) => {
    const before = await held(rack, tx, app)
    if (before === undefined) return refuse({ code: 'not_locked', app })
    if (!isSamePerson(rack, before.owner, caller.actor.id)) refuseTheirs(app, before, 'unlock')
    await removeLock(tx, rack.name, app, before.owner)
    await sayOfApp(rack, tx, app, { kind: 'unlocked', by: caller.actor.id })
    await writeAudit(tx, { rack: rack.name, app, ...byCaller(caller), action: 'app.unlock', reason: before.reason, detail: { since: before.since.toISOString() } })
    return null
  })
}

/** Makes somebody else's lock the caller's, with its reason and end; whose it was is told. `from` is whom the dialog named: another owner is asked about anew. */
export const takeLock = async (rack: Books, caller: Caller, input: { app: string; from: string }): Promise<Lock> => {
  requireRole(caller, 'deployer', 'taking over a lock')
  const { name: app } = await requireApp(rack.db, rack.name, input.app)
  const by = caller.actor.id
  const taken = await changing(rack, caller, app, async (tx) => {
    const before = await held(rack, tx, app)
    if (before === undefined) return refuse({ code: 'not_locked', app })
    if (isSamePerson(rack, before.owner, by)) return before
    if (before.owner !== input.from) refuseTheirs(app, before, 'unlock')
    const since = rack.clock()
    await changeLock(tx, rack.name, app, before.owner, { owner: by, since })
    await sayOfApp(rack, tx, app, { kind: 'lock_taken', by, from: before.owner, reason: before.reason, until: until(before) })
    await writeAudit(tx, { rack: rack.name, app, ...byCaller(caller), action: 'app.lock_taken', reason: before.reason, detail: { from: before.owner, until: until(before) } })
    return { ...before, owner: by, since }
  })
  if (taken === null) throw new Error('a lock was taken over, and there is none')
  return taken
}

/** The lock as it holds now. */
export const lockOf = async (rack: Books, app: string): Promise<Lock | null> => lockNow({ lock: (await findLock(rack.db, rack.name, app)) ?? null }, rack.clock())

/** Ends every lock whose time is over. Every replica runs it; one of them clears each away and says so. */
export const endLocks = async (rack: Books): Promise<void> => {
  await eachApart(rack.log, 'a lock that is over could not be taken away and is tried again', await locksOver(rack.db, rack.name, rack.clock()), async (app) => {
    const ended = await rack.db.transaction(async (tx) => {
      await lockApp(tx, rack.name, app)
      return endOver(rack, tx, app)
    })
    if (ended) await tendQueue(rack, app)
  })
}
