import type { Db } from '../../db/client.ts'
import { openPromotions, type PromotionRecord } from '../../db/promotions.ts'
import { isMoving } from '../promotion.ts'
import type { PromotionView } from '../promotion-view.ts'
import { inOrder, turn, type Verdict } from './gate.ts'
import { verdictsOf, type GateRack } from './state.ts'

/** The queue of an app at one moment. */
export interface Line {
  readonly moving: PromotionRecord | undefined
  /** In the order in which they begin. */
  readonly queued: readonly PromotionRecord[]
  /** Those that wait for approval. */
  readonly asking: readonly PromotionRecord[]
  readonly verdicts: ReadonlyMap<string, Verdict>
  /** Whose turn it is once nothing moves. */
  readonly next: PromotionRecord | undefined
}

export const lineOf = async (rack: GateRack, db: Db, app: string): Promise<Line> => {
  const open = await openPromotions(db, rack.name, app)
  const queued = inOrder(open.filter(({ status }) => status === 'queued'))
  const asking = open.filter(({ status }) => status === 'awaiting_approval')
  const waiting = [...queued, ...asking]
  const verdicts = waiting.length === 0 ? new Map<string, Verdict>() : await verdictsOf(rack, db, app, waiting)
  return { moving: open.find(({ status }) => isMoving(status)), queued, asking, verdicts, next: turn(queued, verdicts) }
}

/**
 * Where a queued promotion stands: behind what moves, else behind those before it that may begin, or wait for what it waits for too. Null for one that is
 * next, or that only lock or freeze keep waiting. Pure.
 */
export const placeIn = (line: Line, id: string): PromotionView['queue'] => {
  const at = line.queued.findIndex((each) => each.id === id)
  const self = line.queued[at]
  // The line may be newer than what was read of it: what has begun meanwhile does not wait behind itself.
  if (self === undefined || line.moving?.id === id) return null
  const held = (each: PromotionRecord): boolean => (line.verdicts.get(each.id)?.waits.length ?? 0) > 0
  const before = line.queued.slice(0, at).filter((each) => held(self) || !held(each))
  const ahead = line.moving ?? before.at(-1)
  if (ahead === undefined) return null
  const of = held(self) ? line.queued.length : line.queued.filter((each) => !held(each)).length
  return { position: before.length + 1, of, behind: ahead.releaseId, behindRequester: ahead.requester, ...(self.force && line.moving !== undefined ? { forced: true } : {}) }
}
