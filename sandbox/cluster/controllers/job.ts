import { Failure } from '../failure.ts'
import { listAt, mapAt, mapsAt, numberAt, same, textAt, type JsonMap } from '../json.ts'
import { controllerOf, deletedAt, finalizersOf, generationOf, namespaceOf, timestamp, type KubeObject } from '../object.ts'
import { resourceNamed } from '../resources.ts'
import { conditionOf, counters } from './conditions.ts'
import { keyOf, manager, ownedBy, splitKey, type Controller, type ControllerContext } from './context.ts'
import {
  backOffAfter, backOffLeft, hasFailed, holdingUp, isFinishedJob, isSuspended, isTracked, jobCondition, restartedTooOften, trackingFinalizer, withJobCondition,
  type BackOff,
} from './job-facts.ts'
import { deletionOrder, isEnding, isLive, isReady, phaseOf } from './pod-order.ts'
import { namespaceGone, podFrom } from './replicaset.ts'

// A port of k8s.io/kubernetes v1.36.1 pkg/controller/job, without indexes, pod failure policy and success policy.

const jobs = resourceNamed('jobs.batch')
const pods = resourceNamed('pods')
/** Changes are looked at together, once a second (SyncJobBatchPeriod), in ms. */
const batchPeriod = 1_000
/** Pods that cannot be created are tried again after a second, at last once a minute. */
const retries = { first: 1_000, longest: 60_000 }

/** The status as one look carries it. `uncounted`: uids of pods whose end is written down, but not in the counters yet. */
interface Tally {
  active: number
  ready: number
  terminating: number
  succeeded: number
  failed: number
  uncounted: { succeeded: string[]; failed: string[] }
  conditions: JsonMap[]
  startTime: string
  completionTime: string
}

const tallyOf = (job: KubeObject): Tally => {
  const number = (field: string): number => numberAt(job, 'status', field) ?? 0
  const uids = (field: string): string[] => listAt(job, 'status', 'uncountedTerminatedPods', field).filter((uid) => typeof uid === 'string')
  return {
    active: number('active'),
    ready: number('ready'),
    terminating: number('terminating'),
    succeeded: number('succeeded'),
    failed: number('failed'),
    uncounted: { succeeded: uids('succeeded'), failed: uids('failed') },
    conditions: mapsAt(job, 'status', 'conditions'),
    startTime: textAt(job, 'status', 'startTime'),
    completionTime: textAt(job, 'status', 'completionTime'),
  }
}

const statusOf = (tally: Tally): JsonMap => {
  const { active, ready, terminating, succeeded, failed, uncounted, conditions, startTime, completionTime } = tally
  return {
    ...(conditions.length > 0 && { conditions }),
    ...(startTime !== '' && { startTime }),
    ...(completionTime !== '' && { completionTime }),
    ...counters({ active, succeeded, failed, ready, terminating }, ['ready', 'terminating']),
    uncountedTerminatedPods: { ...(uncounted.succeeded.length > 0 && { succeeded: uncounted.succeeded }), ...(uncounted.failed.length > 0 && { failed: uncounted.failed }) },
  }
}

/** Moves what has lost its finalizer from the lists into the counters. */
const countUntracked = (tally: Tally, tracked: ReadonlySet<string>): void => {
  for (const field of ['succeeded', 'failed'] as const) {
    const left = tally.uncounted[field].filter((uid) => tracked.has(uid))
    tally[field] += tally.uncounted[field].length - left.length
    tally.uncounted[field] = left
  }
}

export const createJobController = (context: ControllerContext): Controller => {
  const { api, store, queue, now } = context
  const recorder = context.recorder('job-controller')
  const backOffs = new Map<string, BackOff>()

  const write = (job: KubeObject, tally: Tally): KubeObject => {
    const status = statusOf(tally)
    return same(mapAt(job, 'status'), status) ? job : api.update(jobs, namespaceOf(job), job.metadata.name, { ...job, status }, { manager, subresource: 'status' })
  }

  const untrack = (pod: KubeObject): void => {
    const live = store.get(pods.key, namespaceOf(pod), pod.metadata.name)
    if (live?.metadata.uid !== pod.metadata.uid || !isTracked(live)) return
    const finalizers = finalizersOf(live).filter((name) => name !== trackingFinalizer)
    api.update(pods, namespaceOf(live), live.metadata.name, { ...live, metadata: { ...live.metadata, finalizers: finalizers.length > 0 ? finalizers : undefined } }, { manager })
  }

  const removePods = (job: KubeObject, chosen: readonly KubeObject[], tally: Tally): void => {
    for (const pod of chosen) {
      api.remove(pods, namespaceOf(pod), pod.metadata.name, {})
      recorder.event(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)
    }
    tally.active -= chosen.length
    tally.terminating += chosen.length
    tally.ready -= chosen.filter(isReady).length
  }

  const createPods = (job: KubeObject, wanted: number, tally: Tally): Failure | undefined => {
    const body = podFrom(job)
    const metadata = mapAt(body, 'metadata')
    const tracked = { ...body, metadata: { ...metadata, finalizers: [...listAt(metadata, 'finalizers'), trackingFinalizer] } }
    for (let made = 0; made < wanted; made += 1) {
      try {
        const pod = api.create(pods, namespaceOf(job), tracked, { manager })
        tally.active += 1
        recorder.event(job, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`)
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        if (namespaceGone(error)) return undefined
        recorder.event(job, 'Warning', 'FailedCreate', `Error creating: ${error.message}`)
        return error
      }
    }
    return undefined
  }

  /** Makes and deletes pods; says why it could not. */
  const manage = (job: KubeObject, key: string, owned: readonly KubeObject[], succeeded: number, backOff: BackOff, tally: Tally): Failure | undefined => {
    const active = owned.filter(isLive)
    const order = [...active].sort(deletionOrder(now(), () => 0))
    if (isSuspended(job)) {
      for (const pod of order) untrack(pod)
      removePods(job, order, tally)
      return undefined
    }
    const parallelism = numberAt(job, 'spec', 'parallelism') ?? 1
    const completions = numberAt(job, 'spec', 'completions')
    const wanted = completions === undefined ? (succeeded > 0 ? active.length : parallelism) : Math.max(Math.min(completions - succeeded, parallelism), 0)
    if (active.length > wanted) {
      const surplus = order.slice(0, active.length - wanted)
      for (const pod of surplus) untrack(pod)
      removePods(job, surplus, tally)
      return undefined
    }
    const missing = wanted - active.length - holdingUp(job, owned)
    if (missing <= 0) return undefined
    const wait = backOffLeft(backOff, now())
    if (wait > 0) {
      // The original says so too, whatever still runs.
      tally.active = 0
      worker.addAfter(key, Math.max(wait, batchPeriod))
      return undefined
    }
    return createPods(job, missing, tally)
  }

  /** What ends the Job, judged before any pod is made: an end that was announced, too many failures, the deadline. */
  const endOf = (job: KubeObject, key: string, owned: readonly KubeObject[], failed: number, tally: Tally): JsonMap | undefined => {
    const met = conditionOf({ conditions: tally.conditions }, 'SuccessCriteriaMet')
    if (met?.['status'] === 'True') return met
    const target = conditionOf({ conditions: tally.conditions }, 'FailureTarget')
    if (target?.['status'] === 'True') return target
    const failure = (reason: string, message: string): JsonMap => jobCondition('FailureTarget', 'True', reason, message, now())
    if (failed > (numberAt(job, 'spec', 'backoffLimit') ?? 6) || restartedTooOften(job, owned)) return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
    const deadline = numberAt(job, 'spec', 'activeDeadlineSeconds')
    if (deadline === undefined || isSuspended(job) || tally.startTime === '') return undefined
    const left = Date.parse(tally.startTime) + deadline * 1000 - now()
    if (left <= 0) return failure('DeadlineExceeded', 'Job was active longer than specified deadline')
    worker.addAfter(key, left)
    return undefined
  }

  const suspension = (job: KubeObject, tally: Tally): void => {
    const suspended = isSuspended(job)
    const [reason, message] = suspended ? ['JobSuspended', 'Job suspended'] : ['JobResumed', 'Job resumed']
    const next = withJobCondition(tally.conditions, jobCondition('Suspended', suspended ? 'True' : 'False', reason, message, now()))
    if (next === tally.conditions) return
    tally.conditions = next
    recorder.event(job, 'Normal', suspended ? 'Suspended' : 'Resumed', message)
    if (!suspended) tally.startTime = timestamp(now())
  }

  /** Writes ends down, lets the pods go, counts them, and closes the Job once nothing is left to count or to end. */
  const track = (before: KubeObject, owned: readonly KubeObject[], end: JsonMap | undefined, backOff: BackOff, tally: Tally): void => {
    const tracked = new Set(owned.filter(isTracked).map((pod) => pod.metadata.uid))
    countUntracked(tally, tracked)
    const failing = end !== undefined && end['type'] !== 'SuccessCriteriaMet'
    const done: KubeObject[] = []
    for (const pod of owned.filter(isTracked)) {
      const failed = hasFailed(before, pod)
      if (deletedAt(before) === '' && end === undefined && phaseOf(pod) !== 'Succeeded' && !failed) continue
      done.push(pod)
      const { uid } = pod.metadata
      if (phaseOf(pod) === 'Succeeded' && !tally.uncounted.failed.includes(uid)) {
        if (!tally.uncounted.succeeded.includes(uid)) tally.uncounted.succeeded.push(uid)
      } else if ((failed || failing) && !tally.uncounted.failed.includes(uid)) tally.uncounted.failed.push(uid)
    }
    if (end) tally.conditions = withJobCondition(tally.conditions, end)
    let job = write(before, tally)
    backOffs.set(keyOf(job), backOff)
    for (const pod of done) untrack(pod)
    countUntracked(tally, new Set([...tracked].filter((uid) => !done.some((pod) => pod.metadata.uid === uid))))
    const open = tally.uncounted.succeeded.length + tally.uncounted.failed.length + tally.terminating > 0
    if (end && !open) {
      const type = failing ? 'Failed' : 'Complete'
      tally.conditions = withJobCondition(tally.conditions, jobCondition(type, 'True', textAt(end, 'reason'), textAt(end, 'message'), now()))
      if (!failing) tally.completionTime = timestamp(now())
    }
    job = write(job, tally)
    if (!end || open) return
    if (failing) recorder.event(job, 'Warning', textAt(end, 'reason'), textAt(end, 'message'))
    else recorder.event(job, 'Normal', 'Completed', 'Job completed')
  }

  const expire = (job: KubeObject, key: string): void => {
    const life = numberAt(job, 'spec', 'ttlSecondsAfterFinished')
    if (life === undefined || deletedAt(job) !== '') return
    const ended = Math.max(...mapsAt(job, 'status', 'conditions').map((item) => Date.parse(textAt(item, 'lastTransitionTime'))))
    if (now() >= ended + life * 1000) api.remove(jobs, namespaceOf(job), job.metadata.name, { propagation: 'Foreground' })
    else worker.addAfter(key, ended + life * 1000 - now())
  }

  const worker = queue.controller('job', (key) => {
    const job = store.get(jobs.key, ...splitKey(key))
    if (!job || isFinishedJob(job)) {
      backOffs.delete(key)
      if (job) expire(job, key)
      return
    }
    const tally = tallyOf(job)
    const owned = ownedBy(store, 'pods', job)
    const active = owned.filter(isLive)
    const fresh = (field: 'succeeded' | 'failed', ended: (pod: KubeObject) => boolean): KubeObject[] =>
      owned.filter((pod) => isTracked(pod) && !tally.uncounted[field].includes(pod.metadata.uid) && ended(pod))
    const newSucceeded = fresh('succeeded', (pod) => phaseOf(pod) === 'Succeeded')
    const newFailed = fresh('failed', (pod) => hasFailed(job, pod))
    const succeeded = tally.succeeded + newSucceeded.length + tally.uncounted.succeeded.length
    const failed = tally.failed + newFailed.length + tally.uncounted.failed.length
    Object.assign(tally, { active: active.length, ready: active.filter(isReady).length, terminating: owned.filter(isEnding).length })
    if (tally.startTime === '' && !isSuspended(job)) tally.startTime = timestamp(now())
    const backOff = backOffAfter(backOffs.get(key) ?? { failures: 0, last: 0 }, newSucceeded, newFailed)
    let end = endOf(job, key, owned, failed, tally)
    let failure: Failure | undefined
    if (end) removePods(job, active, tally)
    else if (deletedAt(job) === '') {
      failure = manage(job, key, owned, succeeded, backOff, tally)
      const completions = numberAt(job, 'spec', 'completions')
      const complete = (completions === undefined ? succeeded > 0 : succeeded >= completions) && tally.active === 0
      if (complete) end = jobCondition('SuccessCriteriaMet', 'True', 'CompletionsReached', 'Reached expected number of succeeded pods', now())
      else suspension(job, tally)
    }
    track(job, owned, end, backOff, tally)
    if (failure) throw failure
  }, retries)

  const orphans = queue.controller('job-orphans', (key) => {
    const pod = store.get(pods.key, ...splitKey(key))
    if (!pod || !isTracked(pod)) return
    const owner = controllerOf(pod)
    if (owner && owner.kind !== 'Job') return
    const job = owner && store.get(jobs.key, namespaceOf(pod), owner.name)
    if (job?.metadata.uid !== owner?.uid || !job || isFinishedJob(job)) untrack(pod)
  })
  const orphansOf = (job: KubeObject): void => {
    for (const pod of ownedBy(store, 'pods', job)) if (isTracked(pod)) orphans.add(keyOf(pod))
  }

  return {
    changed: ({ resource, type, object, previous }) => {
      if (resource === jobs.key) {
        if (type === 'DELETED' || isFinishedJob(object)) orphansOf(object)
        const immediately = type !== 'MODIFIED' || isFinishedJob(object) || generationOf(object) !== (previous && generationOf(previous))
        if (immediately) worker.add(keyOf(object))
        else worker.addAfter(keyOf(object), batchPeriod)
      }
      if (resource !== 'pods') return
      const owner = controllerOf(object)
      const job = owner?.kind === 'Job' ? store.get(jobs.key, namespaceOf(object), owner.name) : undefined
      if (job && job.metadata.uid === owner?.uid && !isFinishedJob(job)) worker.addAfter(keyOf(job), batchPeriod)
      else if (isTracked(object) && type !== 'DELETED' && (!owner || owner.kind === 'Job')) orphans.add(keyOf(object))
    },
  }
}
