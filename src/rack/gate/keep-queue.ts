import { waitingApps } from '../../db/queue.ts'
import { addFacts, findPromotion, lockPromotion, movePromotion, type PromotionRecord } from '../../db/promotions.ts'
import type { Json } from '../../db/schema.ts'
import type { Books } from '../context.ts'
import { eachApart } from '../each-apart.ts'
import { cancelForForced } from '../force.ts'
import { fromJson, toJson } from '../json.ts'
import type { PromotionView } from '../promotion-view.ts'
import { lineFact } from '../say.ts'
import type { Verdict, Wait } from './gate.ts'
import { lineOf, placeIn } from './line.ts'

/** What a promotion's card was last told to show of its waiting. */
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

/** What is written down; null where it waits for nothing and passes nothing. */
const written = ({ verdict, queue }: Shown): Json => (verdict.waits.length + verdict.passes.length === 0 && queue === null ? null : toJson({ verdict, queue }))

/** Only what is queued can be held: before that it waits for approvals, and its card only says what comes after them. */
const isHeld = ({ status }: Pick<PromotionRecord, 'status'>, { verdict }: Shown): boolean => status === 'queued' && verdict.waits.length > 0

const isWritten = (promotion: PromotionRecord, shown: Shown): boolean => promotion.held === isHeld(promotion, shown) && sameJson(promotion.waits, written(shown))

const write = async (rack: Books, seen: PromotionRecord, shown: Shown): Promise<PromotionRecord | null> => rack.db.transaction(async (tx) => {
  // The row first: of two replicas that see the same change, one writes it.
  if (!(await lockPromotion(tx, seen.id))) return null
  const promotion = await findPromotion(tx, seen.id)
  if (promotion?.status !== seen.status || isWritten(promotion, shown)) return null
  const moved = await movePromotion(tx, seen.id, { from: [seen.status], set: { held: isHeld(seen, shown), waits: written(shown) } })
  if (moved === undefined || moved.status !== 'queued') return moved ?? null
  const at = rack.clock().toISOString()
  // Of a wait that its card only announced the thread has not heard yet.
  const told = promotion.held ? fromJson<Shown>(promotion.waits) : null
  await addFacts(tx, seen.id, newWaits(told, shown.verdict).map((wait) =>
    lineFact({ at, kind: 'waits', ...(wait.kind === 'lock' ? { lock: wait.owner } : { freeze: wait.reason }) })))
  if (moved.force && !moved.held) await cancelForForced(rack, tx, moved)
  return moved
})

/** Writes down what each open promotion of an app waits for, so that its card is drawn anew and a queued one is taken up once it may begin. */
export const keepQueue = async (rack: Books, app: string): Promise<void> => {
  const line = await lineOf(rack, rack.db, app)
  let changed = false
  let freed = false
  for (const promotion of [...line.queued, ...line.asking]) {
    const shown: Shown = { verdict: line.verdicts.get(promotion.id) ?? { waits: [], passes: [] }, queue: placeIn(line, promotion.id) }
    if (isWritten(promotion, shown)) continue
    const moved = await write(rack, promotion, shown)
    changed = changed || moved !== null
    freed = freed || (moved?.status === 'queued' && !moved.held)
  }
  if (changed) rack.wakeDelivery.call()
  if (freed) rack.wakeRollouts.call()
}

/** The same for every app of the rack that has a queue or a request: a freeze begins and ends, a place becomes free, by the clock or in another replica. */
export const keepQueues = async (rack: Books): Promise<void> => {
  await eachApart(rack.log, 'a queue could not be looked after and is looked at again', await waitingApps(rack.db, rack.name), (app) => keepQueue(rack, app))
}
