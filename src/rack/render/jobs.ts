import type { ReleaseCommand, Service, Timer } from '../manifest/manifest.ts'
import { metaOf, workloadAnnotations } from './input.ts'
import type { RenderInput } from './input.ts'
import { checkedName } from './names.ts'
import type { CronJob, Job, JobSpec } from './objects.ts'
import { renderCommandPod } from './pod.ts'

/** Kubernetes: a CronJob, whose Jobs get eleven characters more. */
const cronJobLimit = 52

/** Runs kept for people to look at, as in Convox (provider/k8s/template/app/timer.yml.tmpl). */
const history = 1

/** Name of a timer's CronJob. Throws a RefusalError when it is too long. */
export const timerNameOf = (timer: string): string => checkedName(`timer-${timer}`, 'CronJob', cronJobLimit)

/** Name of the Job that runs a promotion's release command: the same whenever it is asked for, so that it never runs twice. */
export const releaseJobNameOf = (promotion: string): string => `release-${promotion.toLowerCase()}`

const serviceNamed = ({ manifest }: RenderInput, { service }: Timer | ReleaseCommand): Service => {
  const found = manifest.services.find(({ name }) => name === service)
  if (found === undefined) throw new Error(`the manifest has no service ${service}`)
  return found
}

/** From this annotation of its pod a process of a parallel run learns which one it is. */
const indexField = "metadata.annotations['batch.kubernetes.io/job-completion-index']"

const renderTimer = (input: RenderInput, timer: Timer): CronJob => {
  const metadata = metaOf(input, { name: timerNameOf(timer.name), type: 'timer', service: timer.service, label: timer.name })
  const { labels } = metadata
  const parallel = timer.parallelCount > 1
  const env = parallel ? [{ name: 'TIMER_INDEX', valueFrom: { fieldRef: { fieldPath: indexField } } }] : []
  const spec: JobSpec = {
    backoffLimit: 0,
    ...(parallel ? { completionMode: 'Indexed', completions: timer.parallelCount, parallelism: timer.parallelCount } : {}),
    template: { metadata: { labels }, spec: renderCommandPod(input, serviceNamed(input, timer), timer.args, env) },
  }
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { ...metadata, ...workloadAnnotations(input) },
    spec: {
      schedule: timer.schedule,
      timeZone: 'Etc/UTC',
      concurrencyPolicy: timer.concurrency,
      suspend: false,
      successfulJobsHistoryLimit: history,
      failedJobsHistoryLimit: history,
      jobTemplate: { metadata: { labels }, spec },
    },
  }
}

/** The timers as CronJobs, in the order of the manifest. */
export const renderTimers = (input: RenderInput): readonly CronJob[] => input.manifest.timers.map((timer) => renderTimer(input, timer))

/**
 * The Job of the manifest's `release:`; undefined when there is none. It runs once, from the new image of its service, under that service's Secret of this
 * release: what `neededBy` names has to be there before it. Not part of a release's objects. Its logs are those of the container `main` of its one pod.
 */
export const renderReleaseJob = (input: RenderInput & { readonly promotion: string }): Job | undefined => {
  const { release } = input.manifest
  if (release === undefined) return undefined
  const metadata = metaOf(input, { name: releaseJobNameOf(input.promotion), type: 'release', service: release.service, label: 'release' })
  const labels = { ...metadata.labels, 'slipway-promotion': input.promotion }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...metadata, labels },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: release.deadline,
      template: { metadata: { labels }, spec: renderCommandPod(input, serviceNamed(input, release), release.args) },
    },
  }
}
