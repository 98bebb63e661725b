import { z } from 'zod'
import type { Api } from '../../sandbox/kubelet/api.ts'

const kinds = { deployments: '/apis/apps/v1', replicasets: '/apis/apps/v1', pods: '/api/v1', events: '/api/v1' } as const
export type WitnessedKind = keyof typeof kinds

const owned = z.looseObject({ name: z.string() })
const objectSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string(), uid: z.string().optional(), ownerReferences: z.array(owned).optional(), labels: z.record(z.string(), z.string()).optional() }),
})
export type Witnessed = z.infer<typeof objectSchema>
const frameSchema = z.looseObject({ type: z.string(), object: objectSchema })

/** One change as the API server told it. */
export interface Sight { readonly kind: WitnessedKind; readonly type: string; readonly object: Witnessed }

/** Everything that happened in a namespace from its first minute. */
export interface Witness { readonly sights: readonly Sight[]; end(): Promise<void> }

/** Watches one namespace, which need not exist yet. */
export const witness = (kube: Api, namespace: string): Witness => {
  const sights: Sight[] = []
  const stop = new AbortController()
  const follow = async (kind: WitnessedKind): Promise<void> => {
    for await (const raw of kube.watch(`${kinds[kind]}/namespaces/${namespace}/${kind}?watch=true&resourceVersion=0`, stop.signal)) {
      const { type, object } = frameSchema.parse(raw)
      sights.push({ kind, type, object })
    }
    if (!stop.signal.aborted) throw new Error(`the watch of ${kind} in ${namespace} ended`)
  }
  const following = Promise.all([follow('deployments'), follow('replicasets'), follow('pods'), follow('events')])
  // Told by end(); without this a watch that fails in the middle would end the whole run.
  following.catch(() => undefined)
  return {
    sights,
    end: async () => {
      stop.abort()
      await following
    },
  }
}
