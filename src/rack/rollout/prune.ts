import { listPromotionRecords } from '../../db/promotions.ts'
import { describeName, nameOf, plainObject, type PlainObject } from '../cluster/objects.ts'
import type { Rack } from '../context.ts'
import type { Warning } from '../progress.ts'
import { keepsData, objectKey } from '../render/inventory.ts'
import { awaitSight } from './await-sight.ts'
import type { Meta } from './facts.ts'
import type { Job } from './job.ts'
import { undoneBecause } from './more-warnings.ts'
import { lackedBy, storedInventory } from './plan.ts'
import { merged, perhapsLate, standingBefore } from './standing.ts'
import { limitFromNow, persevere, type WaitLimits } from './write.ts'

/** Ours to delete only when labels, uid and row agree (design 8). Pure. */
export const isRemovable = (rack: Pick<Rack, 'installation'>, object: Labelled): boolean =>
  Object.entries(ourLabels(rack)).every(([name, value]) => object.metadata.labels?.[name] === value)

/** Of what a release leaves behind, that which may go: data never, a Secret only once no ReplicaSet refers to it. Pure. */
export const removableOf = (leftovers: readonly PlainObject[]): readonly PlainObject[] => leftovers.filter((object) => object.kind !== 'Secret' && !keepsData(object))

/** Those that were not removed before the apply already (`DirectionState.removed`): asking for them again would find nothing. Pure. */
export const notGone = (objects: readonly PlainObject[], gone: readonly string[] = []): readonly PlainObject[] => objects.filter((object) => !gone.includes(objectKey(object)))

/** What of an object tells whose it is. */
export interface Labelled { readonly metadata: { readonly labels?: Readonly<Record<string, string>> } }

const ourLabels = (rack: Pick<Rack, 'installation'>): Readonly<Record<string, string>> => ({ 'app.kubernetes.io/managed-by': 'slipway', 'slipway-installation': rack.installation })

/** What the watches show of a workload; undefined for kinds that nobody watches, and for one that they do not show. */
const seen = (job: Job, object: PlainObject): Meta | undefined => {
  const { deployments, daemonSets, cronJobs, jobs } = job.rack.cluster.facts(job.namespace)
  return [...deployments, ...daemonSets, ...cronJobs, ...jobs].find(({ kind, meta }) => kind === object.kind && meta.name === object.metadata.name)?.meta
}

/** One request: what is watched goes by its uid, the rest by its name and our labels. A Job that is not seen has to be read: deleted by labels it would leave its pods. */
const removeObject = async (job: Job, object: PlainObject, timeout: number): Promise<void> => {
  const { objects } = job.rack
  const name = { ...nameOf(object), namespace: job.namespace }
  const meta = seen(job, object)
  if (meta === undefined && object.kind !== 'Job') {
    await objects.removeLabelled(name, ourLabels(job.rack), timeout)
    return
  }
  const there = meta === undefined ? (await objects.read(name, timeout))?.metadata : { ...meta, deletionTimestamp: meta.deletedAt }
  if (there?.uid === undefined || there.deletionTimestamp !== undefined || !isRemovable(job.rack, { metadata: there })) return
  await objects.remove(name, there.uid, timeout)
}

/** Deletes objects one by one; what cannot be deleted becomes a warning. One that is not ours any more is left alone. */
export const removeObjects = async (job: Job, objects: readonly PlainObject[], limits: WaitLimits): Promise<readonly Warning[]> => {
  const warnings: Warning[] = []
  for (const object of objects) {
    const name = { ...nameOf(object), namespace: job.namespace }
    try {
      await persevere(job, limits, (timeout) => removeObject(job, object, timeout))
    } catch (error) {
      warnings.push({ kind: 'not_removed', object: describeName(name), why: undoneBecause(error) })
    }
  }
  return warnings
}

/**
 * Env Secrets of earlier promotions that nothing needs: not this release's, not one of an unfinished promotion, not one that a kept ReplicaSet refers to
 * (its release label tells). The last good one before this stays as long as its ReplicaSet does.
 */
const unneededSecrets = async (job: Job): Promise<readonly PlainObject[]> => {
  const { rack } = job
  const promotion = job.promotion()
  const earlier = await listPromotionRecords(rack.db, rack.name, promotion.app, 50)
  const needed = new Set<string>([promotion.releaseId, ...(promotion.targetReleaseId === null ? [] : [promotion.targetReleaseId])])
  for (const other of earlier) if (other.finishedAt === null) needed.add(other.releaseId)
  for (const set of rack.cluster.facts(job.namespace).replicaSets) needed.add(set.meta.labels['release'] ?? '')
  const found = new Map<string, PlainObject>()
  for (const other of earlier) {
    if (needed.has(other.releaseId)) continue
    for (const object of await storedInventory(rack, other.id)) if (object.kind === 'Secret') found.set(objectKey(object), object)
  }
  return [...found.values()]
}

/** Jobs of release commands, this promotion's and those of failed ones before it, which were kept for people to look at. */
const commandsRun = (job: Job): readonly PlainObject[] => job.rack.cluster.facts(job.namespace).jobs
  .filter(({ meta }) => meta.labels['type'] === 'release' && meta.labels['slipway-promotion'] !== undefined)
  .map(({ meta }) => plainObject({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: meta.name, namespace: meta.namespace, labels: meta.labels } }))

/** After a release is proven: what only those before it had is removed, last and resumably. */
export const prune = async (job: Job): Promise<readonly Warning[]> => {
  const promotion = job.promotion()
  // After a restart the watches show no ReplicaSets yet: what those refer to would look unneeded.
  await awaitSight(job, { cancellable: false })
  const limits = limitFromNow(job, promotion.deadlineSeconds * 1000)
  const leftovers = removableOf(lackedBy(await storedInventory(job.rack, promotion.id), merged(notGone(await standingBefore(job), job.state().out?.removed), await perhapsLate(job))))
  job.show({ removing: leftovers.length })
  const warnings = await removeObjects(job, leftovers, limits)
  const swept = await removeObjects(job, [...commandsRun(job), ...await unneededSecrets(job)], limits)
  for (const warning of swept) job.rack.log.warn({ promotion: promotion.id, warning }, 'something that nothing needs any more could not be removed')
  return warnings
}
