import { findBuild, listBuildRecords, pageOfBuilds, releaseOfBuild, type BuildRecord } from '../db/builds.ts'
import type { PageAsk, Paged } from '../db/page.ts'
import { requireRole } from './authorize.ts'
import type { Rack } from './context.ts'
import { requireApp } from './find.ts'
import { normalId } from './ids.ts'
import { nearest } from './nearest.ts'
import type { BuildInfo, BuildRow, Caller } from './operations.ts'
import { refuse } from './refusal.ts'

const rowOf = async (rack: Rack, build: BuildRecord): Promise<BuildRow> => ({
  id: build.id, status: 'complete', release: await releaseOfBuild(rack.db, build.id), started: build.startedAt,
  elapsedSeconds: Math.max(0, Math.floor((build.createdAt.getTime() - build.startedAt.getTime()) / 1000)), description: build.description,
})

/** A page of an app's builds, newest first. */
export const listBuilds = async (rack: Rack, caller: Caller, input: { app: string } & PageAsk): Promise<Paged<BuildRow>> => {
  requireRole(caller, 'viewer', 'listing builds')
  const app = await requireApp(rack.db, rack.name, input.app)
  const page = await pageOfBuilds(rack.db, rack.name, app.name, input)
  const rows: BuildRow[] = []
  for (const build of page.rows) rows.push(await rowOf(rack, build))
  return { ...page, rows }
}

/** One build with its images. */
export const buildInfo = async (rack: Rack, caller: Caller, input: { app: string; build: string }): Promise<BuildInfo> => {
  requireRole(caller, 'viewer', 'reading a build')
  const app = await requireApp(rack.db, rack.name, input.app)
  const wanted = normalId(input.build)
  const build = await findBuild(rack.db, rack.name, app.name, wanted)
  if (build === undefined) {
    const known = (await listBuildRecords(rack.db, rack.name, app.name, 50)).map((each) => each.id)
    const near = nearest(wanted, known)
    return refuse({ code: 'build_not_found', build: wanted, app: app.name, nearest: near.length > 0 ? near : known.slice(0, 2) })
  }
  return {
    ...(await rowOf(rack, build)),
    images: Object.entries(build.images).map(([service, image]) => ({ service, reference: image.resolved, pinned: image.pinned })),
    gitSha: build.gitSha,
  }
}
