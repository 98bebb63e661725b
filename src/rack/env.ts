import { writeAudit } from '../db/audit.ts'
import { findBuild } from '../db/builds.ts'
import { lockApp } from '../db/apps.ts'
import type { Db } from '../db/client.ts'
import { activeRelease } from '../db/promotions.ts'
import { insertRelease } from '../db/releases.ts'
import { byCaller } from './audit-row.ts'
import { requireRight, requireRole } from './authorize.ts'
import type { Books } from './context.ts'
import { describeEnvDiff, diffEnv, isEmptyDiff } from './env/diff.ts'
import { keyProblem } from './env/key.ts'
import { mergedEnv, secretOverflow } from './env/merged.ts'
import { maxKeys, type Env } from './env/text.ts'
import { finish } from './finish.ts'
import { madeBefore } from './first-half.ts'
import { baseRelease, requireApp } from './find.ts'
import { newId } from './ids.ts'
import { parseManifest } from './manifest/parse.ts'
import type { Caller, ReleaseCreated, ReleaseInfo } from './operations.ts'
import { refuse } from './refusal.ts'
import { openEnv, sealEnv } from './release-env.ts'
import { revealedEnv } from './releases.ts'

/** The env of `release`, else of the newest release. */
export const readEnv = async (rack: Books, caller: Caller, input: { app: string; release: string | null; reveal: boolean }): Promise<{ release: string | null; env: ReleaseInfo['env'] }> => {
  requireRole(caller, 'viewer', 'reading env')
  const app = await requireApp(rack.db, rack.name, input.app)
  const release = await baseRelease(rack.db, rack.name, app.name, input.release)
  if (release === undefined) return { release: null, env: [] }
  return { release: release.id, env: await revealedEnv(rack, caller, release, input.reveal, 'all') }
}

/** One value: for deployers, audited. */
export const getEnv = async (rack: Books, caller: Caller, input: { app: string; key: string; release: string | null }): Promise<string> => {
  requireRole(caller, 'deployer', 'seeing env values')
  const app = await requireApp(rack.db, rack.name, input.app)
  const release = await baseRelease(rack.db, rack.name, app.name, input.release)
  const env = release === undefined ? {} : openEnv(rack.sealer, release)
  const value = Object.hasOwn(env, input.key) ? env[input.key] : undefined
  if (release === undefined || value === undefined) return refuse({ code: 'env_not_found', key: input.key, app: app.name })
  await revealedEnv(rack, caller, release, true, input.key)
  return value
}

interface EnvChange { readonly set: readonly (readonly [key: string, value: string])[]; readonly unset: readonly string[]; readonly replace: boolean }

/** The env after a change. Refuses bad keys and a key that is both set and removed. Pure. */
export const changedEnv = (before: Env, change: EnvChange): Env => {
  for (const key of [...change.set.map(([key]) => key), ...change.unset]) if (keyProblem(key) !== undefined) refuse({ code: 'env_key_not_allowed', key })
  const both = change.unset.find((key) => change.set.some(([set]) => set === key))
  if (both !== undefined) refuse({ code: 'env_set_and_unset', key: both })
  const kept = change.replace ? [] : Object.entries(before).filter(([key]) => !change.unset.includes(key))
  const after = Object.fromEntries([...kept, ...change.set])
  const tooMany = Object.keys(after)[maxKeys]
  if (tooMany !== undefined) refuse({ code: 'env_key_not_allowed', key: tooMany })
  return after
}

/** Refuses an env that no Secret could hold, whatever service of the manifest it is for. */
export const requireEnvFits = async (db: Db, rack: string, app: string, buildId: string | null, env: Env): Promise<void> => {
  const build = buildId === null ? undefined : await findBuild(db, rack, app, buildId)
  const parsed = build === undefined ? undefined : parseManifest(build.manifest)
  const sources = { rack, app, release: { id: 'R'.padEnd(11, 'X') }, build: { id: build?.id ?? '', description: build?.description ?? '' }, env }
  const services = parsed?.ok === true ? parsed.manifest.services.map((service) => ({ name: service.name, merged: mergedEnv(service, sources) })) : [{ name: app, merged: env }]
  for (const { name, merged } of services) {
    const overflow = secretOverflow(merged)
    if (overflow !== undefined) refuse({ code: 'env_too_large', service: name, ...overflow })
  }
}

/** Makes a release with a changed env. The app's row is locked, so that two changes at once add up. */
export const changeEnv = async (
  rack: Books, caller: Caller, input: { app: string; base: string | null } & EnvChange,
): Promise<ReleaseCreated & { set: readonly string[]; unset: readonly string[] }> => {
  requireRight(caller, 'changeEnv')
  const app = await requireApp(rack.db, rack.name, input.app)
  return rack.db.transaction(async (tx) => {
    await lockApp(tx, rack.name, app.name)
    const keys = { set: [...new Set(input.set.map(([key]) => key))].sort(), unset: [...new Set(input.unset)].sort() }
    const made = await madeBefore(tx, caller, app)
    if (made !== undefined) return { release: made.id, base: null, ...keys }
    const base = await baseRelease(tx, rack.name, app.name, input.base)
    const before = base === undefined ? {} : openEnv(rack.sealer, base)
    const after = changedEnv(before, input)
    const diff = diffEnv(before, after)
    if (isEmptyDiff(diff)) refuse({ code: 'nothing_would_change', app: app.name })
    await requireEnvFits(tx, rack.name, app.name, base?.buildId ?? null, after)
    const id = newId('R')
    await insertRelease(tx, {
      id, rack: rack.name, app: app.name, buildId: base?.buildId ?? null, env: sealEnv(rack.sealer, id, after), description: describeEnvDiff(diff),
      origin: 'env', fromEnv: null, createdBy: caller.actor.id, delivery: caller.firstHalfOf ?? null,
    })
    await writeAudit(tx, { rack: rack.name, app: app.name, ...byCaller(caller), action: 'env.change', detail: { release: id, base: base?.id ?? null, added: diff.added, changed: diff.changed, removed: diff.removed } })
    await finish(tx, caller)
    return { release: id, base: base === undefined ? null : { id: base.id, active: await activeRelease(tx, rack.name, app.name) }, ...keys }
  })
}
