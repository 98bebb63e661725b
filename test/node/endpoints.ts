import { setTimeout as pause } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { z } from 'zod'
import type { Api } from '../../sandbox/kubelet/api.ts'

const endpoint = z.looseObject({
  addresses: z.array(z.string()),
  conditions: z.looseObject({ ready: z.boolean().optional() }).optional(),
  targetRef: z.looseObject({ name: z.string() }).optional(),
})
const slice = z.looseObject({ metadata: z.looseObject({ name: z.string() }), endpoints: z.array(endpoint).nullish() })
const frame = z.looseObject({ type: z.string(), object: slice })

/** Where one process answers. */
export interface Endpoint { readonly address: string; readonly pod: string }

/** The processes that a k8s Service names as ready, as a proxy of the cluster sees them. */
export interface Endpoints {
  ready(): readonly Endpoint[]
  end(): Promise<void>
}

/** Follows the EndpointSlices of a k8s Service, which need not exist yet. */
export const followEndpoints = (kube: Api, namespace: string, service: string): Endpoints => {
  const slices = new Map<string, Endpoint[]>()
  const stop = new AbortController()
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?watch=true&labelSelector=kubernetes.io%2Fservice-name%3D${service}`
  const follow = async (): Promise<void> => {
    for await (const raw of kube.watch(path, stop.signal)) {
      const { type, object } = frame.parse(raw)
      // A missing condition means ready (discovery.k8s.io/v1).
      const ready = (object.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false)
      const places = ready.flatMap(({ addresses, targetRef }) => addresses.map((address) => ({ address, pod: targetRef?.name ?? '' })))
      slices.set(object.metadata.name, type === 'DELETED' ? [] : places)
    }
    if (!stop.signal.aborted) throw new Error(`the watch of ${service}'s endpoints in ${namespace} ended`)
  }
  const following = follow()
  return {
    ready: () => [...slices.values()].flat(),
    end: async () => {
      stop.abort()
      await following.catch((error: unknown) => {
        if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE')) throw error
      })
    },
  }
}

/** One GET of a process: its answer, or an error. */
export type Reach = (at: Endpoint, namespace: string, path?: string) => Promise<string>

/** Straight to the pod: this machine's own node, where each address is ours. */
export const direct = (): { reach: Reach; close(): Promise<void> } => {
  const agent = new Agent({ connect: { timeout: 2_000 }, headersTimeout: 5_000 })
  return {
    reach: async ({ address }, _namespace, path = '/') => {
      const answer = await request(`http://${address}:5000${path}`, { dispatcher: agent })
      const text = await answer.body.text()
      if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${text}`)
      return text.trim()
    },
    close: () => agent.destroy(),
  }
}

/** Through the API server: a cluster whose pods this machine cannot reach. */
export const proxied = (kube: Api): Reach => async ({ pod }, namespace, path = '/') =>
  (await kube.text(`/api/v1/namespaces/${namespace}/pods/${pod}:5000/proxy${path}`)).trim()

/** What a client got, request by request. */
export interface Traffic {
  /** Release ids in the order in which they were first, and again after another, answered. */
  readonly releases: string[]
  readonly failures: string[]
  answered(): number
  end(): Promise<void>
}

/** A client that asks again and again, whichever process its endpoints name at that moment, two requests at a time, and repeats none. */
export const startTraffic = (endpoints: Endpoints, reach: Reach, namespace: string): Traffic => {
  const [releases, failures]: [string[], string[]] = [[], []]
  const stop = new AbortController()
  let [answered, next] = [0, 0]
  const ask = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const ready = endpoints.ready()
      const at = ready[next++ % Math.max(1, ready.length)]
      try {
        if (at === undefined) throw new Error('no endpoint is ready')
        const [release = ''] = (await reach(at, namespace)).split(' ')
        answered++
        if (!releases.includes(release)) releases.push(release)
      } catch (error) {
        failures.push(`${new Date().toISOString()} ${at?.pod ?? ''}: ${error instanceof Error ? error.message : String(error)}`)
      }
      await pause(10)
    }
  }
  const asking = Promise.all([ask(), ask()])
  return {
    releases, failures, answered: () => answered,
    end: async () => {
      stop.abort()
      await asking
    },
  }
}
