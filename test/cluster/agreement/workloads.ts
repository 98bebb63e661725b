import { until } from './film.ts'
import { change, deployment, eventsWith, podSpec, start } from './rollouts.ts'
import { absence, calm, completion, end, image, path, read, readAll, type Scene, type Stage } from './scene.ts'

const finite = (stage: Stage, tag: string) => ({
  template: {
    metadata: { labels: { app: 'task' } },
    spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 2, automountServiceAccountToken: false, containers: [{ name: 'main', image: image(stage, tag) }] },
  },
})
const job = (stage: Stage, tag: string, spec: object, labels?: object) => ({
  apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'task', ...(labels && { labels }) }, spec: { ...spec, ...finite(stage, tag) },
})
const runJob = async (stage: Stage, tag: string, spec: object, labels?: object): Promise<string> => {
  await stage.api.post(path(stage, 'jobs'), job(stage, tag, spec, labels))
  return `${path(stage, 'jobs')}/task`
}
const cronJob = (stage: Stage, spec: object) => ({
  apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'tick' },
  spec: { schedule: '@every 3s', jobTemplate: { spec: { backoffLimit: 0, ...finite(stage, 'crash') } }, ...spec },
})
/** Lets a CronJob make one Job, and no more. */
const tickOnce = async (stage: Stage, spec: object): Promise<void> => {
  await stage.api.post(path(stage, 'cronjobs'), cronJob(stage, spec))
  await until(`a job in ${stage.namespace}`, async () => Array.isArray((await read(stage, `${path(stage, 'cronjobs')}/tick`)).status.active))
  await stage.api.patch(`${path(stage, 'cronjobs')}/tick`, { spec: { suspend: true } })
}
const agent = (stage: Stage, tag: string) => ({
  apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'agent' },
  spec: { selector: { matchLabels: { app: 'agent' } }, template: { metadata: { labels: { app: 'agent' } }, spec: podSpec(stage, tag) } },
})
const agentIsReady = (stage: Stage) =>
  until(`the agent in ${stage.namespace}`, async () => {
    const { metadata, status } = await read(stage, `${path(stage, 'daemonsets')}/agent`)
    return status.observedGeneration === metadata.generation && status.numberAvailable === 1 && status.updatedNumberScheduled === 1
  })
const claim = (storageClassName?: string) => ({
  metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...(storageClassName !== undefined && { storageClassName }) },
})
/** Waits until something was said, and a while longer. */
const said = async (stage: Stage, reason: string): Promise<void> => {
  await until(`${reason} in ${stage.namespace}`, () => eventsWith(stage, reason).length > 0)
  await calm(1_500)
}
const mounting = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] }

/** What a cluster does besides rolling out images. */
export const workloads: readonly Scene[] = [
  {
    name: 'job-succeeds',
    play: async (stage) => {
      await runJob(stage, 'good', { backoffLimit: 0 }, { own: 'label' })
      await end(stage, 'task')
      await calm()
    },
  },
  {
    name: 'job-fails',
    play: async (stage) => {
      const task = await runJob(stage, 'crash', { backoffLimit: 0 })
      await end(stage, 'task')
      await calm()
      await stage.api.delete(task, { propagationPolicy: 'Background' })
      await calm(2_500)
    },
  },
  {
    name: 'job-is-too-late',
    play: async (stage) => {
      await runJob(stage, 'missingvolume', { backoffLimit: 0, activeDeadlineSeconds: 3 })
      await end(stage, 'task')
      await calm()
    },
  },
  {
    name: 'job-is-deleted',
    play: async (stage) => {
      const task = await runJob(stage, 'missingvolume', { backoffLimit: 0 })
      await said(stage, 'FailedMount')
      await stage.api.delete(task, { propagationPolicy: 'Background' })
      await calm(4_000)
    },
  },
  {
    name: 'timer-fails',
    play: async (stage) => {
      await tickOnce(stage, {})
      await until(`the end of it in ${stage.namespace}`, async () => (await readAll(stage, 'jobs')).every(({ status }) => (status.conditions ?? []).some(({ type }) => type === 'Failed')))
      await calm()
      await stage.api.delete(`${path(stage, 'cronjobs')}/tick`, { propagationPolicy: 'Background' })
      await calm(2_500)
    },
  },
  { name: 'timer-keeps-none', play: async (stage) => tickOnce(stage, { failedJobsHistoryLimit: 0 }).then(() => calm(6_000)) },
  {
    name: 'timer-suspended',
    play: async (stage) => {
      await stage.api.post(path(stage, 'cronjobs'), cronJob(stage, { suspend: true }))
      await calm(4_500)
    },
  },
  {
    name: 'agent-goes-wrong',
    play: async (stage) => {
      await stage.api.post(path(stage, 'daemonsets'), agent(stage, 'v1'))
      await agentIsReady(stage)
      await calm()
      await stage.api.patch(`${path(stage, 'daemonsets')}/agent`, agent(stage, 'notready'))
      await said(stage, 'Unhealthy')
      await stage.api.patch(`${path(stage, 'daemonsets')}/agent`, agent(stage, 'v1'))
      await agentIsReady(stage)
      await calm()
    },
  },
  {
    name: 'scaled',
    play: async (stage) => {
      await start(stage)
      // Of two equal pods the older one stays.
      await calm(2_500)
      await stage.api.patch(`${path(stage, 'deployments')}/web/scale`, { spec: { replicas: 2 } })
      await completion(stage)
      await calm()
      await stage.api.patch(`${path(stage, 'deployments')}/web/scale`, { spec: { replicas: 1 } })
      await completion(stage)
      await calm()
    },
  },
  {
    name: 'paused',
    play: async (stage) => {
      await start(stage)
      await calm()
      await change(stage, { paused: true, template: { spec: podSpec(stage, 'v2') } })
      await calm()
      await change(stage, { paused: false })
      await completion(stage)
      await calm()
    },
  },
  {
    name: 'evicted',
    play: async (stage) => {
      await start(stage)
      await calm()
      const [pod] = await readAll(stage, 'pods')
      const name = pod?.metadata.name ?? ''
      await stage.api.post(`${path(stage, 'pods')}/${name}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: stage.namespace } })
      await absence(stage, `${path(stage, 'pods')}/${name}`)
      await completion(stage)
      await calm()
    },
  },
  {
    name: 'quota',
    play: async (stage) => {
      await start(stage)
      await stage.api.post(path(stage, 'resourcequotas'), { metadata: { name: 'one' }, spec: { hard: { pods: '1' } } })
      await calm()
      await change(stage, { template: { spec: podSpec(stage, 'v2') } })
      // Which attempt is the tenth, told as one with the others, depends on how many of the first a controller saw as one; from then on all are told so.
      await until(`the tenth refusal in ${stage.namespace}`, () => eventsWith(stage, 'FailedCreate').some(({ object }) => String(object['message']).startsWith('(combined')))
    },
  },
  {
    name: 'too-large',
    play: async (stage) => {
      await stage.api.post(path(stage, 'deployments'), deployment(stage, 'v1', {}, { containers: [{ name: 'main', image: image(stage, 'v1'), resources: { requests: { cpu: '900' } } }] }))
      await said(stage, 'FailedScheduling')
    },
  },
  {
    name: 'nowhere',
    play: async (stage) => {
      await stage.api.post(path(stage, 'deployments'), deployment(stage, 'v1', {}, { nodeSelector: { no: 'where' } }))
      await said(stage, 'FailedScheduling')
    },
  },
  { name: 'claim-missing', play: async (stage) => stage.api.post(path(stage, 'deployments'), deployment(stage, 'v1', {}, mounting)).then(() => said(stage, 'FailedScheduling')) },
  ...[undefined, 'slow'].map((storageClass) => ({
    name: `claim-of-${storageClass ?? 'no'}-class`,
    play: async (stage: Stage) => {
      await stage.api.post(path(stage, 'persistentvolumeclaims'), claim(storageClass))
      await calm()
      await stage.api.post(path(stage, 'deployments'), deployment(stage, 'v1', {}, mounting))
      await said(stage, 'FailedScheduling')
    },
  })),
  {
    name: 'deployment-is-deleted',
    play: async (stage) => {
      await start(stage)
      await calm()
      await stage.api.delete(`${path(stage, 'deployments')}/web`, { propagationPolicy: 'Background' })
      await until(`no pods in ${stage.namespace}`, async () => (await readAll(stage, 'pods')).length === 0)
      await calm()
    },
  },
  {
    name: 'namespace-is-deleted',
    play: async (stage) => {
      await start(stage)
      await calm()
      await stage.api.delete(`/api/v1/namespaces/${stage.namespace}`, {})
      await absence(stage, `/api/v1/namespaces/${stage.namespace}`)
      await calm()
    },
  },
]
