import { z } from 'zod'
import { ApiFailure, type Api } from '../../sandbox/kubelet/api.ts'

const kinds = { deployments: '/apis/apps/v1', replicasets: '/apis/apps/v1', pods: '/api/v1', events: '/api/v1' } as const
export type RecordedKind = keyof typeof kinds

const objectSchema = z.looseObject({ metadata: z.looseObject({ namespace: z.string().optional(), name: z.string(), uid: z.string(), resourceVersion: z.string().optional() }) })
export type Recorded = z.infer<typeof objectSchema>
const frameSchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED']), object: objectSchema }),
  // The API server is slow to answer, restarts, or has forgotten so old a version.
  z.looseObject({ type: z.literal('ERROR') }),
])

/** One change as the API server told it; `at` is our clock (ms since the epoch). What was there at the beginning comes first. */
export interface Frame {
  readonly at: number
  readonly kind: RecordedKind
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: Recorded
  /** It was there already. */
  readonly listed?: true
}

/** Watches a whole cluster and keeps, by namespace, what happens between `begin` and `end`. */
export interface Recorder {
  begin(namespace: string): void
  /** Everything since `begin`; nothing is kept any more. */
  end(namespace: string): readonly Frame[]
  close(): Promise<void>
}

/** Four watches for all of them. A watch that ends, or whose API server goes away, goes on where it was; what is repeated is kept once. */
export const startRecorder = async (kube: Api): Promise<Recorder> => {
  const stop = new AbortController()
  const live = new Map<string, { kind: RecordedKind; object: Recorded }>()
  const kept = new Map<string, Frame[]>()
  /** The resourceVersion from which each kind goes on; 0: from what is there. */
  const seen: Record<RecordedKind, string> = { deployments: '0', replicasets: '0', pods: '0', events: '0' }
  const follow = async (kind: RecordedKind): Promise<void> => {
    for await (const raw of kube.watch(`${kinds[kind]}/${kind}?watch=true&resourceVersion=${seen[kind]}`, stop.signal)) {
      const frame = frameSchema.parse(raw)
      if (frame.type === 'ERROR') {
        seen[kind] = '0'
        return
      }
      const { type, object } = frame
      const key = `${kind}/${object.metadata.uid}`
      const repeated = type !== 'DELETED' && live.get(key)?.object.metadata.resourceVersion === object.metadata.resourceVersion
      if (type === 'DELETED') live.delete(key)
      else live.set(key, { kind, object })
      if (!repeated) kept.get(object.metadata.namespace ?? '')?.push({ at: Date.now(), kind, type, object })
      seen[kind] = object.metadata.resourceVersion ?? '0'
    }
  }
  const followAlways = async (kind: RecordedKind): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        await follow(kind)
      } catch (error) {
        if (error instanceof z.ZodError) throw error
        if (error instanceof ApiFailure && error.code === 410) seen[kind] = '0'
      }
      if (!stop.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  const following = Promise.all([followAlways('deployments'), followAlways('replicasets'), followAlways('pods'), followAlways('events')])
  // Told by close(); without this a frame that is none would end the whole run.
  following.catch(() => undefined)
  return {
    begin: (namespace) => {
      const there = [...live.values()].filter(({ kind, object }) => kind !== 'events' && object.metadata.namespace === namespace)
      kept.set(namespace, there.map(({ kind, object }) => ({ at: Date.now(), kind, type: 'ADDED', object, listed: true })))
    },
    end: (namespace) => {
      const frames = kept.get(namespace) ?? []
      kept.delete(namespace)
      return frames
    },
    close: async () => {
      stop.abort()
      await following
    },
  }
}
