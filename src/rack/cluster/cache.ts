import type { DeploymentFacts, EventFacts, PodFacts, ReplicaSetFacts } from '../rollout/facts.ts'
import { parseDeployment, parseEvent, parsePod, parseReplicaSet } from '../rollout/facts.ts'
import { rememberPod, rememberReplicaSet } from '../rollout/remember.ts'
import { startListWatch, type ListWatch, type WatchListener } from './list-watch.ts'
import type { PlainObject } from './objects.ts'
import type { ClusterSession } from './session.ts'

/** What the watch shows of one namespace now. */
export interface NamespaceFacts {
  readonly deployments: readonly DeploymentFacts[]
  readonly replicaSets: readonly ReplicaSetFacts[]
  readonly pods: readonly PodFacts[]
  readonly events: readonly EventFacts[]
}

/** The shared view of one rack's cluster: judge, cards and `ps` read it, none of them asks the cluster. */
export interface ClusterView {
  facts(namespace: string): NamespaceFacts
  /** Called after every change in the namespace, and when the view goes blind or sees again. Returns a way to stop. */
  subscribe(namespace: string, callback: (event?: EventFacts) => void): () => void
  /** Null while everything is seen, else since when it is not. */
  blindSince(): Date | null
  /** Why, for the log and `/readyz`. */
  trouble(): string | null
}

interface Facts { readonly uid: string; readonly namespace: string }
interface Keeper<T> { readonly byNamespace: Map<string, Map<string, T>> }

/** Events kept per namespace: they explain, and the cluster itself forgets them after an hour. */
const keptEvents = 500

const keeper = <T>(): Keeper<T> => ({ byNamespace: new Map() })
const all = <T>(kept: Keeper<T>, namespace: string): T[] => [...(kept.byNamespace.get(namespace)?.values() ?? [])]

/**
 * Starts one list+watch per kind, cluster-wide, and keeps what is in this rack's namespaces. Stops with `signal`.
 * `log` hears when a kind cannot be seen.
 */
export const openCache = (
  session: ClusterSession, options: { namespacePrefix: string; clock: () => Date; signal: AbortSignal; log: (kind: string, trouble: string) => void },
): ClusterView => {
  const deployments = keeper<DeploymentFacts>()
  const replicaSets = keeper<ReplicaSetFacts>()
  const pods = keeper<PodFacts>()
  const events = keeper<EventFacts>()
  const subscribers = new Map<string, Set<(event?: EventFacts) => void>>()
  const tell = (namespace: string, event?: EventFacts): void => {
    for (const callback of subscribers.get(namespace) ?? []) callback(event)
  }
  const tellAll = (): void => {
    for (const namespace of subscribers.keys()) tell(namespace)
  }
  const isOurs = (object: PlainObject): boolean => object.metadata.namespace?.startsWith(options.namespacePrefix) === true

  const listenerFor = <T extends object>(kept: Keeper<T>, parse: (raw: unknown) => T | undefined, place: (facts: T) => Facts, remember: (before: T | undefined, next: T) => T, most: number): WatchListener => {
    const put = (object: PlainObject): T | undefined => {
      const parsed = parse(object)
      if (parsed === undefined) return undefined
      const { uid, namespace } = place(parsed)
      const there = kept.byNamespace.get(namespace) ?? new Map<string, T>()
      kept.byNamespace.set(namespace, there)
      const next = remember(there.get(uid), parsed)
      there.delete(uid)
      there.set(uid, next)
      const oldest = there.size > most ? there.keys().next() : undefined
      if (oldest?.done === false) there.delete(oldest.value)
      return next
    }
    const drop = (object: PlainObject): void => {
      const there = kept.byNamespace.get(object.metadata.namespace ?? '')
      there?.delete(object.metadata.uid ?? '')
      if (there?.size === 0) kept.byNamespace.delete(object.metadata.namespace ?? '')
    }
    return {
      reset: (objects) => {
        const ours = objects.filter(isOurs)
        const uids = new Set(ours.map((object) => object.metadata.uid))
        for (const [namespace, there] of kept.byNamespace) {
          for (const uid of there.keys()) if (!uids.has(uid)) there.delete(uid)
          if (there.size === 0) kept.byNamespace.delete(namespace)
        }
        for (const object of ours) {
          const next = put(object)
          // What happened while nobody watched belongs in the threads too; who hears it twice knows it by its key.
          if (next !== undefined && isEvent(next)) tell(next.namespace, next)
        }
        tellAll()
      },
      changed: (type, object) => {
        if (!isOurs(object)) return
        const namespace = object.metadata.namespace ?? ''
        if (type === 'DELETED') {
          drop(object)
          tell(namespace)
          return
        }
        const next = put(object)
        tell(namespace, next !== undefined && isEvent(next) ? next : undefined)
      },
    }
  }
  const isEvent = (facts: object): facts is EventFacts => 'kind' in facts && facts.kind === 'Event'
  const ofMeta = (facts: { meta: { uid: string; namespace: string } }): Facts => facts.meta
  const same = <T>(_before: T | undefined, next: T): T => next

  const start = (apiVersion: string, kind: string, listener: WatchListener): ListWatch =>
    startListWatch(session, { apiVersion, kind }, listener, { signal: options.signal, log: (trouble) => {
      options.log(kind, trouble)
      tellAll()
    } })
  const watches: readonly ListWatch[] = [
    start('apps/v1', 'Deployment', listenerFor(deployments, parseDeployment, ofMeta, same, Infinity)),
    start('apps/v1', 'ReplicaSet', listenerFor(replicaSets, parseReplicaSet, ofMeta, (before, next) => rememberReplicaSet(before, next, options.clock()), Infinity)),
    start('v1', 'Pod', listenerFor(pods, parsePod, ofMeta, (before, next) => rememberPod(before, next, options.clock()), Infinity)),
    start('v1', 'Event', listenerFor(events, parseEvent, (facts) => facts, same, keptEvents)),
  ]

  return {
    facts: (namespace) => ({ deployments: all(deployments, namespace), replicaSets: all(replicaSets, namespace), pods: all(pods, namespace), events: all(events, namespace) }),
    subscribe: (namespace, callback) => {
      const there = subscribers.get(namespace) ?? new Set()
      subscribers.set(namespace, there)
      there.add(callback)
      return () => {
        there.delete(callback)
        if (there.size === 0) subscribers.delete(namespace)
      }
    },
    blindSince: () => {
      const since = watches.map((watch) => watch.blindSince()).filter((at): at is Date => at !== null)
      if (session.silent()) since.push(session.lastAnswer())
      return since.length === 0 ? null : new Date(Math.min(...since.map((at) => at.getTime())))
    },
    trouble: () => watches.map((watch) => watch.trouble()).find((trouble) => trouble !== null) ?? null,
  }
}
