import { Failure } from '../failure.ts'
import { at, listAt, mapAt, mapsAt, numberAt, same, textAt, type JsonMap } from '../json.ts'
import { controllerOf, controllerReference, deletedAt, namespaceOf, timestamp, type KubeObject } from '../object.ts'
import { resourceNamed } from '../resources.ts'
import { parseSchedule, type Schedule } from '../schedule.ts'
import { conditionOf } from './conditions.ts'
import { keyOf, manager, splitKey, type Controller, type ControllerContext } from './context.ts'
import { isFinishedJob } from './job-facts.ts'
import { namespaceGone } from './replicaset.ts'

// A port of k8s.io/kubernetes v1.36.1 pkg/controller/cronjob.

const cronJobs = resourceNamed('cronjobs.batch')
const jobs = resourceNamed('jobs.batch')
/** It looks again that many ms after the next time (nextScheduleDelta). */
const late = 100

const isComplete = (job: KubeObject): boolean => conditionOf(mapAt(job, 'status'), 'Complete')?.['status'] === 'True'

/** The last time that has come and is not dealt with yet. `many`: more than a hundred were missed. */
const missedTime = (timer: KubeObject, schedule: Schedule, now: number): { time: number; many: boolean } | undefined => {
  const deadline = numberAt(timer, 'spec', 'startingDeadlineSeconds')
  const last = Date.parse(textAt(timer, 'status', 'lastScheduleTime') || timer.metadata.creationTimestamp)
  const from = deadline === undefined ? last : Math.max(last, now - deadline * 1000)
  const first = schedule.next(from)
  if (first > now) return undefined
  const step = Math.max(schedule.next(first) - first, 1)
  const missed = Math.floor((now - first) / step) + 1
  let time = first
  for (let next = schedule.next(first + Math.max(missed - 2, 0) * step - 1); next <= now; next = schedule.next(next)) time = next
  return { time, many: missed > 100 }
}

export const createCronJobController = (context: ControllerContext): Controller => {
  const { api, store, queue, now } = context
  const recorder = context.recorder('cronjob-controller')

  const jobsOf = (timer: KubeObject): KubeObject[] => store.list(jobs.key, namespaceOf(timer)).filter((job) => controllerOf(job)?.uid === timer.metadata.uid)

  /** Deletes it with its pods; the list of active ones without it. */
  const removeJob = (timer: KubeObject, name: string, active: JsonMap[]): JsonMap[] => {
    api.remove(jobs, namespaceOf(timer), name, { propagation: 'Background' })
    recorder.event(timer, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`)
    return active.filter((reference) => textAt(reference, 'name') !== name)
  }

  /** Removes the oldest Jobs beyond the limits. */
  const cleanUp = (timer: KubeObject, children: readonly KubeObject[], active: JsonMap[]): JsonMap[] => {
    let left = active
    const started = (job: KubeObject): string => `${textAt(job, 'status', 'startTime') || '9'} ${job.metadata.name}`
    for (const [limit, complete] of [['successfulJobsHistoryLimit', true], ['failedJobsHistoryLimit', false]] as const) {
      const most = numberAt(timer, 'spec', limit)
      const ended = children.filter((job) => isFinishedJob(job) && deletedAt(job) === '' && isComplete(job) === complete).sort((a, b) => (started(a) < started(b) ? -1 : 1))
      for (const job of most === undefined ? [] : ended.slice(0, Math.max(ended.length - most, 0))) left = removeJob(timer, job.metadata.name, left)
    }
    return left
  }

  /** Forgets active Jobs that ended or went missing. */
  const settle = (timer: KubeObject, children: readonly KubeObject[], status: JsonMap): void => {
    let active = mapsAt(status, 'active')
    for (const job of children) {
      const known = active.some((reference) => textAt(reference, 'uid') === job.metadata.uid)
      if (!isFinishedJob(job)) {
        if (!known) recorder.event(timer, 'Warning', 'UnexpectedJob', `Saw a job that the controller did not create or forgot: ${job.metadata.name}`)
        continue
      }
      if (known) {
        active = active.filter((reference) => textAt(reference, 'uid') !== job.metadata.uid)
        recorder.event(timer, 'Normal', 'SawCompletedJob', `Saw completed job: ${job.metadata.name}, condition: ${isComplete(job) ? 'Complete' : 'Failed'}`)
      }
      const done = textAt(job, 'status', 'completionTime')
      if (isComplete(job) && done > textAt(status, 'lastSuccessfulTime')) status['lastSuccessfulTime'] = done
    }
    for (const reference of active) {
      if (children.some((job) => job.metadata.uid === textAt(reference, 'uid')) || store.get(jobs.key, namespaceOf(timer), textAt(reference, 'name'))) continue
      recorder.event(timer, 'Normal', 'MissingJob', `Active job went missing: ${textAt(reference, 'name')}`)
      active = active.filter((known) => known !== reference)
    }
    status['active'] = active
  }

  /** The Job of that time, made unless it is there; undefined when it belongs to somebody else or cannot be made. */
  const start = (timer: KubeObject, time: number): KubeObject | undefined => {
    const template = mapAt(timer, 'spec', 'jobTemplate')
    const name = `${timer.metadata.name}-${Math.floor(time / 60_000)}`
    const labels = mapAt(template, 'metadata', 'labels')
    const annotations = { ...mapAt(template, 'metadata', 'annotations'), 'batch.kubernetes.io/cronjob-scheduled-timestamp': timestamp(time) }
    const metadata = { name, ...(Object.keys(labels).length > 0 && { labels }), annotations, ownerReferences: [controllerReference(timer)] }
    try {
      const job = api.create(jobs, namespaceOf(timer), { metadata, spec: mapAt(template, 'spec') }, { manager })
      recorder.event(timer, 'Normal', 'SuccessfulCreate', `Created job ${name}`)
      return job
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      const present = error.reason === 'AlreadyExists' ? store.get(jobs.key, namespaceOf(timer), name) : undefined
      if (present) return controllerOf(present)?.uid === timer.metadata.uid ? present : undefined
      if (!namespaceGone(error)) recorder.event(timer, 'Warning', 'FailedCreate', `Error creating job: ${error.message}`)
      throw error
    }
  }

  /** Does what the schedule asks for now; changes `status`. Returns ms until the next time, undefined when there is none. */
  const keepTime = (timer: KubeObject, status: JsonMap): number | undefined => {
    if (at(timer, 'spec', 'suspend') === true) return undefined
    let schedule: Schedule
    try {
      schedule = parseSchedule(textAt(timer, 'spec', 'schedule'), textAt(timer, 'spec', 'timeZone') || 'UTC')
    } catch (error) {
      recorder.event(timer, 'Warning', 'UnparseableSchedule', `unparseable schedule: ${JSON.stringify(textAt(timer, 'spec', 'schedule'))} : ${error instanceof Error ? error.message : String(error)}`)
      return undefined
    }
    const due = missedTime(timer, schedule, now())
    const last = Date.parse(textAt(timer, 'status', 'lastScheduleTime') || timer.metadata.creationTimestamp)
    const wait = schedule.next(due?.time ?? last) + late - now()
    if (!due) return wait
    if (due.many) recorder.event(timer, 'Warning', 'TooManyMissedTimes', 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew')
    let active = mapsAt(status, 'active')
    const name = `${timer.metadata.name}-${Math.floor(due.time / 60_000)}`
    if (active.some((reference) => textAt(reference, 'name') === name) || textAt(status, 'lastScheduleTime') === timestamp(due.time)) return wait
    const policy = textAt(timer, 'spec', 'concurrencyPolicy')
    if (policy === 'Forbid' && active.length > 0) {
      recorder.event(timer, 'Normal', 'JobAlreadyActive', 'Not starting job because prior execution is running and concurrency policy is Forbid')
      return wait
    }
    if (policy === 'Replace') for (const reference of active) active = removeJob(timer, textAt(reference, 'name'), active)
    const job = start(timer, due.time)
    if (!job) return wait
    const { uid, resourceVersion } = job.metadata
    status['active'] = [...active, { kind: 'Job', namespace: namespaceOf(timer), name: job.metadata.name, uid, apiVersion: 'batch/v1', resourceVersion }]
    status['lastScheduleTime'] = timestamp(due.time)
    return wait
  }

  const worker = queue.controller('cronjob', (key) => {
    const timer = store.get(cronJobs.key, ...splitKey(key))
    if (!timer) return
    const children = jobsOf(timer)
    const status: JsonMap = { ...mapAt(timer, 'status') }
    status['active'] = cleanUp(timer, children, mapsAt(status, 'active'))
    settle(timer, children, status)
    let wait: number | undefined
    try {
      wait = deletedAt(timer) === '' ? keepTime(timer, status) : undefined
    } finally {
      // What was seen of Jobs is written down even when a new one could not be made.
      if (listAt(status, 'active').length === 0) delete status['active']
      if (!same(mapAt(timer, 'status'), status)) api.update(cronJobs, namespaceOf(timer), timer.metadata.name, { ...timer, status }, { manager, subresource: 'status' })
    }
    if (wait !== undefined) worker.addAfter(key, wait)
  })

  return {
    changed: ({ resource, type, object }) => {
      if (resource === cronJobs.key && type !== 'DELETED') worker.add(keyOf(object))
      const owner = resource === jobs.key ? controllerOf(object) : undefined
      if (owner?.kind === 'CronJob') worker.add(`${namespaceOf(object)}/${owner.name}`)
    },
  }
}
