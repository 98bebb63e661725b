import { lockApp } from '../db/apps.ts'
import { writeAudit } from '../db/audit.ts'
import { activeRelease } from '../db/promotions.ts'
import { insertRelease, type ReleaseRecord } from '../db/releases.ts'
import type { Db } from '../db/client.ts'
import { byCaller } from './audit-row.ts'
import { requireRight } from './authorize.ts'
import type { Books } from './context.ts'
import { requireEnvFits } from './env.ts'
import { finish } from './finish.ts'
import { madeBefore } from './first-half.ts'
import { requireApp, requireRelease } from './find.ts'
import { newId } from './ids.ts'
import type { Caller, ReleaseCreated } from './operations.ts'
import { refuse } from './refusal.ts'
import { openEnv, sealEnv } from './release-env.ts'

const source = async (tx: Db, rack: string, app: string, named: string | null, fromActive: boolean, flags: readonly [string, string]): Promise<ReleaseRecord> => {
  if ((named === null) === !fromActive) return refuse({ code: 'needs_one_of', flags, both: fromActive })
  if (named !== null) return requireRelease(tx, rack, app, named)
  const active = await activeRelease(tx, rack, app)
  return active === null ? refuse({ code: 'no_active_release', app }) : requireRelease(tx, rack, app, active)
}

/** A release of one release's build and another's env. Refuses when both are the active release's: nothing would change. */
export const createFrom = async (
  rack: Books, caller: Caller, input: { app: string; buildFrom: string | null; activeBuild: boolean; envFrom: string | null; activeEnv: boolean },
): Promise<ReleaseCreated> => {
  requireRight(caller, 'createFrom')
  const app = await requireApp(rack.db, rack.name, input.app)
  return rack.db.transaction(async (tx) => {
    await lockApp(tx, rack.name, app.name)
    const made = await madeBefore(tx, caller, app)
    if (made !== undefined) return { release: made.id, base: null }
    const build = await source(tx, rack.name, app.name, input.buildFrom, input.activeBuild, ['--build-from', '--use-active-release-build'])
    const env = await source(tx, rack.name, app.name, input.envFrom, input.activeEnv, ['--env-from', '--use-active-release-env'])
    if (build.buildId === null) return refuse({ code: 'no_build', release: build.id, app: app.name })
    const active = await activeRelease(tx, rack.name, app.name)
    if (build.id === active && env.id === active) return refuse({ code: 'same_as_active', app: app.name })
    const values = openEnv(rack.sealer, env)
    await requireEnvFits(tx, rack.name, app.name, build.buildId, values)
    const id = newId('R')
    await insertRelease(tx, {
      id, rack: rack.name, app: app.name, buildId: build.buildId, env: sealEnv(rack.sealer, id, values), description: 'created-from',
      origin: 'create_from', fromBuild: build.id, fromEnv: env.id, createdBy: caller.actor.id, delivery: caller.firstHalfOf ?? null,
    })
    await writeAudit(tx, { rack: rack.name, app: app.name, ...byCaller(caller), action: 'release.create_from', detail: { release: id, build: build.id, env: env.id } })
    await finish(tx, caller)
    return { release: id, base: null }
  })
}
