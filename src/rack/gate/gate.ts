import { frozenNow } from './frozen-now.ts'
import type { Window } from './windows.ts'

/** Who keeps an app to themselves. `until` null: until it is unlocked. */
export interface Lock { readonly owner: string; readonly reason: string; readonly since: Date; readonly until: Date | null }

/** A window in which nothing begins, and why. */
export interface Freeze extends Window { readonly reason: string; readonly createdAt: Date }

/** What may stand in a promotion's way besides another promotion. The lock's time may be over. */
export interface GateState { readonly lock: Lock | null; readonly freezes: readonly Freeze[] }

/** What the gate must know of a promotion. */
export interface Asking {
  /** The lock is of whoever asks. */
  readonly owner: boolean
  /** A rollback somebody asked for, to a release that was proven on this app. */
  readonly provenRollback: boolean
  /** When somebody with the right to do so let it pass the freezes that there were; null: nobody did. */
  readonly overrideAt: Date | null
}

/** A reason to wait. `until` null: no end is known. */
export type Wait =
  | { readonly kind: 'lock'; readonly owner: string; readonly reason: string; readonly until: Date | null }
  | { readonly kind: 'freeze'; readonly reason: string; readonly until: Date | null }

/** What a promotion passes, and by what right. */
export type Pass =
  | { readonly kind: 'lock'; readonly owner: string; readonly by: 'owner' | 'rollback' }
  | { readonly kind: 'freeze'; readonly reason: string; readonly by: 'override' | 'rollback' }

/** Empty `waits`: it may begin as far as lock and freezes go. */
export interface Verdict { readonly waits: readonly Wait[]; readonly passes: readonly Pass[] }

/** The lock while it holds. Pure. */
export const lockNow = ({ lock }: Pick<GateState, 'lock'>, now: Date): Lock | null => (lock === null || (lock.until !== null && lock.until <= now) ? null : lock)

/**
 * Whether lock and freezes let a promotion begin (design 4): the lock's owner passes the own lock, an override passes
 * freezes alone, and none that was added after it, a rollback that somebody
 * asks for to a proven release passes both, and nothing else passes. Automatic rollbacks never come here. Pure.
 */
export const gate = (state: GateState, asking: Asking, now: Date): Verdict => {
  const waits: Wait[] = []
  const passes: Pass[] = []
  const lock = lockNow(state, now)
  if (lock !== null) {
    if (asking.owner) passes.push({ kind: 'lock', owner: lock.owner, by: 'owner' })
    else if (asking.provenRollback) passes.push({ kind: 'lock', owner: lock.owner, by: 'rollback' })
    else waits.push({ kind: 'lock', owner: lock.owner, reason: lock.reason, until: lock.until })
  }
  for (const freeze of state.freezes) {
    const frozen = frozenNow(freeze, now)
    if (frozen === null) continue
    if (asking.overrideAt !== null && freeze.createdAt <= asking.overrideAt) passes.push({ kind: 'freeze', reason: freeze.reason, by: 'override' })
    else if (asking.provenRollback) passes.push({ kind: 'freeze', reason: freeze.reason, by: 'rollback' })
    else waits.push({ kind: 'freeze', reason: freeze.reason, until: frozen.until })
  }
  return { waits, passes }
}

/** What the order of a queue goes by. */
export interface InLine { readonly id: string; readonly force: boolean; readonly queuedAt: Date | null; readonly seq: number }

/** Forced first, then who was queued first. Pure. */
export const inOrder = <Each extends InLine>(queued: readonly Each[]): Each[] =>
  queued.toSorted((one, other) => Number(other.force) - Number(one.force) || (one.queuedAt?.getTime() ?? 0) - (other.queuedAt?.getTime() ?? 0) || one.seq - other.seq)

/** Whose turn it is: the first in order that waits for nothing else; those that do hold up nobody. Pure. */
export const turn = <Each extends InLine>(queued: readonly Each[], verdicts: ReadonlyMap<string, Verdict>): Each | undefined =>
  inOrder(queued).find(({ id }) => (verdicts.get(id)?.waits.length ?? 0) === 0)
