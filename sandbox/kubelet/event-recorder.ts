import type { Api } from './api.ts'
import { ApiFailure } from './api.ts'
import { timestamp } from './clock.ts'
import type { PodEvent } from './host.ts'
import { persist } from './persist.ts'
import type { WirePod } from './wire-pod.ts'

/** Writes events as client-go's recorder does: the same event again raises `count` and `lastTimestamp` of the first. */
export interface EventRecorder {
  record(pod: WirePod, event: PodEvent): void
  /** Forgets a pod that is gone. */
  forget(uid: string): void
  /** Waits for what is on its way. */
  settled(): Promise<void>
}

/** client-go's spam filter: this many events at once per pod, then one in five minutes. */
const burst = 25
const refill = 300_000

interface Known {
  name: string
  count: number
}

export const eventRecorder = (api: Api, nodeName: string, now: () => number, signal: AbortSignal, log: (line: string) => void): EventRecorder => {
  const known = new Map<string, Known>()
  const budgets = new Map<string, { left: number; at: number }>()
  const queues = new Map<string, Promise<void>>()
  let serial = 0

  const allowed = (uid: string): boolean => {
    const budget = budgets.get(uid) ?? { left: burst, at: now() }
    const left = Math.min(burst, budget.left + (now() - budget.at) / refill)
    budgets.set(uid, { left: left >= 1 ? left - 1 : left, at: now() })
    return left >= 1
  }

  const write = async (pod: WirePod, event: PodEvent, key: string, at: string, time: number): Promise<void> => {
    const { namespace, name, uid, resourceVersion } = pod.metadata
    const path = `/api/v1/namespaces/${namespace}/events`
    const before = known.get(key)
    if (before !== undefined) {
      try {
        before.count += 1
        await persist(() => api.patch(`${path}/${before.name}`, { count: before.count, lastTimestamp: at }), signal)
        return
      } catch (error) {
        // Expired in the meantime: written anew below.
        if (!(error instanceof ApiFailure) || error.code !== 404) throw error
      }
    }
    const fieldPath =
      event.container === undefined ? {} : { fieldPath: `spec.${event.container.init ? 'initContainers' : 'containers'}{${event.container.name}}` }
    // client-go names an event by its time in nanoseconds; a serial number keeps two of one millisecond apart.
    const suffix = (BigInt(time) * 1_000_000n + BigInt(serial++ % 1_000_000)).toString(16)
    const body = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.${suffix}`, namespace },
      involvedObject: { kind: 'Pod', namespace, name, uid, apiVersion: 'v1', resourceVersion, ...fieldPath },
      reason: event.reason,
      message: event.message,
      source: { component: 'kubelet', host: nodeName },
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
      type: event.type,
      reportingComponent: 'kubelet',
      reportingInstance: nodeName,
    }
    try {
      await persist(() => api.post(path, body), signal)
    } catch (error) {
      // The answer to an earlier try was lost: the event is there.
      if (!(error instanceof ApiFailure) || error.code !== 409) throw error
    }
    known.set(key, { name: body.metadata.name, count: 1 })
  }

  return {
    record: (pod, event) => {
      const { uid } = pod.metadata
      if (!allowed(uid)) return
      const key = JSON.stringify([uid, event.container?.name, event.type, event.reason, event.message])
      const at = timestamp(now())
      const time = Date.now()
      const queue = (queues.get(uid) ?? Promise.resolve())
        .then(() => write(pod, event, key, at, time))
        .catch((error: unknown) => {
          if (!signal.aborted) log(`event ${event.reason} of ${pod.metadata.name}: ${error instanceof Error ? error.message : String(error)}`)
        })
      queues.set(uid, queue)
    },
    forget: (uid) => {
      for (const key of known.keys()) if (key.startsWith(JSON.stringify([uid]).slice(0, -1))) known.delete(key)
      budgets.delete(uid)
      queues.delete(uid)
    },
    settled: async () => void (await Promise.all(queues.values())),
  }
}
