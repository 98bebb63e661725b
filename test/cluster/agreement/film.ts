import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { ApiFailure, type Api } from '../../../sandbox/kubelet/api.ts'

/** What is watched, by plural, with the path before the namespace. */
export const filmed = {
  deployments: '/apis/apps/v1', replicasets: '/apis/apps/v1', daemonsets: '/apis/apps/v1', controllerrevisions: '/apis/apps/v1', jobs: '/apis/batch/v1', cronjobs: '/apis/batch/v1',
  pods: '/api/v1', events: '/api/v1', persistentvolumeclaims: '/api/v1',
} as const
export type Filmed = keyof typeof filmed
const plurals: readonly Filmed[] = ['deployments', 'replicasets', 'daemonsets', 'controllerrevisions', 'jobs', 'cronjobs', 'pods', 'events', 'persistentvolumeclaims']

const frameSchema = z.object({ type: z.string(), object: z.record(z.string(), z.unknown()) })

/** One change as a watch told it. */
export interface Frame {
  readonly plural: Filmed
  readonly type: string
  readonly object: Readonly<Record<string, unknown>>
}

/** Everything that happens in a namespace from now on. */
export interface Film {
  readonly frames: readonly Frame[]
  end(): Promise<void>
}

export const film = (api: Api, namespace: string): Film => {
  const frames: Frame[] = []
  const stop = new AbortController()
  const follow = async (plural: Filmed): Promise<void> => {
    for await (const raw of api.watch(`${filmed[plural]}/namespaces/${namespace}/${plural}?watch=true`, stop.signal)) {
      const { type, object } = frameSchema.parse(raw)
      frames.push({ plural, type, object })
    }
    if (!stop.signal.aborted) throw new Error(`the watch of ${plural} in ${namespace} ended`)
  }
  const following = Promise.all(plurals.map(follow))
  // Told when the film ends; until then nobody listens.
  following.catch(() => undefined)
  return {
    frames,
    end: async () => {
      stop.abort()
      await following
    },
  }
}

/** Asks again until it is so; throws after that many seconds. */
export const until = async (what: string, isSo: () => boolean | Promise<boolean>, seconds = 30): Promise<void> => {
  const deadline = Date.now() + seconds * 1000
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not in ${seconds} s: ${what}`)
    await pause(50)
  }
}

/** Makes a namespace in which pods are admitted. */
export const openNamespace = async (api: Api, name: string): Promise<void> => {
  await api.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  await until(`a service account in ${name}`, async () => {
    try {
      await api.get(`/api/v1/namespaces/${name}/serviceaccounts/default`)
      return true
    } catch (error) {
      if (error instanceof ApiFailure && error.code === 404) return false
      throw error
    }
  })
}
