import { saveInventory } from '../../db/promotions.ts'
import type { Json } from '../../db/schema.ts'
import type { NamespaceFacts } from '../cluster/cache.ts'
import { fieldManager, type PlainObject } from '../cluster/objects.ts'
import { toJson } from '../json.ts'
import type { ServiceProgress } from '../progress.ts'
import { objectKey } from '../render/inventory.ts'
import { askedFor } from './asked-for.ts'
import { blindOf, factsNow } from './await-verdict.ts'
import { maskFor, maskServices } from './evidence.ts'
import type { DirectionState, Job, JobChange, RolloutState } from './job.ts'
import { judge, type Verdict } from './judge.ts'
import { inventoryEntry, lackedBy, serviceOf } from './plan.ts'
import { provenTemplates, templateIn, withoutLeftovers } from './leftovers.ts'
import { removeObjects } from './prune.ts'
import { copyPullSecret } from './pull-secret.ts'
import { droppedAutoscalers, leavingTheirs } from './replicas.ts'
import { baselineOf, expectService, workloadIn, workloads, type ExpectedService, type RolloutFacts } from './rollout-facts.ts'
import { changedBy, changedSince, workloadNamed } from './supersession.ts'
import { templateKey } from './template.ts'
import { suspendTimers, timersSuspended } from './timers.ts'
import { establish, type Sight, type WaitLimits } from './write.ts'

const beginning = (now: Date, { pods, deployments, daemonSets, cronJobs }: NamespaceFacts): DirectionState => ({
  firstWriteAt: now.toISOString(), blindMs: 0, baseline: baselineOf(pods), before: Object.fromEntries([...deployments, ...daemonSets, ...cronJobs].map(({ meta, templateKey }) => [meta.uid, templateKey])),
  replicas: Object.fromEntries(deployments.map(({ meta, replicas }) => [meta.uid, replicas])),
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

type Ended = Extract<Verdict, { readonly kind: 'failed' | 'superseded' }>

interface Look { readonly facts: RolloutFacts; readonly now: Date }

/** A service failed, or somebody else changed one, before all of them were written; the others are left as they are. */
export class EndedEarlyError extends Error {
  readonly verdict: Ended
  /** What the judge saw, where it was the judge that said so. */
  readonly look: Look | undefined
  constructor(verdict: Ended, look?: Look) {
    super(verdict.kind === 'failed' ? verdict.causes[0].kind : verdict.cause.kind)
    this.name = 'EndedEarlyError'
    this.verdict = verdict
    this.look = look
  }
}

/**
 * Throws what ends the way out before everything is written; as everywhere, nothing is judged on what may be old. That a workload is not there may mean that the
 * watch has not shown yet what was made a moment ago: that is judged once all are written.
 */
const judgeSoFar = (job: Job, state: DirectionState): void => {
  if (state.expected === undefined || state.expected.length === 0 || !job.rack.cluster.confirmed()) return
  const look: Look = { facts: factsNow(job, 'out', state, blindOf(job, state).blindMs), now: job.rack.clock() }
  const verdict = judge(look.facts, look.now)
  if (verdict.kind === 'failed' || (verdict.kind === 'superseded' && verdict.cause.kind !== 'deleted_by')) throw new EndedEarlyError(verdict, look)
}

/** Somebody else gave this workload another template after the rehearsal, which nobody has approved to write over. */
const takenOver = (job: Job, stood: RolloutState['stood'], object: PlainObject, live: ReturnType<typeof workloadNamed>): Ended | undefined => {
  const before = stood?.[objectKey(object)]
  const found = before === undefined || live === undefined ? undefined : changedSince(before, live, fieldManager)
  return found && { kind: 'superseded', cause: changedBy(serviceOf(object), found.manager, job.rack.clock()), services: [], nextLookAt: null }
}

/** What was blind is written down when sight is back: who goes on after us could not know. */
const keepBlind = async (job: Job, direction: 'out' | 'back', state: DirectionState): Promise<void> => {
  const blind = blindOf(job, state)
  const kept = job.state()[direction]?.blindMs ?? 0
  if (blind.blindMs > kept && job.rack.cluster.blindSince() === null) await job.commit({ state: { ...job.state(), [direction]: { ...state, ...blind } } })
}

const unwritten = (objects: readonly PlainObject[], expected: readonly ExpectedService[] = []): readonly PlainObject[] =>
  objects.filter((object) => isWorkload(object) && !expected.some(({ workload, deployment }) => workload === object.kind && deployment === object.metadata.name))

/** A service that was not written; its workload says of which release it is, where there is one. */
const notChanged = (job: Job, object: PlainObject): ServiceProgress => {
  const release = workloadNamed(job.rack.cluster.facts(job.namespace), object)?.meta.labels['release']
  return { service: serviceOf(object), state: 'waiting', ready: 0, desired: 0, oldRunning: 0, oldStopping: 0, ...(release === undefined ? {} : { release }) }
}

/** How the services stand when it ends early: those that were written as they are judged, the others as not changed. */
const standNow = (job: Job, objects: readonly PlainObject[], state: DirectionState, { services }: Ended): readonly ServiceProgress[] => {
  const judged = services.length > 0 || state.expected?.length === 0 ? null : judge(factsNow(job, 'out', state, blindOf(job, state).blindMs), job.rack.clock())
  const written = judged === null || judged.kind === 'undecided' ? services : judged.services
  return [...written, ...unwritten(objects, state.expected).map((object) => notChanged(job, object))]
}

/**
 * Applies the objects in order and keeps what the cluster answered: the judge looks for the template in the *response* (webhooks and defaults change it).
 * `before` is what the release that ran until now had: its timers are suspended, its autoscalers that this one lacks go first.
 * `seen` tells the resourceVersion of what exists already, null of what does not exist, undefined where nobody looked.
 * `made` holds what the release command was given a moment ago, the pull secret besides: that is not sent again; null when it was given nothing in this life.
 * `pullSecret` is its copy as it was rehearsed; null when it has to be read.
 * The inventory and the first write's time are written before the first write, with what is said and set besides. Idempotent: a restart applies again.
 * On the way out the first service that fails, while the cluster lets the next ones wait, ends it with `EndedEarlyError`, and so does a template that
 * somebody else wrote since the rehearsal, when they stood as `stood` says. Who has come to own a number of processes since the objects were made keeps it.
 */
export const applyRelease = async (
  job: Job, direction: 'out' | 'back', objects: readonly PlainObject[], before: readonly PlainObject[], seen: Sight, limits: (state: DirectionState) => WaitLimits,
  { evidenceAt, made = null, pullSecret = null, stood, ...first }: Pick<JobChange, 'say' | 'set'> & Pick<DirectionState, 'evidenceAt'> & Pick<RolloutState, 'stood'>
    & { readonly made?: ReadonlySet<string> | null; readonly pullSecret?: readonly PlainObject[] | null } = {},
): Promise<void> => {
  const { rack } = job
  const earlier = job.state()[direction]
  const state = earlier ?? { ...beginning(rack.clock(), rack.cluster.facts(job.namespace)), ...(evidenceAt === undefined ? {} : { evidenceAt }) }
  const total = objects.length
  job.show({ phase: direction === 'out' ? 'applying' : 'restoring', applied: { done: 0, total } })
  const proven = direction === 'back' ? provenTemplates(job) : Promise.resolve<Readonly<Record<string, Json>>>({})
  proven.catch(() => undefined)
  await job.commit({
    ...first, step: direction === 'out' ? 'apply' : 'restore', state: { ...job.state(), [direction]: state, ...(stood === undefined ? {} : { stood }) },
    more: async (tx) => {
      if (direction === 'out') await saveInventory(tx, job.promotion().id, toJson(objects.map(inventoryEntry)))
    },
  })
  const limit = limits(state)
  const expected: ExpectedService[] = []
  const templates: Record<string, Json> = {}
  const writingAt = state.writingAt ?? rack.clock().toISOString()
  let removed: readonly string[] = []
  const soFar = (): DirectionState => ({ ...state, ...blindOf(job, state), writingAt, expected, templates, ...(removed.length === 0 ? {} : { removed }) })
  const stop = (ended: Ended | undefined): void => {
    if (ended !== undefined) throw new EndedEarlyError(ended)
  }
  /** Of what is still to be written; what was is judged. */
  const check = (): void => {
    const facts = rack.cluster.facts(job.namespace)
    for (const object of rack.cluster.blindSince() === null ? unwritten(objects, expected) : []) stop(takenOver(job, stood, object, workloadNamed(facts, object)))
    judgeSoFar(job, soFar())
  }
  const eachLimit: WaitLimits = direction === 'out' ? { ...limit, check } : limit
  try {
    if (direction === 'out') check()
    if (made === null) await copyPullSecret(job, limit, pullSecret)
    const held = await holdStill(job, objects, before, limit)
    removed = held.removed
    const dropped = droppedAutoscalers(before, objects)
    for (const [index, object] of timersSuspended(objects).entries()) {
      const key = objectKey(object)
      let sent = leavingTheirs(object, rack.cluster.blindSince() === null ? workloadNamed(rack.cluster.facts(job.namespace), object) : undefined, dropped)
      const over = (there: PlainObject | undefined): PlainObject => {
        const live = there === undefined ? undefined : workloadIn(there)
        stop(takenOver(job, stood, object, live))
        sent = leavingTheirs(object, live, dropped)
        return sent
      }
      const applied = made?.has(key) === true ? null : await establish(job, eachLimit, sent, held.versions.get(key) ?? seen(object), over)
      if (applied !== null && isWorkload(object)) {
        const known = (await proven)[object.metadata.name]
        const answer = await withoutLeftovers(job, limit, applied, known)
        if (object.kind !== 'CronJob') templates[object.metadata.name] = toJson(templateIn(answer))
        const service = expectService(serviceOf(object), answer)
        if (service === undefined) throw new Error(`the cluster answered the apply of ${key} with something else`)
        const replicas = askedFor(sent, service, job.state().out?.replicas)
        const unchanged = state.before?.[service.uid] === service.templateKey
        expected.push({ ...service, ...(replicas === undefined ? {} : { replicas }), ...(unchanged ? { unchanged } : {}), ...(isProven(answer, known) ? { proven: true } : {}) })
      }
      job.show({ applied: { done: index + 1, total } })
      await keepBlind(job, direction, state)
    }
  } catch (error) {
    if (error instanceof EndedEarlyError) {
      const mask = await maskFor(job)
      // The deciding look alone is kept: before it, what was written so far looks like a whole release that is complete.
      if (error.look !== undefined) job.recorder.saw({ ...error.look, verdict: error.verdict }, mask)
      job.show({ services: maskServices(standNow(job, objects, soFar(), error.verdict), mask) })
      await job.commit({ state: { ...job.state(), out: soFar() } })
    }
    throw error
  }
  await job.commit({ step: direction === 'out' ? 'services' : 'services_back', state: { ...job.state(), [direction]: soFar() }, ...(direction === 'out' ? { say: ['Updating'] as const } : {}) })
}
