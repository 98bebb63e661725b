import { Failure } from '../failure.ts'
import { numberAt, type JsonMap } from '../json.ts'
import { microTimestamp, namespaceOf, timestamp, type KubeObject } from '../object.ts'
import { resourceNamed } from '../resources.ts'
import type { Api } from '../api/api.ts'
import type { Store } from '../store.ts'

// k8s.io/client-go tools/record/events_cache.go: ten similar events in ten minutes become one; 25 per object at once, then one in five minutes.
const similarLimit = 10
const similarWindow = 600_000
const burst = 25
const refill = 300_000

export interface Recorder {
  event(about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void
}

const events = resourceNamed('events')

const reference = (about: KubeObject): JsonMap => ({
  kind: about.kind,
  ...(about.metadata.namespace !== undefined && { namespace: about.metadata.namespace }),
  name: about.metadata.name,
  uid: about.metadata.uid,
  apiVersion: about.apiVersion,
  resourceVersion: about.metadata.resourceVersion,
})

/** `<object>.<nanoseconds in hex>`, unlike any before. */
export const createEventNames = (now: () => number): ((name: string) => string) => {
  let last = 0n
  return (name) => {
    const wanted = BigInt(now()) * 1_000_000n
    last = wanted > last ? wanted : last + 1n
    return `${name}.${last.toString(16)}`
  }
}

/** A write of an event that the API refuses (its namespace is going) is dropped, as real recorders do. */
const tolerant = (write: () => void): void => {
  try {
    write()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
  }
}

/** The event recorder of one controller (the older API: counts and timestamps). */
export const createRecorder = (api: Api, store: Store, component: string, now: () => number, eventName: (name: string) => string): Recorder => {
  const known = new Map<string, string>()
  const groups = new Map<string, { messages: Set<string>; last: number }>()
  const buckets = new Map<string, { tokens: number; at: number }>()

  const allowed = (uid: string): boolean => {
    const bucket = buckets.get(uid) ?? { tokens: burst, at: now() }
    bucket.tokens = Math.min(burst, bucket.tokens + (now() - bucket.at) / refill)
    bucket.at = now()
    buckets.set(uid, bucket)
    if (bucket.tokens < 1) return false
    bucket.tokens -= 1
    return true
  }

  return {
    event: (about, type, reason, message) => {
      const group = `${about.metadata.uid} ${type} ${reason}`
      const similar = groups.get(group)
      const record = similar && now() - similar.last <= similarWindow ? similar : { messages: new Set<string>(), last: 0 }
      record.last = now()
      record.messages.add(message)
      groups.set(group, record)
      const combined = record.messages.size >= similarLimit
      const text = combined ? `(combined from similar events): ${message}` : message
      const key = combined ? group : `${group} ${message}`
      if (!allowed(about.metadata.uid)) return
      const namespace = namespaceOf(about) || 'default'
      const name = known.get(key)
      const before = name === undefined ? undefined : store.get('events', namespace, name)
      tolerant(() => {
        if (before) {
          const count = (numberAt(before, 'count') ?? 1) + 1
          api.patch(events, namespace, before.metadata.name, { kind: 'merge', body: { count, lastTimestamp: timestamp(now()), message: text } }, { manager: 'kube-controller-manager' })
          return
        }
        const fresh = eventName(about.metadata.name)
        known.set(key, fresh)
        api.create(
          events,
          namespace,
          {
            metadata: { name: fresh, namespace },
            involvedObject: reference(about),
            reason,
            message: text,
            source: { component },
            firstTimestamp: timestamp(now()),
            lastTimestamp: timestamp(now()),
            count: 1,
            type,
            eventTime: null,
            reportingComponent: combined ? '' : component,
            reportingInstance: '',
          },
          { manager: 'kube-controller-manager' },
        )
      })
    },
  }
}

/** The scheduler's recorder (the newer API: eventTime, action, series). A repetition is told by the version of the pod it is about. */
export const createSchedulerRecorder = (api: Api, store: Store, now: () => number, eventName: (name: string) => string) => {
  const known = new Map<string, string>()
  return {
    event: (about: KubeObject, type: 'Normal' | 'Warning', reason: string, action: string, message: string): void => {
      const namespace = namespaceOf(about)
      const key = `${about.metadata.uid} ${about.metadata.resourceVersion} ${type} ${reason} ${action}`
      const name = known.get(key)
      const before = name === undefined ? undefined : store.get('events', namespace, name)
      tolerant(() => {
        if (before) {
          const series = { count: (numberAt(before, 'series', 'count') ?? 1) + 1, lastObservedTime: microTimestamp(now()) }
          api.patch(events, namespace, before.metadata.name, { kind: 'merge', body: { series } }, { manager: 'kube-scheduler' })
          return
        }
        const fresh = eventName(about.metadata.name)
        known.set(key, fresh)
        api.create(
          events,
          namespace,
          {
            metadata: { name: fresh, namespace },
            involvedObject: reference(about),
            reason,
            message,
            source: {},
            firstTimestamp: null,
            lastTimestamp: null,
            type,
            eventTime: microTimestamp(now()),
            action,
            reportingComponent: 'default-scheduler',
            reportingInstance: 'default-scheduler-sandbox',
          },
          { manager: 'kube-scheduler' },
        )
      })
    },
  }
}
