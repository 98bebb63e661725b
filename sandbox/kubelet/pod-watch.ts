import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { Api } from './api.ts'
import { ApiFailure } from './api.ts'
import { retryPause } from './persist.ts'
import type { WirePod } from './wire-pod.ts'
import { podSchema } from './wire-pod.ts'

const listSchema = z.looseObject({ metadata: z.looseObject({ resourceVersion: z.string() }), items: z.array(podSchema) })
const frameSchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED']), object: podSchema }),
  z.looseObject({ type: z.literal('BOOKMARK'), object: z.looseObject({ metadata: z.looseObject({ resourceVersion: z.string() }) }) }),
  z.looseObject({ type: z.literal('ERROR'), object: z.looseObject({ code: z.number().optional(), message: z.string().optional() }) }),
])

/** Follows the pods of one node until the signal aborts; whatever breaks, it lists anew. */
export interface PodWatch {
  /** Called with every version seen, and with `undefined` once a pod is gone. */
  onPod(uid: string, pod: WirePod | undefined): void
  /** Called after each complete list. */
  onListed(): void
  log(line: string): void
}

export const watchPods = async (api: Api, nodeName: string, follow: PodWatch, signal: AbortSignal): Promise<void> => {
  const query = `fieldSelector=${encodeURIComponent(`spec.nodeName=${nodeName}`)}`
  const known = new Set<string>()
  let failures = 0

  const list = async (): Promise<string> => {
    const { items, metadata } = listSchema.parse(await api.get(`/api/v1/pods?${query}`))
    const gone = new Set(known)
    for (const pod of items) {
      gone.delete(pod.metadata.uid)
      known.add(pod.metadata.uid)
      follow.onPod(pod.metadata.uid, pod)
    }
    for (const uid of gone) {
      known.delete(uid)
      follow.onPod(uid, undefined)
    }
    follow.onListed()
    return metadata.resourceVersion
  }

  const watch = async (from: string): Promise<string> => {
    let version = from
    const path = `/api/v1/pods?${query}&watch=true&allowWatchBookmarks=true&timeoutSeconds=240&resourceVersion=${encodeURIComponent(version)}`
    for await (const raw of api.watch(path, signal)) {
      const frame = frameSchema.parse(raw)
      if (frame.type === 'ERROR') throw new ApiFailure(frame.object.code ?? 500, frame.object.message ?? 'the watch failed')
      failures = 0
      version = frame.object.metadata.resourceVersion
      if (frame.type === 'BOOKMARK') continue
      const { uid } = frame.object.metadata
      if (frame.type === 'DELETED') known.delete(uid)
      else known.add(uid)
      follow.onPod(uid, frame.type === 'DELETED' ? undefined : frame.object)
    }
    return version
  }

  while (!signal.aborted) {
    try {
      let version = await list()
      failures = 0
      while (!signal.aborted) version = await watch(version)
    } catch (error) {
      if (signal.aborted) return
      follow.log(`pods of ${nodeName}: ${error instanceof Error ? error.message : String(error)}`)
      await pause(retryPause(failures++), undefined, { signal, ref: true }).catch((reason: unknown) => {
        if (!signal.aborted) throw reason
      })
    }
  }
}
