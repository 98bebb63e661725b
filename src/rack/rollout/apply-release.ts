import { saveInventory } from '../../db/promotions.ts'
import type { Json } from '../../db/schema.ts'
import type { NamespaceFacts } from '../cluster/cache.ts'
import type { PlainObject } from '../cluster/objects.ts'
import { toJson } from '../json.ts'
import type { ServiceProgress } from '../progress.ts'
import { objectKey } from '../render/inventory.ts'
import { factsNow } from './await-verdict.ts'
import type { DirectionState, Job, JobChange } from './job.ts'
import { judge, type Verdict } from './judge.ts'
import { inventoryEntry, lackedBy, serviceOf } from './plan.ts'
import { provenTemplates, templateIn, withoutLeftovers } from './leftovers.ts'
import { removeObjects } from './prune.ts'
import { copyPullSecret } from './pull-secret.ts'
import { baselineOf, expectService, workloads, type ExpectedService } from './rollout-facts.ts'
import { templateKey } from './template.ts'
import { suspendTimers, timersSuspended } from './timers.ts'
import { establish, type Sight, type WaitLimits } from './write.ts'

const beginning = (now: Date, { pods, deployments, daemonSets, cronJobs }: NamespaceFacts): DirectionState => ({
  firstWriteAt: now.toISOString(), blindMs: 0, baseline: baselineOf(pods), before: Object.fromEntries([...deployments, ...daemonSets, ...cronJobs].map(({ meta, templateKey }) => [meta.uid, templateKey])),
})

const isWorkload = ({ kind }: PlainObject): boolean => workloads.some((workload) => workload === kind)

/** What `holdStill` did: resourceVersions of the timers that it suspended, and what it removed; both by `kind/name`. */
interface HeldStill {
  readonly versions: ReadonlyMap<string, string>
  readonly removed: readonly string[]
}

/** What would start or scale processes by itself meanwhile: timers are suspended, an autoscaler that this release lacks is removed. */
const holdStill = async (job: Job, objects: readonly PlainObject[], before: readonly PlainObject[], limits: WaitLimits): Promise<HeldStill> => {
  const versions = await suspendTimers(job, before, limits)
  const removed: string[] = []
  for (const autoscaler of lackedBy(objects, before).filter(({ kind }) => kind === 'HorizontalPodAutoscaler')) {
    const warnings = await removeObjects(job, [autoscaler], limits)
    if (warnings.length === 0) removed.push(objectKey(autoscaler))
    for (const warning of warnings) job.rack.log.warn({ promotion: job.promotion().id, warning }, 'an autoscaler that this release lacks was not removed')
  }
  return { versions, removed }
}

/** The template of the way back is the one that was proven: then its processes have nothing to prove again. */
const isProven = (answer: PlainObject, proven: Json | undefined): boolean => proven !== undefined && templateKey(templateIn(answer)) === templateKey(proven)

/** A service failed before all of them were changed; the others are left as they are. */
export class FailedEarlyError extends Error {
  readonly verdict: Extract<Verdict, { readonly kind: 'failed' }>
  constructor(verdict: Extract<Verdict, { readonly kind: 'failed' }>) {
    super(verdict.causes[0].kind)
    this.name = 'FailedEarlyError'
    this.verdict = verdict
  }
}

/** Throws `FailedEarlyError` when what was changed so far has failed. As everywhere, nothing is judged on what may be old. */
const judgeSoFar = (job: Job, state: DirectionState): void => {
  if (state.expected === undefined || state.expected.length === 0 || !job.rack.cluster.confirmed()) return
  const verdict = judge(factsNow(job, 'out', state, state.blindMs), job.rack.clock())
  if (verdict.kind === 'failed') throw new FailedEarlyError(verdict)
}

const notChanged = (service: string): ServiceProgress => ({ service, state: 'waiting', ready: 0, desired: 0, oldRunning: 0, oldStopping: 0 })

/**
 * Applies the objects in order and keeps what the cluster answered: the judge looks for the template in the *response* (webhooks and defaults change it).
 * `before` is what the release that ran until now had: its timers are suspended, its autoscalers that this one lacks go first.
 * `seen` tells the resourceVersion of what exists already, null of what does not exist, undefined where nobody looked.
 * `made` holds what the release command was given a moment ago, the pull secret besides: that is not sent again; null when it was given nothing in this life.
 * The inventory and the first write's time are written before the first write, with what is said and set besides. Idempotent: a restart applies again.
 * On the way out the first service that fails, while the cluster lets the next ones wait, ends it with `FailedEarlyError`.
 */
export const applyRelease = async (
  job: Job, direction: 'out' | 'back', objects: readonly PlainObject[], before: readonly PlainObject[], seen: Sight, limits: (firstWriteAt: Date) => WaitLimits,
  { evidenceAt, made = null, ...first }: Pick<JobChange, 'say' | 'set'> & Pick<DirectionState, 'evidenceAt'> & { readonly made?: ReadonlySet<string> | null } = {},
): Promise<void> => {
  const { rack } = job
  const earlier = job.state()[direction]
  const state = earlier ?? { ...beginning(rack.clock(), rack.cluster.facts(job.namespace)), ...(evidenceAt === undefined ? {} : { evidenceAt }) }
  const total = objects.length
  job.show({ phase: direction === 'out' ? 'applying' : 'restoring', applied: { done: 0, total } })
  const proven = direction === 'back' ? provenTemplates(job) : Promise.resolve<Readonly<Record<string, Json>>>({})
  proven.catch(() => undefined)
  await job.commit({
    ...first, step: direction === 'out' ? 'apply' : 'restore', state: { ...job.state(), [direction]: state },
    more: async (tx) => {
      if (direction === 'out') await saveInventory(tx, job.promotion().id, toJson(objects.map(inventoryEntry)))
    },
  })
  const limit = limits(new Date(state.firstWriteAt))
  if (made === null) await copyPullSecret(job, limit)
  const held = await holdStill(job, objects, before, limit)
  const expected: ExpectedService[] = []
  const templates: Record<string, Json> = {}
  const writingAt = state.writingAt ?? rack.clock().toISOString()
  const soFar = (): DirectionState => ({ ...state, writingAt, expected, templates, ...(held.removed.length === 0 ? {} : { removed: held.removed }) })
  const eachLimit: WaitLimits = direction === 'out' ? { ...limit, check: () => judgeSoFar(job, soFar()) } : limit
  for (const [index, object] of timersSuspended(objects).entries()) {
    const key = objectKey(object)
    const applied = made?.has(key) === true ? null : await establish(job, eachLimit, object, held.versions.get(key) ?? seen(object)).catch(async (error: unknown) => {
      if (error instanceof FailedEarlyError) {
        const others = objects.slice(index).filter(isWorkload).map((one) => notChanged(serviceOf(one)))
        job.show({ services: [...error.verdict.services, ...others] })
        await job.commit({ state: { ...job.state(), out: soFar() } })
      }
      throw error
    })
    if (applied !== null && isWorkload(object)) {
      const known = (await proven)[object.metadata.name]
      const answer = await withoutLeftovers(job, limit, applied, known)
      if (object.kind !== 'CronJob') templates[object.metadata.name] = toJson(templateIn(answer))
      const service = expectService(serviceOf(object), answer)
      if (service === undefined) throw new Error(`the cluster answered the apply of ${key} with something else`)
      expected.push({ ...service, ...(state.before?.[service.uid] === service.templateKey ? { unchanged: true } : {}), ...(isProven(answer, known) ? { proven: true } : {}) })
    }
    job.show({ applied: { done: index + 1, total } })
  }
  await job.commit({ step: direction === 'out' ? 'services' : 'services_back', state: { ...job.state(), [direction]: soFar() }, ...(direction === 'out' ? { say: ['Updating'] as const } : {}) })
}
