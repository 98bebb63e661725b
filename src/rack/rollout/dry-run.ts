import { ClusterRefusal } from '../cluster/cluster-error.ts'
import { describeName, fieldManager, nameOf, type PlainObject } from '../cluster/objects.ts'
import type { Warning } from '../progress.ts'
import { keepsData, objectKey } from '../render/inventory.ts'
import type { Job } from './job.ts'
import { serviceOf } from './plan.ts'
import { stoodAs, workloadNamed, type Stood } from './supersession.ts'
import { persevere, type WaitLimits } from './write.ts'

/** What the cluster says of everything before anything moves. */
export interface Rehearsal {
  readonly warnings: readonly Warning[]
  /** resourceVersions of the objects that exist, by `kind/name`. */
  readonly versions: ReadonlyMap<string, string>
  /** How the workloads that exist stood when it looked at them, by `kind/name`. */
  readonly stood: Readonly<Record<string, Stood>>
}

/** `conflict with "kubectl-edit" using apps/v1` -> kubectl-edit. */
const managerOf = (message: string): string => /conflicts? with "([^"]+)"/.exec(message)?.[1] ?? 'somebody else'

/** `.spec.template.spec.containers[name="main"].image` -> image. */
const fieldOf = (path: string): string => path.split('.').at(-1)?.replace(/\[.*$/, '') ?? path

const isDryRunUnsupported = (error: unknown): error is ClusterRefusal => error instanceof ClusterRefusal && error.status === 400 && /dry run/i.test(error.message)
const isOwnedByOthers = (error: unknown): error is ClusterRefusal => error instanceof ClusterRefusal && error.status === 409 && error.causes.length > 0

/**
 * Server-side dry run of every object: a refusal ends the promotion before anything moves. Fields of other managers are named, then taken;
 * a webhook without dry run is a warning. Throws `ClusterRefusal` with the object named in front.
 */
export const rehearse = async (job: Job, objects: readonly PlainObject[], limits: WaitLimits): Promise<Rehearsal> => {
  const warnings: Warning[] = []
  const versions = new Map<string, string>()
  const stood: Record<string, Stood> = {}
  const keep = (object: PlainObject, answer: PlainObject): void => {
    const version = answer.metadata.resourceVersion
    if (version !== undefined && version !== '') versions.set(objectKey(object), version)
  }
  const tried = (object: PlainObject, force: boolean) => persevere(job, limits, (timeout) => job.rack.objects.apply(object, { force, dryRun: true, timeout }))
  for (const object of objects) {
    // Before it is asked: what changes from here on has to show as a later version, or in the answer.
    const live = workloadNamed(job.rack.cluster.facts(job.namespace), object)
    if (live !== undefined) stood[objectKey(object)] = stoodAs(live, fieldManager)
    try {
      keep(object, await tried(object, false))
    } catch (error) {
      // A claim that is there stays as it is, see `establish`.
      const there = error instanceof ClusterRefusal && keepsData(object) ? await persevere(job, limits, (timeout) => job.rack.objects.read(nameOf(object), timeout)) : undefined
      if (there !== undefined) {
        keep(object, there)
        continue
      }
      if (isDryRunUnsupported(error)) {
        warnings.push({ kind: 'dry_run_unsupported', object: describeName(nameOf(object)), why: error.message })
        continue
      }
      if (!isOwnedByOthers(error)) throw error
      for (const cause of error.causes) warnings.push({ kind: 'takes_over', field: fieldOf(cause.field), service: serviceOf(object), manager: managerOf(cause.message) })
      keep(object, await tried(object, true))
    }
  }
  return { warnings, versions, stood }
}
