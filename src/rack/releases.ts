import { findBuild } from '../db/builds.ts'
import { writeAudit } from '../db/audit.ts'
import { activeRelease, lastPromotionOf } from '../db/promotions.ts'
import type { PageAsk } from '../db/page.ts'
import { pageOfReleases, totalsOfReleases, type ListedRelease, type ReleaseRecord } from '../db/releases.ts'
import type { PromotionStatus } from '../db/words.ts'
import { byCaller } from './audit-row.ts'
import { requireRole } from './authorize.ts'
import type { Books, Rack } from './context.ts'
import type { Env } from './env/text.ts'
import { requireApp, requireRelease } from './find.ts'
import type { Caller, ReleaseInfo, ReleasePage, ReleaseRow, ReleaseStatusWord } from './operations.ts'
import { isMoving } from './promotion.ts'
import { refuse } from './refusal.ts'
import { openEnv } from './release-env.ts'

/** answers.md, `releases --text`. Pure. */
export const releaseStatus = (release: string, active: string | null, last: PromotionStatus | null): ReleaseStatusWord => {
  if (last !== null && isMoving(last)) return 'promoting'
  if (release === active) return 'active'
  return last !== null && ['failed', 'rolled_back', 'rollback_failed'].includes(last) ? 'failed' : ''
}

const rowOf = (release: Omit<ListedRelease, 'seq'>, active: string | null): ReleaseRow => ({
  id: release.id, status: releaseStatus(release.id, active, release.last), build: release.buildId, created: release.createdAt, description: release.description,
})

/** Releases that are counted one by one: an app may have hundreds of thousands, and who pages through a list wants to know little more than "many". */
const mostCounted = 1_000

/** A page of an app's releases, newest first. */
export const listReleases = async (rack: Rack, caller: Caller, input: { app: string } & PageAsk): Promise<ReleasePage> => {
  requireRole(caller, 'viewer', 'listing releases')
  const app = await requireApp(rack.db, rack.name, input.app)
  const { rows, after, before } = await pageOfReleases(rack.db, rack.name, app.name, input)
  const { total, above, active } = await totalsOfReleases(rack.db, rack.name, app.name, mostCounted + 1, before === null ? null : (rows[0]?.seq ?? null))
  return {
    rows: rows.map((record) => rowOf(record, active)), after, before, active,
    total: Math.min(total, mostCounted), more: total > mostCounted, above: above > mostCounted ? null : above,
  }
}

const sorted = (env: Env, reveal: boolean): ReleaseInfo['env'] =>
  Object.keys(env).sort().map((key) => ({ key, value: reveal ? (env[key] ?? '') : null }))

/** Reveals the env of a release only to deployers, and writes down that it was seen. */
export const revealedEnv = async (rack: Books, caller: Caller, release: ReleaseRecord, reveal: boolean, what: string): Promise<ReleaseInfo['env']> => {
  if (reveal) {
    requireRole(caller, 'deployer', 'seeing env values')
    await writeAudit(rack.db, { rack: rack.name, app: release.app, ...byCaller(caller), action: 'env.reveal', detail: { release: release.id, what } })
  }
  return sorted(openEnv(rack.sealer, release), reveal)
}

/** One release in full. */
export const releaseInfo = async (rack: Rack, caller: Caller, input: { app: string; release: string; reveal: boolean }): Promise<ReleaseInfo> => {
  requireRole(caller, 'viewer', 'reading a release')
  const app = await requireApp(rack.db, rack.name, input.app)
  const release = await requireRelease(rack.db, rack.name, app.name, input.release)
  const last = await lastPromotionOf(rack.db, release.id)
  const ran = last?.startedAt ?? last?.finishedAt ?? null
  const from = {
    ...(release.fromBuild === null ? {} : { build: release.fromBuild }), ...(release.fromEnv === null ? {} : { env: release.fromEnv }),
    ...(release.rollbackOf === null ? {} : { rollback: release.rollbackOf }),
  }
  return {
    ...rowOf({ ...release, last: last?.status ?? null }, await activeRelease(rack.db, rack.name, app.name)),
    app: app.name,
    env: await revealedEnv(rack, caller, release, input.reveal, 'all'),
    promoted: last === undefined || ran === null ? null : {
      at: ran, by: last.requester, status: last.status,
      seconds: last.finishedAt === null || last.startedAt === null ? null : Math.floor((last.finishedAt.getTime() - last.startedAt.getTime()) / 1000),
    },
    from: Object.keys(from).length === 0 ? null : from,
  }
}

/** The convox.yml of a release's build, byte for byte. */
export const releaseManifest = async (rack: Rack, caller: Caller, input: { app: string; release: string }): Promise<{ release: string; manifest: string }> => {
  requireRole(caller, 'viewer', 'reading a manifest')
  const app = await requireApp(rack.db, rack.name, input.app)
  const release = await requireRelease(rack.db, rack.name, app.name, input.release)
  const build = release.buildId === null ? undefined : await findBuild(rack.db, rack.name, app.name, release.buildId)
  if (build === undefined) return refuse({ code: 'no_build', release: release.id, app: app.name })
  return { release: release.id, manifest: build.manifest }
}
