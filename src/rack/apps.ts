import { appsWithParam, listAppRecords, pageOfApps, paramsOf } from '../db/apps.ts'
import type { Db } from '../db/client.ts'
import { freezesOf } from '../db/freezes.ts'
import { findLock } from '../db/locks.ts'
import type { PageAsk, Paged } from '../db/page.ts'
import { activeRelease, listPromotionRecords, openPromotions, type PromotionRecord } from '../db/promotions.ts'
import { requireRole } from './authorize.ts'
import type { Rack } from './context.ts'
import { requireApp } from './find.ts'
import { freezeRow } from './gate/freeze-row.ts'
import { lockNow } from './gate/gate.ts'
import { lineOf } from './gate/line.ts'
import type { AppInfo, AppParams, AppRow, AppStatusWord, Caller } from './operations.ts'
import { paramsFrom } from './params.ts'
import { isMoving } from './promotion.ts'

/** answers.md, `apps`: what the newest moving or ended promotion makes of an app. Pure. */
export const appStatus = (newestFirst: readonly Pick<PromotionRecord, 'status' | 'targetReleaseId' | 'cancelBy'>[], active: string | null): AppStatusWord => {
  const moving = newestFirst.find((promotion) => isMoving(promotion.status))
  if (moving !== undefined) return moving.status === 'rolling_out' ? 'updating' : 'rollback'
  const ended = newestFirst.find((promotion) => ['succeeded', 'failed', 'superseded', 'rolled_back', 'rollback_failed'].includes(promotion.status))
  if (ended?.status === 'rollback_failed') return 'failed'
  return ended?.status === 'failed' && active === null && ended.cancelBy === null ? 'failed' : 'running'
}

const rowOf = async ({ db, name, clock }: Pick<Rack, 'db' | 'name' | 'clock'>, app: string): Promise<AppRow> => {
  const [newest, active, lock] = [await listPromotionRecords(db, name, app, 20), await activeRelease(db, name, app), await findLock(db, name, app)]
  return { app, status: appStatus(newest, active), release: active, lock: lockNow({ lock: lock ?? null }, clock()) }
}

/** Every app of the rack with its status. */
export const listApps = async (rack: Rack, caller: Caller): Promise<readonly AppRow[]> => {
  requireRole(caller, 'viewer', 'listing apps')
  const rows: AppRow[] = []
  for (const app of await listAppRecords(rack.db, rack.name)) rows.push(await rowOf(rack, app.name))
  return rows
}

/** A page of the rack's apps, by name. */
export const pageThroughApps = async (rack: Rack, caller: Caller, ask: PageAsk): Promise<Paged<AppRow>> => {
  requireRole(caller, 'viewer', 'listing apps')
  const page = await pageOfApps(rack.db, rack.name, ask)
  const rows: AppRow[] = []
  for (const app of page.rows) rows.push(await rowOf(rack, app.name))
  return { ...page, rows }
}

/** Params of an app over the defaults. */
export const appParams = async (db: Db, rack: string, app: string): Promise<AppParams> => paramsFrom(await paramsOf(db, rack, app))

/** One app with its params and what moves. */
export const appInfo = async (rack: Rack, caller: Caller, name: string): Promise<AppInfo> => {
  requireRole(caller, 'viewer', 'reading an app')
  const app = await requireApp(rack.db, rack.name, name)
  const open = await openPromotions(rack.db, rack.name, app.name)
  const moving = open.find((promotion) => isMoving(promotion.status))
  const { queued, verdicts } = await lineOf(rack, rack.db, app.name)
  const now = rack.clock()
  return {
    ...(await rowOf(rack, app.name)),
    namespace: app.namespace,
    params: await appParams(rack.db, rack.name, app.name),
    moving: moving === undefined ? null : { promotion: moving.id, release: moving.releaseId, requester: moving.requester, since: moving.startedAt ?? moving.requestedAt },
    waiting: open.length - (moving === undefined ? 0 : 1),
    freezes: (await freezesOf(rack.db, rack.name, app.name)).map((record) => freezeRow(record, now)),
    queue: queued.map(({ id, releaseId, requester }) => ({ promotion: id, release: releaseId, requester, held: (verdicts.get(id)?.waits.length ?? 0) > 0 })),
  }
}

/** Apps whose channel is this one. */
export const appsOfChannel = (rack: Rack, channel: string): Promise<readonly string[]> => appsWithParam(rack.db, rack.name, 'channel', JSON.stringify(channel))
