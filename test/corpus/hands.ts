import { z } from 'zod'
import { until, type Scene } from './scene.ts'

const podList = z.looseObject({
  items: z.array(z.looseObject({
    metadata: z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).optional(), deletionTimestamp: z.string().nullish() }),
    spec: z.looseObject({ nodeName: z.string().optional() }),
    status: z.looseObject({
      conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).nullish(),
      containerStatuses: z.array(z.looseObject({ restartCount: z.number() })).nullish(),
    }),
  })),
})
export type SeenPod = z.infer<typeof podList>['items'][number]

/** Pods of the scene's app that are not being deleted. */
export const podsOf = async ({ stage, namespace }: Scene): Promise<SeenPod[]> =>
  podList.parse(await stage.kube.get(`/api/v1/namespaces/${namespace}/pods`)).items.filter(({ metadata }) => typeof metadata.deletionTimestamp !== 'string')

/** Those of the release that is being promoted. */
export const newPods = async (scene: Scene): Promise<SeenPod[]> => {
  const { release } = await scene.promotion()
  return (await podsOf(scene)).filter(({ metadata }) => metadata.labels?.['release'] === release.id)
}

export const isReady = ({ status }: SeenPod): boolean => status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true

/** A pod of the new release that is bound to a node. */
export const boundPod = (scene: Scene): Promise<{ pod: string; node: string }> =>
  until('a new pod on a node', async () => {
    for (const { metadata, spec } of await newPods(scene)) if (spec.nodeName !== undefined) return { pod: metadata.name, node: spec.nodeName }
    return undefined
  })

/** Waits until so many new pods are ready. */
export const readyPods = (scene: Scene, many: number): Promise<SeenPod[]> =>
  until(`${many} new pods ready`, async () => {
    const ready = (await newPods(scene)).filter(isReady)
    return ready.length >= many ? ready : undefined
  })

/** One of its containers has been started again. */
export const hasRestarted = ({ status }: SeenPod): boolean => status.containerStatuses?.some(({ restartCount }) => restartCount > 0) === true

const webOf = ({ namespace }: Scene): string => `/apis/apps/v1/namespaces/${namespace}/deployments/web`

const templateShape = z.looseObject({ spec: z.looseObject({ template: z.looseObject({ spec: z.looseObject({ containers: z.array(z.looseObject({})) }) }) }) })

/** What `kubectl edit` does: another image in the Deployment of `web`, and `more` in its spec. */
export const editImage = async (scene: Scene, image: string, more: object): Promise<void> => {
  const { spec } = templateShape.parse(await scene.stage.kube.get(webOf(scene)))
  const containers = spec.template.spec.containers.map((container) => ({ ...container, image }))
  await scene.stage.kube.patch(`${webOf(scene)}?fieldManager=kubectl-edit`, { spec: { ...more, template: { spec: { containers } } } })
}

/** Throws when `web` has no autoscaler. */
export const autoscalerOfWeb = ({ stage, namespace }: Scene): Promise<unknown> => stage.kube.get(`/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/web`)

/** What an autoscaler does. */
export const scale = (scene: Scene, replicas: number): Promise<unknown> =>
  scene.stage.kube.patch(`${webOf(scene)}/scale?fieldManager=kube-controller-manager`, { spec: { replicas } })

/** What `kubectl drain` does with one pod: it is deleted when no budget forbids it. */
export const evict = ({ stage, namespace }: Scene, name: string): Promise<unknown> =>
  stage.kube.post(`/api/v1/namespaces/${namespace}/pods/${name}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } })

/** No new pods on that node, or again. */
export const cordon = ({ stage }: Scene, node: string, unschedulable: boolean): Promise<unknown> => stage.kube.patch(`/api/v1/nodes/${node}`, { spec: { unschedulable } })

const deploymentShape = z.looseObject({ status: z.looseObject({ conditions: z.array(z.looseObject({ type: z.string(), reason: z.string().optional() })).nullish() }) })

/** Waits until the Deployment of `web` says that its progress deadline is exceeded. */
export const deadlineExceeded = (scene: Scene): Promise<true> =>
  until('ProgressDeadlineExceeded', async () => {
    const { status } = deploymentShape.parse(await scene.stage.kube.get(webOf(scene)))
    return status.conditions?.some(({ reason }) => reason === 'ProgressDeadlineExceeded') === true ? true : undefined
  })

/** A quota on the number of pods. */
export const limitPods = ({ stage, namespace }: Scene, pods: number): Promise<unknown> =>
  stage.kube.post(`/api/v1/namespaces/${namespace}/resourcequotas`, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'small' }, spec: { hard: { pods: String(pods) } } })

/** Something more important that needs most of a node. Ends with `unhog`. */
export const hog = async ({ stage, namespace }: Scene, image: string, cpu: string): Promise<void> => {
  await stage.kube.post('/apis/scheduling.k8s.io/v1/priorityclasses', { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'important' }, value: 1000 })
  await stage.kube.post(`/api/v1/namespaces/${namespace}/pods`, {
    apiVersion: 'v1', kind: 'Pod', metadata: { name: 'hog' },
    spec: { priorityClassName: 'important', terminationGracePeriodSeconds: 1, containers: [{ name: 'main', image, resources: { requests: { cpu } } }] },
  })
}
export const unhog = ({ stage, namespace }: Scene): Promise<unknown> => stage.kube.delete(`/api/v1/namespaces/${namespace}/pods/hog`, {})
