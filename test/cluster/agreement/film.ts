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
  /** When it was heard, in ms of a clock that does not jump. */
  readonly at: number
}

/** Everything that happens in a cluster from now on. */
export interface Film {
  /** What happened in a namespace so far, in the order it was told. Throws when a watch broke. */
  in(namespace: string): readonly Frame[]
  end(): Promise<void>
}

const metaOf = z.object({ metadata: z.object({ namespace: z.string().default(''), resourceVersion: z.string() }) })

/** One watch per kind, however many namespaces are looked at: an API server takes a hundred streams on a connection. */
export const film = (api: Api): Film => {
  const frames = new Map<string, Frame[]>()
  const stop = new AbortController()
  const follow = async (plural: Filmed): Promise<void> => {
    // An API server ends the watch of whoever reads too slowly: it goes on where it was.
    for (let version = ''; !stop.signal.aborted; ) {
      const from = version === '' ? '' : `&resourceVersion=${version}`
      for await (const raw of api.watch(`${filmed[plural]}/${plural}?watch=true${from}`, stop.signal)) {
        const { type, object } = frameSchema.parse(raw)
        if (type === 'ERROR') throw new Error(`the watch of ${plural}: ${JSON.stringify(object)}`)
        const { namespace, resourceVersion } = metaOf.parse(object).metadata
        const heard = frames.get(namespace) ?? []
        frames.set(namespace, heard)
        heard.push({ plural, type, object, at: performance.now() })
        version = resourceVersion
      }
    }
  }
  let broken: Error | undefined
  const following = Promise.all(
    plurals.map(async (plural) => {
      try {
        await follow(plural)
      } catch (error) {
        broken = error instanceof Error ? error : new Error(String(error))
      }
    }),
  )
  return {
    in: (namespace) => {
      if (broken) throw broken
      return frames.get(namespace) ?? []
    },
    end: async () => {
      stop.abort()
      await following
      if (broken) throw broken
    },
  }
}

/** Asks again until it is so; throws after that many seconds. */
export const until = async (what: string, isSo: () => boolean | Promise<boolean>, seconds = 120): Promise<void> => {
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
