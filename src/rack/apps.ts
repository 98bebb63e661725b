import { appStandings } from '../db/app-standings.ts'
import { appsWithParam, listAppRecords, pageOfApps, paramsOf } from '../db/apps.ts'
import type { Db } from '../db/client.ts'
import { freezesOf } from '../db/freezes.ts'
import type { PageAsk, Paged } from '../db/page.ts'
import { openPromotions, type PromotionRecord } from '../db/promotions.ts'
import { requireRole } from './authorize.ts'
import type { Rack } from './context.ts'
import { requireApp } from './find.ts'
import { freezeRow } from './gate/freeze-row.ts'
import { lockNow } from './gate/gate.ts'
import { lineOf } from './gate/line.ts'
import type { AppInfo, AppParams, AppRow, AppStatusWord, Caller } from './operations.ts'
import { paramsFrom } from './params.ts'
import { isMoving } from './promotion.ts'
import { refuse } from './refusal.ts'

/** answers.md, `apps`: what the newest moving or ended promotion makes of an app. Pure. */
export const appStatus = (newestFirst: readonly Pick<PromotionRecord, 'status' | 'targetReleaseId' | 'cancelBy'>[], active: string | null): AppStatusWord => {
  const moving = newestFirst.find((promotion) => isMoving(promotion.status))
  if (moving !== undefined) return moving.status === 'rolling_out' ? 'updating' : 'rollback'
  const ended = newestFirst.find((promotion) => ['succeeded', 'failed', 'superseded', 'rolled_back', 'rollback_failed'].includes(promotion.status))
  if (ended?.status === 'rollback_failed') return 'failed'
  return ended?.status === 'failed' && active === null && ended.cancelBy === null ? 'failed' : 'running'
}

const rowsOf = async ({ db, name, clock }: Pick<Rack, 'db' | 'name' | 'clock'>, names: readonly string[]): Promise<readonly AppRow[]> => {
  const now = clock()
  return (await appStandings(db, name, names)).map(({ app, moving, ended, active, lock }) => ({
    app, status: appStatus([moving, ended].filter((promotion) => promotion !== null), active), release: active, lock: lockNow({ lock }, now),
  }))
}

/** Every app of the rack with its status. */
export const listApps = async (rack: Rack, caller: Caller): Promise<readonly AppRow[]> => {
  requireRole(caller, 'viewer', 'listing apps')
  return rowsOf(rack, (await listAppRecords(rack.db, rack.name)).map((app) => app.name))
}

/** A page of the rack's apps, by name. */
export const pageThroughApps = async (rack: Rack, caller: Caller, ask: PageAsk): Promise<Paged<AppRow>> => {
  requireRole(caller, 'viewer', 'listing apps')
  const page = await pageOfApps(rack.db, rack.name, ask)
  return { ...page, rows: await rowsOf(rack, page.rows.map((app) => app.name)) }
}

/** Params of an app over the defaults. */
export const appParams = async (db: Db, rack: string, app: string): Promise<AppParams> => paramsFrom(await paramsOf(db, rack, app))

/** One app with its params and what moves. */
export const appInfo = async (rack: Rack, caller: Caller, name: string): Promise<AppInfo> => {
  requireRole(caller, 'viewer', 'reading an app')
  const app = await requireApp(rack.db, rack.name, name)
  const [row] = await rowsOf(rack, [app.name])
  if (row === undefined) return refuse({ code: 'app_not_found', app: name, nearest: [] })
  const open = await openPromotions(rack.db, rack.name, app.name)
  const moving = open.find((promotion) => isMoving(promotion.status))
  const { queued, verdicts } = await lineOf(rack, rack.db, app.name)
  const now = rack.clock()
  return {
    ...row,
    namespace: app.namespace,
    params: await appParams(rack.db, rack.name, app.name),
    moving: moving === undefined ? null : { promotion: moving.id, release: moving.releaseId, requester: moving.requester, since: moving.startedAt ?? moving.requestedAt },
    waiting: open.length - (moving === undefined ? 0 : 1),
    freezes: (await freezesOf(rack.db, rack.name, app.name)).map((record) => freezeRow(record, now)),
    queue: queued.map(({ id, releaseId, requester }) => ({ promotion: id, release: releaseId, requester, held: (verdicts.get(id)?.waits.length ?? 0) > 0 })),
  }
}

/** Apps whose channel is this one. */
export const appsOfChannel = (rack: Pick<Rack, 'name' | 'db'>, channel: string): Promise<readonly string[]> => appsWithParam(rack.db, rack.name, 'channel', JSON.stringify(channel))
