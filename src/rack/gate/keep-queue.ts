import { queuedApps } from '../../db/queue.ts'
import { addFacts, findPromotion, lockPromotion, movePromotion, type PromotionRecord } from '../../db/promotions.ts'
import type { Json } from '../../db/schema.ts'
import type { Books } from '../context.ts'
import { cancelForForced } from '../force.ts'
import { fromJson, toJson } from '../json.ts'
import type { PromotionView } from '../promotion-view.ts'
import { lineFact } from '../say.ts'
import type { Verdict, Wait } from './gate.ts'
import { lineOf, placeIn } from './line.ts'

/** What a queued promotion's card was last told to show of its waiting. */
interface Shown { readonly verdict: Verdict; readonly queue: PromotionView['queue'] }

const sameJson = (one: Json | null, other: Json): boolean => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
/** The database keeps no order of keys. */
const sorted = (value: Json | null | undefined): Json | undefined => {
  if (Array.isArray(value)) return value.map((each) => sorted(each) ?? null)
  if (value === null || value === undefined || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, sorted(each)]))
}

const nameOf = (wait: Wait): string => (wait.kind === 'lock' ? `lock ${wait.owner}` : `freeze ${wait.reason}`)

/** The reasons to wait that the thread has not heard of. */
const newWaits = (before: Shown | null, now: Verdict): readonly Wait[] => {
  const known = (before?.verdict.waits ?? []).map((wait) => nameOf(wait))
  return now.waits.filter((wait) => !known.includes(nameOf(wait)))
}

const write = async (rack: Books, id: string, shown: Shown): Promise<PromotionRecord | null> => rack.db.transaction(async (tx) => {
  // The row first: of two replicas that see the same change, one writes it.
  if (!(await lockPromotion(tx, id))) return null
  const promotion = await findPromotion(tx, id)
  const held = shown.verdict.waits.length > 0
  const waits = toJson(shown)
  if (promotion?.status !== 'queued' || (promotion.held === held && sameJson(promotion.waits, waits))) return null
  const moved = await movePromotion(tx, id, { from: ['queued'], set: { held, waits } })
  if (moved === undefined) return null
  const at = rack.clock().toISOString()
  await addFacts(tx, id, newWaits(fromJson<Shown>(promotion.waits), shown.verdict).map((wait) =>
    lineFact({ at, kind: 'waits', ...(wait.kind === 'lock' ? { lock: wait.owner } : { freeze: wait.reason }) })))
  if (moved.force && !held) await cancelForForced(rack, tx, moved)
  return moved
})

/** Writes down what each queued promotion of an app waits for, so that its card is drawn anew and it is taken up once it may begin. */
export const keepQueue = async (rack: Books, app: string): Promise<void> => {
  const line = await lineOf(rack, rack.db, app)
  let changed = false
  let freed = false
  for (const { id } of line.queued) {
    const moved = await write(rack, id, { verdict: line.verdicts.get(id) ?? { waits: [], passes: [] }, queue: placeIn(line, id) })
    changed = changed || moved !== null
    freed = freed || moved?.held === false
  }
  if (changed) rack.wakeDelivery.call()
  if (freed) rack.wakeRollouts.call()
}

/** The same for every app of the rack that has a queue: a freeze begins and ends, a place becomes free, by the clock or in another replica. */
export const keepQueues = async (rack: Books): Promise<void> => {
  for (const app of await queuedApps(rack.db, rack.name)) await keepQueue(rack, app)
}
