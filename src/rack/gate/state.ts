import { freezesOf } from '../../db/freezes.ts'
import { findLock } from '../../db/locks.ts'
import type { Db } from '../../db/client.ts'
import type { PromotionRecord } from '../../db/promotions.ts'
import { findReleaseAnywhere } from '../../db/releases.ts'
import type { Rack } from '../context.ts'
import { wasProven } from '../proven.ts'
import { principalOf } from '../roles.ts'
import { gate, type Asking, type GateState, type Verdict } from './gate.ts'

/** What is asked of a rack to read its gates. */
export type GateRack = Pick<Rack, 'name' | 'clock' | 'roles'>

/** Lock and freezes of an app as they are now. */
export const gateState = async (db: Db, rack: string, app: string): Promise<GateState> => ({
  lock: (await findLock(db, rack, app)) ?? null, freezes: await freezesOf(db, rack, app),
})

/** One person may have several ids (the settings' `people`). */
export const isSamePerson = ({ roles }: Pick<GateRack, 'roles'>, one: string, other: string): boolean => principalOf(roles, one) === principalOf(roles, other)

const isEmpty = ({ lock, freezes }: GateState): boolean => lock === null && freezes.length === 0

/** True for the copy of a release that was proven on this app, asked for as a rollback. */
const isProvenRollback = async (db: Db, promotion: PromotionRecord): Promise<boolean> => {
  if (promotion.kind !== 'rollback') return false
  const copy = await findReleaseAnywhere(db, promotion.releaseId)
  return copy !== undefined && wasProven(db, copy)
}

/** An override is for what was asked then: once that has changed, it lets nothing pass. */
export const isOverridden = ({ overrideDigest, digest }: Pick<PromotionRecord, 'overrideDigest' | 'digest'>): boolean => overrideDigest !== null && overrideDigest === digest

export const askingOf = async (rack: Pick<GateRack, 'roles'>, db: Db, promotion: PromotionRecord, { lock }: GateState): Promise<Asking> =>
  ({ owner: lock !== null && isSamePerson(rack, lock.owner, promotion.requester), provenRollback: await isProvenRollback(db, promotion), overrideAt: isOverridden(promotion) ? promotion.overrideAt : null })

/** What an app's lock and freezes say to some of its promotions, by id. */
export const verdictsOf = async (rack: GateRack, db: Db, app: string, promotions: readonly PromotionRecord[]): Promise<Map<string, Verdict>> => {
  const state = await gateState(db, rack.name, app)
  const now = rack.clock()
  const verdicts = new Map<string, Verdict>()
  for (const promotion of promotions) verdicts.set(promotion.id, isEmpty(state) ? { waits: [], passes: [] } : gate(state, await askingOf(rack, db, promotion, state), now))
  return verdicts
}

/** What they say to one. */
export const verdictOf = async (rack: GateRack, db: Db, promotion: PromotionRecord): Promise<Verdict> =>
  (await verdictsOf(rack, db, promotion.app, [promotion])).get(promotion.id) ?? { waits: [], passes: [] }
