import type { PlainObject } from '../cluster/objects.ts'
import type { Warning } from '../progress.ts'
import { objectKey } from '../render/inventory.ts'
import type { CronJobFacts } from './facts.ts'
import type { Job } from './job.ts'
import { undoneBecause } from './more-warnings.ts'
import { applyObject, type WaitLimits } from './write.ts'

const isTimer = (object: PlainObject): boolean => object.kind === 'CronJob'

const withSuspend = (object: PlainObject, suspend: boolean): PlainObject => {
  const spec = object['spec']
  return typeof spec === 'object' && spec !== null ? { ...object, spec: { ...spec, suspend } } : object
}

/** The same objects with every timer suspended: none starts a process of a release that is not proven. Pure. */
export const timersSuspended = (objects: readonly PlainObject[]): readonly PlainObject[] => objects.map((object) => (isTimer(object) ? withSuspend(object, true) : object))

/** As the watch shows it now: its resourceVersion goes with a write, so that nothing has to be read before. */
const watched = (job: Job, { metadata }: PlainObject): CronJobFacts | undefined => job.rack.cluster.facts(job.namespace).cronJobs.find(({ meta }) => meta.name === metadata.name)

/**
 * Suspends the timers of what runs now, before anything else changes. One that somebody deleted is left deleted. Returns the resourceVersions that the
 * cluster answered, by `kind/name`: what applies them next goes by these.
 */
export const suspendTimers = async (job: Job, objects: readonly PlainObject[], limits: WaitLimits): Promise<ReadonlyMap<string, string>> => {
  const versions = new Map<string, string>()
  for (const object of objects.filter(isTimer)) {
    const live = watched(job, object)
    if (live === undefined || live.suspended) continue
    const { resourceVersion } = (await applyObject(job, limits, withSuspend(object, true), live.meta.resourceVersion)).metadata
    if (resourceVersion !== undefined) versions.set(objectKey(object), resourceVersion)
  }
  return versions
}

/** Lets the timers of a proven release run. One that the cluster refuses to change stays suspended, which is a warning. */
export const resumeTimers = async (job: Job, objects: readonly PlainObject[], limits: WaitLimits): Promise<readonly Warning[]> => {
  const warnings: Warning[] = []
  for (const object of objects.filter(isTimer)) {
    try {
      await applyObject(job, limits, withSuspend(object, false), watched(job, object)?.meta.resourceVersion)
    } catch (error) {
      warnings.push({ kind: 'timer_suspended', timer: timerOf(object), why: undoneBecause(error) })
    }
  }
  return warnings
}

/** What people call it, by its label. */
const timerOf = (object: PlainObject): string => object.metadata.labels?.['name'] ?? object.metadata.name

/** What is left of the timers where no release was proven: nobody knows what they would run. */
export const suspendedWarnings = (objects: readonly PlainObject[], why: string): readonly Warning[] =>
  objects.filter(isTimer).map((object): Warning => ({ kind: 'timer_suspended', timer: timerOf(object), why }))
