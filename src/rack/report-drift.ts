import { listAppRecords, type AppRecord } from '../db/apps.ts'
import { writeAudit } from '../db/audit.ts'
import { addFacts, factsOf, goodRelease, listPromotionRecords, lockPromotion, openPromotions, promotionMarks, type PromotionRecord } from '../db/promotions.ts'
import { fieldManager } from './cluster/objects.ts'
import type { Rack } from './context.ts'
import { eachApart } from './each-apart.ts'
import { fromJson } from './json.ts'
import { isMoving } from './promotion.ts'
import type { RolloutState } from './rollout/job.ts'
import type { ExpectedService } from './rollout/rollout-facts.ts'
import { drift, type Drift } from './rollout/supersession.ts'
import { announcementFact, keyOf } from './say.ts'

/** Promotions looked back at for what was proven last. */
const lookBack = 20

/**
 * What the cluster should show now: as the last promotion that was proven was answered, rolled out or rolled back. Empty where the last one ended in a way
 * that has been told already (superseded, a failed rollback), or nothing was ever proven. By when they began, not by when they were asked for: a lock lets
 * later ones go first. Pure.
 */
export const expectedNow = (promotions: readonly Pick<PromotionRecord, 'status' | 'state' | 'startedAt'>[]): readonly ExpectedService[] => {
  for (const { status, state, startedAt } of promotions.toSorted((one, other) => (other.startedAt?.getTime() ?? 0) - (one.startedAt?.getTime() ?? 0))) {
    const kept = fromJson<RolloutState>(state)
    if (status === 'succeeded') return kept?.out?.expected ?? []
    if (status === 'rolled_back') return kept?.back?.expected ?? []
    // Nothing was changed by those that never began, nor by one that failed before its first write.
    const changed = startedAt !== null && kept?.out !== undefined
    if (changed || isMoving(status)) return []
  }
  return []
}

const driftKey = ({ service, what, manager, at }: Drift): string => ['drift', service, what, manager ?? '', at ?? ''].join('/')

/** Says it once, whichever replica sees it first: in the thread of the promotion that made the active release so. */
const tell = (rack: Rack, app: AppRecord, promotion: string, found: Drift): Promise<boolean> => rack.db.transaction(async (tx) => {
  if (!(await lockPromotion(tx, promotion))) return false
  const open = await openPromotions(tx, rack.name, app.name)
  const key = driftKey(found)
  if (open.some(({ status }) => isMoving(status)) || (await factsOf(tx, promotion)).some(({ fact }) => keyOf(fact) === key)) return false
  const { service, what, manager } = found
  await addFacts(tx, promotion, [announcementFact({ kind: 'drift', at: found.at ?? rack.clock().toISOString(), service, what, ...(manager === undefined ? {} : { manager }) }, key)])
  await writeAudit(tx, { rack: rack.name, app: app.name, actor: 'system', action: 'app.drift', promotionId: promotion, detail: { service, what, manager: manager ?? null } })
  return true
})

interface Proven { readonly mark: string; readonly promotion: string | null; readonly expected: readonly ExpectedService[] }

const provenOf = async (rack: Rack, app: string, mark: string): Promise<Proven> => {
  const good = await goodRelease(rack.db, rack.name, app)
  return { mark, promotion: good?.promotionId ?? null, expected: good === undefined ? [] : expectedNow(await listPromotionRecords(rack.db, rack.name, app, lookBack)) }
}

/**
 * Makes what tells of changes and deletions by somebody else while no promotion is on, by what the watches show: nothing is asked of the cluster, and nothing
 * is done about it. Every replica runs it; it remembers what should be there for as long as an app's promotions stay as they are.
 */
export const createDriftReport = (rack: Rack): (() => Promise<void>) => {
  const known = new Map<string, Proven>()
  const lookAt = async (app: AppRecord, mark: string): Promise<void> => {
    const before = known.get(app.name)
    const proven = before?.mark === mark ? before : await provenOf(rack, app.name, mark)
    known.set(app.name, proven)
    if (proven.promotion === null) return
    for (const found of drift(proven.expected, rack.cluster.facts(app.namespace), fieldManager)) {
      if (!(await tell(rack, app, proven.promotion, found))) continue
      rack.log.info({ app: app.name, ...found }, 'somebody else changed what the active release runs as')
      rack.wakeDelivery.call()
    }
  }
  return async () => {
    if (rack.cluster.blindSince() !== null) return
    const marks = await promotionMarks(rack.db, rack.name)
    const apps = (await listAppRecords(rack.db, rack.name)).filter(({ deletingAt }) => deletingAt === null)
    await eachApart(rack.log, 'it could not be seen whether somebody changed an app; it is looked at again', apps, async (app) => {
      const mark = marks.get(app.name)
      if (mark !== undefined) await lookAt(app, mark)
    })
  }
}
