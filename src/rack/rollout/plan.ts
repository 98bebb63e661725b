import { findReleaseAnywhere } from '../../db/releases.ts'
import { inventoryOf } from '../../db/promotions.ts'
import type { PlainObject } from '../cluster/objects.ts'
import { isPlainObject } from '../cluster/objects.ts'
import type { Rack } from '../context.ts'
import { buildOf } from '../digest.ts'
import { parseManifest } from '../manifest/parse.ts'
import { refuse } from '../refusal.ts'
import { openEnv } from '../release-env.ts'
import type { RenderInput } from '../render/input.ts'
import { renderRelease } from '../render/render.ts'
import { fieldManager } from '../cluster/objects.ts'
import type { DeploymentFacts } from './facts.ts'

/** Services whose number of processes somebody else owns now (an HPA, a person): `replicas` is left out for them. Pure. */
export const replicasOwnedByOthers = (deployments: readonly DeploymentFacts[]): ReadonlySet<string> =>
  new Set(deployments.filter((deployment) => deployment.managers.some((entry) => entry.ownsReplicas && entry.manager !== fieldManager)).map((deployment) => deployment.meta.name))

/** Which release is rendered, and for what. */
interface Rendering { readonly app: string; readonly release: string; readonly promotion: string; readonly deadlineSeconds: number; readonly namespace: string }

/** What a release's objects, and its release command's Job, are rendered from. Throws `RefusalError` when it can no longer be rendered. */
export const renderInputOf = async (rack: Rack, input: Rendering): Promise<RenderInput & { readonly promotion: string }> => {
  const release = await findReleaseAnywhere(rack.db, input.release)
  const build = release === undefined ? undefined : await buildOf(rack.db, release)
  if (release === undefined || build === undefined) return refuse({ code: 'no_build', release: input.release, app: input.app })
  const parsed = parseManifest(build.manifest)
  if (!parsed.ok) return refuse({ code: 'manifest_invalid', errors: parsed.errors })
  const { deployments } = rack.cluster.facts(input.namespace)
  return {
    rack: rack.name, app: input.app, installation: rack.installation, release: { id: release.id }, env: openEnv(rack.sealer, release), manifest: parsed.manifest,
    build: {
      id: build.id, description: build.description, ...(build.gitSha === null ? {} : { gitSha: build.gitSha }),
      images: Object.fromEntries(Object.entries(build.images).map(([service, image]) => [service, image.resolved])),
    },
    deadlineSeconds: input.deadlineSeconds, promotion: input.promotion, ...(rack.pullSecret === null ? {} : { pullSecret: rack.pullSecret.name }),
    replicasOwnedByOthers: replicasOwnedByOthers(deployments), replicasNow: new Map(deployments.map((deployment) => [deployment.meta.name, deployment.replicas])), ingressClass: rack.ingressClass,
  }
}

/** The complete objects of a release. Throws `RefusalError` when it can no longer be rendered. */
export const renderObjects = async (rack: Rack, input: Rendering): Promise<readonly PlainObject[]> => renderRelease(await renderInputOf(rack, input)).map(asPlain)

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

/** Kind and name: two objects of one namespace with equal keys are the same object. */
export const keyOf = (object: Pick<PlainObject, 'kind' | 'metadata'>): string => `${object.kind}/${object.metadata.name}`

/** Objects of `before` that `after` lacks. Pure. */
export const lackedBy = (after: readonly PlainObject[], before: readonly PlainObject[]): readonly PlainObject[] => {
  const kept = new Set(after.map(keyOf))
  return before.filter((object) => !kept.has(keyOf(object)))
}

/** The service an object belongs to, by its label. */
export const serviceOf = (object: PlainObject): string => object.metadata.labels?.['service'] ?? object.metadata.name
