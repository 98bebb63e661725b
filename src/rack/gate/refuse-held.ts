import { lockApp } from '../../db/apps.ts'
import type { Db } from '../../db/client.ts'
import { includesRole } from '../actor.ts'
import type { Caller } from '../operations.ts'
import { refuse, type Again } from '../refusal.ts'
import { gate } from './gate.ts'
import { gateState, isSamePerson, type GateRack } from './state.ts'

/** What somebody asks for now. */
export interface Asked {
  readonly app: string
  /** A rollback to a release that was proven on this app. */
  readonly provenRollback: boolean
  /** It was said that it may wait. */
  readonly queue: boolean
  /** It was said, by somebody who may, that it passes the freezes. */
  readonly override: boolean
  readonly again: Again
}

/** Refuses what a lock (`locked`) or else a freeze (`frozen`) would keep waiting, unless it may wait. The app's row is kept, so that it stays as it is found. */
export const refuseHeld = async (rack: GateRack, tx: Db, caller: Caller, asked: Asked): Promise<void> => {
  const { app, provenRollback, override, again } = asked
  await lockApp(tx, rack.name, app)
  if (asked.queue) return
  const state = await gateState(tx, rack.name, app)
  // The override that goes with it is written under the same row's lock: it covers what is there now.
  const overrideAt = override ? (state.freezes.at(-1)?.createdAt ?? null) : null
  const { waits } = gate(state, { owner: state.lock !== null && isSamePerson(rack, state.lock.owner, caller.actor.id), provenRollback, overrideAt }, rack.clock())
  const lock = waits.find((wait) => wait.kind === 'lock')
  if (lock !== undefined) refuse({ code: 'locked', app, owner: lock.owner, reason: lock.reason, until: lock.until, again })
  const [first, ...others] = waits
  if (first === undefined) return
  const ends = [first, ...others].map(({ until }) => until?.getTime() ?? Infinity)
  const last = Math.max(...ends)
  refuse({ code: 'frozen', app, reason: first.reason, until: Number.isFinite(last) ? new Date(last) : null, mayOverride: includesRole(caller.actor.role, 'admin'), again })
}
