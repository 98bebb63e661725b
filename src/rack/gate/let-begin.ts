import { lockApp } from '../../db/apps.ts'
import type { Db } from '../../db/client.ts'
import type { PromotionRecord } from '../../db/promotions.ts'
import type { Verdict } from './gate.ts'
import { lineOf } from './line.ts'
import type { GateRack } from './state.ts'

/** Somebody came in between (a lock, a freeze, another promotion that was first, a cancel): nothing was written. */
export class HeldBackError extends Error {
  constructor(promotion: string) {
    super(`${promotion} does not take this step: somebody came in between`)
    this.name = 'HeldBackError'
  }
}

/**
 * Whether it is this promotion's turn, with what it passes; null when it is not. Keeps the app's row to the transaction, as whoever locks or freezes the app does:
 * either the lock is there first and this one waits, or this one has begun.
 */
export const letBegin = async (rack: GateRack, tx: Db, promotion: PromotionRecord): Promise<Verdict | null> => {
  await lockApp(tx, rack.name, promotion.app)
  const { moving, next, verdicts } = await lineOf(rack, tx, promotion.app)
  return moving !== undefined || next?.id !== promotion.id ? null : (verdicts.get(promotion.id) ?? null)
}
