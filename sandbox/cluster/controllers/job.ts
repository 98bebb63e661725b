import { Failure } from '../failure.ts'
import { at, mapAt, mapsAt, numberAt, same, textAt, type JsonMap } from '../json.ts'
import { controllerOf, deletedAt, namespaceOf, timestamp, type KubeObject } from '../object.ts'
import { resourceNamed } from '../resources.ts'
import { conditionOf, counters } from './conditions.ts'
import { keyOf, manager, ownedBy, splitKey, type Controller, type ControllerContext } from './context.ts'
import { isEnding, isLive, isReady, phaseOf } from './pod-order.ts'
import { podFrom } from './replicaset.ts'

const jobs = resourceNamed('jobs.batch')
const pods = resourceNamed('pods')
/** A failed pod is replaced after 10 s, then 20, 40 … at most 10 minutes (pkg/controller/job, DefaultJobPodFailureBackOff). */
const firstBackOff = 10_000
const longestBackOff = 600_000

const finished = (job: KubeObject): boolean => ['Complete', 'Failed'].some((type) => conditionOf(mapAt(job, 'status'), type)?.['status'] === 'True')

const lastFailure = (pods: KubeObject[]): number =>
  Math.max(0, ...pods.flatMap((pod) => mapsAt(pod, 'status', 'containerStatuses').map((status) => Date.parse(textAt(status, 'state', 'terminated', 'finishedAt')) || 0)))

/** Runs a Job's pods until enough have succeeded or too many failed. No indexes, no pod failure policy. */
export const createJobController = (context: ControllerContext): Controller => {
  const { api, store, queue, now } = context
  const recorder = context.recorder('job-controller')

  const condition = (type: string, reason: string, message: string): JsonMap => ({ type, status: 'True', lastProbeTime: timestamp(now()), lastTransitionTime: timestamp(now()), reason, message })

  const verdict = (job: KubeObject, succeeded: number, failed: number): { done: 'Complete' | 'Failed'; early: string; reason: string; message: string } | undefined => {
    const deadline = numberAt(job, 'spec', 'activeDeadlineSeconds')
    const started = Date.parse(textAt(job, 'status', 'startTime'))
    if (deadline !== undefined && now() - started >= deadline * 1000) return { done: 'Failed', early: 'FailureTarget', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' }
    if (failed > (numberAt(job, 'spec', 'backoffLimit') ?? 6)) return { done: 'Failed', early: 'FailureTarget', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }
    if (succeeded >= (numberAt(job, 'spec', 'completions') ?? 1)) return { done: 'Complete', early: 'SuccessCriteriaMet', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
    return undefined
  }

  const write = (job: KubeObject, status: JsonMap): KubeObject =>
    same(mapAt(job, 'status'), status) ? job : api.update(jobs, namespaceOf(job), job.metadata.name, { ...job, status }, { manager, subresource: 'status' })

  const worker = queue.controller('job', (key) => {
    const job = store.get(jobs.key, ...splitKey(key))
    if (!job || deletedAt(job) !== '') return
    const life = numberAt(job, 'spec', 'ttlSecondsAfterFinished')
    if (finished(job)) {
      if (life === undefined) return
      const ended = Math.max(...mapsAt(job, 'status', 'conditions').map((item) => Date.parse(textAt(item, 'lastTransitionTime'))))
      if (now() >= ended + life * 1000) api.remove(jobs, namespaceOf(job), job.metadata.name, { propagation: 'Background' })
      else worker.addAfter(key, ended + life * 1000 - now())
      return
    }
    const owned = ownedBy(store, 'pods', job)
    const active = owned.filter(isLive)
    const succeeded = owned.filter((pod) => phaseOf(pod) === 'Succeeded').length
    const failures = owned.filter((pod) => phaseOf(pod) === 'Failed')
    const startTime = textAt(job, 'status', 'startTime') || timestamp(now())
    const counts = (live: number): JsonMap => ({
      startTime,
      ...counters({ active: live, ready: active.filter(isReady).length, succeeded, failed: failures.length, terminating: owned.filter(isEnding).length }, ['ready', 'terminating']),
      uncountedTerminatedPods: {},
    })
    const started: KubeObject = { ...job, status: { ...mapAt(job, 'status'), startTime } }
    const result = verdict(started, succeeded, failures.length)
    if (result) {
      for (const pod of active) {
        api.remove(pods, namespaceOf(pod), pod.metadata.name, {})
        recorder.event(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)
      }
      const conditions = [condition(result.early, result.reason, result.message), condition(result.done, result.reason, result.message)]
      write(job, { ...counts(0), ...(result.done === 'Complete' && { completionTime: timestamp(now()) }), conditions })
      if (result.done === 'Complete') recorder.event(job, 'Normal', 'Completed', 'Job completed')
      else recorder.event(job, 'Warning', result.reason, result.message)
      return
    }
    const wanted = at(job, 'spec', 'suspend') === true ? 0 : Math.min(numberAt(job, 'spec', 'parallelism') ?? 1, (numberAt(job, 'spec', 'completions') ?? 1) - succeeded)
    const wait = failures.length === 0 ? 0 : lastFailure(failures) + Math.min(firstBackOff * 2 ** (failures.length - 1), longestBackOff) - now()
    let made = 0
    let failure: Failure | undefined
    if (active.length < wanted && wait > 0) worker.addAfter(key, wait)
    else {
      for (let index = active.length; index < wanted && !failure; index += 1) {
        try {
          const pod = api.create(pods, namespaceOf(job), podFrom(job), { manager })
          made += 1
          recorder.event(job, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`)
        } catch (error) {
          if (!(error instanceof Failure)) throw error
          recorder.event(job, 'Warning', 'FailedCreate', `Error creating: ${error.message}`)
          failure = error
        }
      }
    }
    write(job, counts(active.length + made))
    const deadline = numberAt(job, 'spec', 'activeDeadlineSeconds')
    if (deadline !== undefined) worker.addAfter(key, Math.max(Date.parse(startTime) + deadline * 1000 - now(), 1))
    if (failure) throw failure
  })

  return {
    changed: ({ resource, type, object }) => {
      if (resource === jobs.key && type !== 'DELETED') worker.add(keyOf(object))
      const owner = resource === 'pods' ? controllerOf(object) : undefined
      if (owner?.kind === 'Job') worker.add(`${namespaceOf(object)}/${owner.name}`)
    },
  }
}
