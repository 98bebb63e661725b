import { findReleaseAnywhere } from '../../db/releases.ts'
import { inventoryOf } from '../../db/promotions.ts'
import { isPlainObject, type PlainObject } from '../cluster/objects.ts'
import type { Rack } from '../context.ts'
import { buildOf } from '../digest.ts'
import { parseManifest } from '../manifest/parse.ts'
import { refuse } from '../refusal.ts'
import { openEnv } from '../release-env.ts'
import type { RenderInput } from '../render/input.ts'
import { neededBy, objectKey } from '../render/inventory.ts'
import { renderReleaseJob } from '../render/jobs.ts'
import { renderRelease } from '../render/render.ts'
import type { CommandPlan } from './release-command.ts'
import { autoscaled, replicasOwnedByOthers } from './replicas.ts'

/** Which release is rendered, and for what. */
interface Rendering { readonly app: string; readonly release: string; readonly promotion: string; readonly deadlineSeconds: number; readonly namespace: string; /** Objects of the release that runs now. */ readonly before?: readonly PlainObject[] }

/** What a release's objects, and its release command's Job, are rendered from. Throws `RefusalError` when it can no longer be rendered. */
export const renderInputOf = async (rack: Rack, input: Rendering): Promise<RenderInput & { readonly promotion: string }> => {
  const release = await findReleaseAnywhere(rack.db, input.release)
  const build = release === undefined ? undefined : await buildOf(rack.db, release)
  if (release === undefined || build === undefined) return refuse({ code: 'no_build', release: input.release, app: input.app })
  const parsed = parseManifest(build.manifest)
  if (!parsed.ok) return refuse({ code: 'manifest_invalid', errors: parsed.errors })
  const { deployments } = rack.cluster.facts(input.namespace)
  const scaled = new Set(parsed.manifest.services.filter((service) => service.scale.targets !== undefined).map((service) => service.name))
  const dropped = [...autoscaled(input.before ?? [])].filter((service) => !scaled.has(service))
  return {
    rack: rack.name, app: input.app, installation: rack.installation, release: { id: release.id }, env: openEnv(rack.sealer, release), manifest: parsed.manifest,
    build: {
      id: build.id, description: build.description, ...(build.gitSha === null ? {} : { gitSha: build.gitSha }),
      images: Object.fromEntries(Object.entries(build.images).map(([service, image]) => [service, image.resolved])),
    },
    deadlineSeconds: input.deadlineSeconds, promotion: input.promotion, ...(rack.pullSecret === null ? {} : { pullSecret: rack.pullSecret.name }),
    replicasOwnedByOthers: replicasOwnedByOthers(deployments, new Set(dropped)), replicasNow: new Map(deployments.map((deployment) => [deployment.meta.name, deployment.replicas])), ingressClass: rack.ingressClass,
  }
}

/** The complete objects of a release. Throws `RefusalError` when it can no longer be rendered. */
export const objectsOf = (input: RenderInput): readonly PlainObject[] => renderRelease(input).map(asPlain)

/** The release command of what is rendered from `input`, with what its Job needs of the release's `objects`; undefined when the manifest has none. Throws `RefusalError`. */
export const commandPlan = (input: RenderInput & { readonly promotion: string }, objects: readonly PlainObject[]): CommandPlan | undefined => {
  const { release } = input.manifest
  const made = renderReleaseJob(input)
  if (release === undefined || made === undefined) return undefined
  return { command: release, job: asPlain(made), needed: neededBy(made, objects) }
}

const asPlain = (object: unknown): PlainObject => {
  if (!isPlainObject(object)) throw new Error('rendered something that is not an object')
  return object
}

/** As it is kept: Secrets by name only, never their data. Pure. */
export const inventoryEntry = (object: PlainObject): PlainObject =>
  object.kind === 'Secret' ? { apiVersion: object.apiVersion, kind: object.kind, metadata: object.metadata } : object

/** The stored objects of a promotion; empty when it never got that far. */
export const storedInventory = async (rack: Rack, promotion: string | null): Promise<readonly PlainObject[]> => {
  const stored = promotion === null ? undefined : await inventoryOf(rack.db, promotion)
  return Array.isArray(stored) ? stored.filter(isPlainObject) : []
}

/** Objects of `before` that `after` lacks. Pure. */
export const lackedBy = (after: readonly PlainObject[], before: readonly PlainObject[]): readonly PlainObject[] => {
  const kept = new Set(after.map(objectKey))
  return before.filter((object) => !kept.has(objectKey(object)))
}

/** The service an object belongs to, by its label. */
export const serviceOf = (object: PlainObject): string => object.metadata.labels?.['service'] ?? object.metadata.name
