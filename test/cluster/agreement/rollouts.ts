import { catalogue } from '../../../sandbox/kubelet/catalogue.ts'
import { podSchema, type WirePod } from '../../../sandbox/kubelet/wire-pod.ts'
import { until } from './film.ts'
import { calm, completion, image, path, type Scene, type Stage } from './scene.ts'

const probe = { httpGet: { path: '/health', port: 3000 }, periodSeconds: 2, timeoutSeconds: 1, failureThreshold: 3 }

export const podSpec = (stage: Stage, tag: string, more: object = {}) => ({
  terminationGracePeriodSeconds: 2, automountServiceAccountToken: false,
  containers: [
    {
      name: 'main', image: image(stage, tag), ports: [{ containerPort: 3000 }], readinessProbe: probe, resources: { limits: { memory: '64Mi' } },
      ...(tag === 'liveness' && { livenessProbe: { ...probe, periodSeconds: 5 } }),
    },
  ],
  ...more,
})

export const deployment = (stage: Stage, tag: string, more: object = {}, pod: object = {}) => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' },
  spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: podSpec(stage, tag, pod) }, ...more },
})

export const start = async (stage: Stage, more: object = {}): Promise<void> => {
  await stage.api.post(path(stage, 'deployments'), deployment(stage, 'v1', more))
  await completion(stage)
}

export const change = (stage: Stage, spec: object) => stage.api.patch(`${path(stage, 'deployments')}/web`, { spec })

const latestPod = (stage: Stage): WirePod | undefined => {
  const frame = stage.seen().findLast(({ plural }) => plural === 'pods')
  return frame && podSchema.parse(frame.object)
}
const statuses = (stage: Stage) => {
  const pod = latestPod(stage)
  return [...(pod?.status.containerStatuses ?? []), ...(pod?.status.initContainerStatuses ?? [])]
}
export const eventsWith = (stage: Stage, reason: string) => stage.seen().filter(({ plural, object }) => plural === 'events' && object['reason'] === reason)

const backsOffAgain = (stage: Stage): boolean => statuses(stage).some(({ restartCount, state }) => restartCount >= 2 && state.waiting?.reason === 'CrashLoopBackOff')
const pullsNoMore = (stage: Stage): boolean => eventsWith(stage, 'Pulling').length >= 4 && statuses(stage).some(({ state }) => state.waiting?.reason === 'ImagePullBackOff')

/** Moments at which nothing moves for a second or more, so that both clusters are changed in the same state. Without one: when the rollout is complete. */
const moments: Readonly<Record<string, (stage: Stage) => boolean>> = {
  ...Object.fromEntries(['crash', 'flap', 'oom', 'leak', 'initfails', 'badcommand', 'liveness'].map((tag) => [tag, backsOffAgain])),
  badimage: pullsNoMore,
  denied: pullsNoMore,
  missingsecret: (stage) => eventsWith(stage, 'Failed').length >= 2 && statuses(stage).some(({ state }) => state.waiting?.reason === 'CreateContainerConfigError'),
  missingvolume: (stage) => eventsWith(stage, 'FailedMount').length >= 6,
  notready: (stage) => eventsWith(stage, 'Unhealthy').length > 0,
}

/** Every behaviour of an image that the sandbox offers: promoted over a good release, watched, and taken back. */
export const rollouts: readonly Scene[] = catalogue.map(({ tag }) => ({
  name: `roll-${tag}`,
  play: async (stage) => {
    await start(stage)
    await calm()
    await change(stage, { template: { spec: podSpec(stage, tag) } })
    const moment = moments[tag]
    await (moment ? until(`the moment of ${tag}`, () => moment(stage)) : completion(stage))
    await calm(300)
    await change(stage, { template: { spec: podSpec(stage, 'v1') } })
    await completion(stage)
    await calm()
  },
}))
