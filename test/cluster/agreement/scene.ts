import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { ApiFailure, type Api } from '../../../sandbox/kubelet/api.ts'
import { until, type Frame } from './film.ts'

/** Where a scene is played: its namespace on one of the two clusters, and what has been seen there so far. */
export interface Stage {
  readonly api: Api
  readonly namespace: string
  seen(): readonly Frame[]
}

/** Something that happens on a cluster; what its objects say has to be the same on both. */
export interface Scene {
  /** As a namespace may be called. */
  readonly name: string
  play(stage: Stage): Promise<void>
}

/** After this many ms nothing that was set off is still on its way. */
const aftermath = 1_500
export const calm = (ms = aftermath): Promise<void> => pause(ms)

/** Path of a namespaced collection. */
export const path = ({ namespace }: Stage, plural: string): string => {
  const root = { deployments: '/apis/apps/v1', daemonsets: '/apis/apps/v1', jobs: '/apis/batch/v1', cronjobs: '/apis/batch/v1' }[plural] ?? '/api/v1'
  return `${root}/namespaces/${namespace}/${plural}`
}

/** The registry of a scene is its own: what a node has pulled for one is not there for another. */
export const image = ({ namespace }: Stage, tag: string): string => `registry.test/${namespace}:${tag}`

const workload = z.looseObject({
  metadata: z.looseObject({ name: z.string(), generation: z.number().optional() }),
  spec: z.looseObject({ replicas: z.number().optional() }).optional(),
  status: z.looseObject({
    observedGeneration: z.number().optional(), replicas: z.number().optional(), updatedReplicas: z.number().optional(), availableReplicas: z.number().optional(),
    phase: z.string().optional(), active: z.union([z.number(), z.array(z.unknown())]).optional(), numberAvailable: z.number().optional(), updatedNumberScheduled: z.number().optional(),
    conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).optional(),
  }),
})
const list = z.looseObject({ items: z.array(workload) })

export const read = async ({ api }: Stage, at: string) => workload.parse(await api.get(at))
export const readAll = async (stage: Stage, plural: string) => list.parse(await stage.api.get(path(stage, plural))).items

/** Whether a Deployment runs what it should and nothing else. */
export const isComplete = async (stage: Stage, name = 'web'): Promise<boolean> => {
  const { metadata, spec, status } = await read(stage, `${path(stage, 'deployments')}/${name}`)
  const wanted = spec?.replicas ?? 1
  const counts = [status.updatedReplicas, status.replicas, status.availableReplicas].map((count) => count ?? 0)
  return status.observedGeneration === metadata.generation && counts.every((count) => count === wanted) && (await readAll(stage, 'pods')).length === wanted
}

/** Waits for a Deployment to be complete. */
export const completion = (stage: Stage, name = 'web'): Promise<void> => until(`${name} in ${stage.namespace} to be complete`, () => isComplete(stage, name))

/** Waits until a Job has ended, in success or not. */
export const end = (stage: Stage, name: string): Promise<void> =>
  until(`the end of ${name} in ${stage.namespace}`, async () => {
    const { status } = await read(stage, `${path(stage, 'jobs')}/${name}`)
    return (status.conditions ?? []).some((condition) => ['Complete', 'Failed'].includes(condition.type))
  })

/** Waits until nothing is there any more. */
export const absence = (stage: Stage, at: string): Promise<void> =>
  until(`${at} to be gone`, async () => {
    try {
      await stage.api.get(at)
      return false
    } catch (error) {
      if (error instanceof ApiFailure && error.code === 404) return true
      throw error
    }
  })
