import { isDeepStrictEqual } from 'node:util'
import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseCronJob, parseJob } from '../rollout/decode-batch.ts'
import { parseNamespace, parseNode } from '../rollout/decode-node.ts'
import { parseDaemonSet, parseDeployment, parseEvent, parsePod, parseReplicaSet } from '../rollout/decode.ts'
import type { CronJobFacts, DaemonSetFacts, DeploymentFacts, EventFacts, JobFacts, NamespaceState, NodeFacts, PodFacts, ReplicaSetFacts } from '../rollout/facts.ts'
import { rememberDaemonSet, rememberDeployment, rememberJob, rememberReplicaSet } from '../rollout/remember-workload.ts'
import { rememberPod } from '../rollout/remember.ts'
import { keeper, type Keeper, type Place } from './keeper.ts'
import { startListWatch, type ListWatch, type WatchListener } from './list-watch.ts'
import type { PlainObject } from './objects.ts'
import type { ClusterSession } from './session.ts'
import { createSightLog } from './sight-log.ts'

/** What the watch shows of one namespace now. */
export interface NamespaceFacts {
  readonly deployments: readonly DeploymentFacts[]
  readonly replicaSets: readonly ReplicaSetFacts[]
  readonly pods: readonly PodFacts[]
  readonly events: readonly EventFacts[]
  readonly daemonSets: readonly DaemonSetFacts[]
  readonly cronJobs: readonly CronJobFacts[]
  readonly jobs: readonly JobFacts[]
  /** Of the whole cluster. */
  readonly nodes: readonly NodeFacts[]
  /** The one that was asked for, or none. */
  readonly namespaces: readonly NamespaceState[]
}

/** A kind the cluster does not let us see, and its words. */
export interface UnseenKind { readonly kind: string; readonly why: string }

/** The shared view of one rack's cluster: judge, cards and `ps` read it, none of them asks the cluster. */
export interface ClusterView {
  facts(namespace: string): NamespaceFacts
  /** Called after every change in the namespace, and when the view goes blind or sees again. Returns a way to stop. */
  subscribe(namespace: string, callback: (event?: EventFacts) => void): () => void
  /** Called when the view goes blind or sees again. Returns a way to stop. */
  onSight(callback: () => void): () => void
  /** Null while everything is seen, else since when it is not. */
  blindSince(): Date | null
  /** Milliseconds since then in which not everything was seen. */
  blindFor(since: Date): number
  /** True when the facts were confirmed a moment ago: something came over the connection that brings them. */
  confirmed(): boolean
  /** Asks the cluster for a sign of life, one request for everybody; false when there is none, and the view is blind then. What it sent before has arrived. */
  confirm(): Promise<boolean>
  /** Why it is blind, for the log and `/readyz`. */
  trouble(): string | null
  /** Kinds that only explain and may not be seen. */
  unseen(): readonly UnseenKind[]
}

/**
 * Events kept per namespace: they explain, and the cluster itself forgets them after an hour. While somebody listens; then, of hundreds of apps at rest, no
 * more than what a first write can cause before its watcher listens.
 */
const keptEvents = { listening: 500, resting: 150 } as const
/** Milliseconds: younger facts need no confirmation. An event is looked at some 20 ms after it came. */
const momentAgo = 500
/** Milliseconds in which a watch that was opened again brings what it had missed. */
const arrival = 100
/** The largest annotation there is, and of no use to anybody here. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** What lives in no namespace. */
const ofCluster = ({ uid }: { readonly uid: string }): Place => ({ uid, namespace: '' })
const ofMeta = (facts: { meta: Place }): Place => facts.meta
const same = <T>(_before: T | undefined, next: T): T => next

const lean = (object: PlainObject): PlainObject => {
  const annotations = object.metadata.annotations
  if (annotations?.[lastApplied] === undefined) return object
  return { ...object, metadata: { ...object.metadata, annotations: Object.fromEntries(Object.entries(annotations).filter(([name]) => name !== lastApplied)) } }
}

interface CacheOptions {
  readonly namespacePrefix: string
  /** One that no wall clock moves: what was seen when decides verdicts. */
  readonly clock: () => Date
  readonly signal: AbortSignal
  /** Hears when a kind cannot be seen. */
  readonly log: (kind: string, trouble: string) => void
}

/** Starts one list+watch per kind, cluster-wide, and keeps what is in this rack's namespaces. Stops with `signal`. */
export const openCache = (session: ClusterSession, options: CacheOptions): ClusterView => {
  const subscribers = new Map<string, Set<(event?: EventFacts) => void>>()
  const deployments = keeper<DeploymentFacts>(ofMeta, (before, next) => rememberDeployment(before, next, options.clock()))
  const replicaSets = keeper<ReplicaSetFacts>(ofMeta, (before, next) => rememberReplicaSet(before, next, options.clock()))
  const pods = keeper<PodFacts>(ofMeta, (before, next) => rememberPod(before, next, options.clock()))
  const events = keeper<EventFacts>((event) => event, same, (namespace) => (subscribers.has(namespace) ? keptEvents.listening : keptEvents.resting))
  const daemonSets = keeper<DaemonSetFacts>(ofMeta, (before, next) => rememberDaemonSet(before, next, options.clock()))
  const cronJobs = keeper<CronJobFacts>(ofMeta, same)
  const jobs = keeper<JobFacts>(ofMeta, (before, next) => rememberJob(before, next, options.clock()))
  const nodes = keeper<NodeFacts>(ofCluster, same)
  const namespaces = keeper<NamespaceState>(ofCluster, same)

  const sightListeners = new Set<() => void>()
  const tell = (namespace: string, event?: EventFacts): void => {
    for (const callback of subscribers.get(namespace) ?? []) callback(event)
  }
  const tellAll = (): void => {
    for (const namespace of subscribers.keys()) tell(namespace)
  }
  const isOurs = (object: PlainObject): boolean => object.metadata.namespace?.startsWith(options.namespacePrefix) === true

  /** Of what belongs to no namespace everybody hears. */
  const tellAbout = (place: Place, event?: EventFacts): void => (place.namespace === '' ? tellAll() : tell(place.namespace, event))
  const listen = <T>(
    kept: Keeper<T>, parse: (raw: unknown) => T | undefined, placeOf: (fact: T) => Place,
    { wanted = isOurs, eventOf = () => undefined }: { readonly wanted?: (object: PlainObject) => boolean; readonly eventOf?: (fact: T) => EventFacts | undefined } = {},
  ): WatchListener<T> => ({
    decode: (object) => (wanted(object) ? parse(lean(object)) : undefined),
    reset: (facts) => {
      kept.keepOnly(facts)
      for (const fact of facts) {
        // What happened while nobody watched belongs in the threads too; who hears it twice knows it by its key.
        const event = eventOf(kept.put(fact))
        if (event !== undefined) tell(event.namespace, event)
      }
      tellAll()
    },
    changed: (fact) => {
      const place = placeOf(fact)
      const before = kept.at(place)
      const next = kept.put(fact)
      // Every node writes its status every few minutes, and everybody would judge again.
      if (place.namespace !== '' || !isDeepStrictEqual(before, next)) tellAbout(place, eventOf(next))
    },
    deleted: (last) => {
      kept.remove(last)
      tellAbout(placeOf(last))
    },
  })

  const watches: { readonly kind: string; readonly watch: ListWatch }[] = []
  let seeing = false
  const sights = createSightLog(options.clock())
  const blindSince = (): Date | null => {
    const since = [session.silentSince(), ...watches.map(({ watch }) => watch.blindSince())].filter((at): at is Date => at !== null)
    return since.length === 0 ? null : new Date(Math.min(...since.map((at) => at.getTime())))
  }
  const onSight = (): void => {
    const now = blindSince() === null
    if (now === seeing) return
    seeing = now
    if (seeing) sights.sees(options.clock())
    else sights.wentBlind(blindSince() ?? options.clock())
    for (const listener of sightListeners) listener()
    tellAll()
  }
  // Every watch, and every list before it, listens for the end.
  setMaxListeners(0, options.signal)
  options.signal.addEventListener('abort', session.onSilence(onSight), { once: true })

  const start = <T>(apiVersion: string, kind: string, listener: WatchListener<T>, how: 'needed' | 'optional'): void => {
    const watch = startListWatch(session, { apiVersion, kind }, listener, {
      signal: options.signal, clock: options.clock, onSight, optional: how === 'optional', log: (trouble) => options.log(kind, trouble),
    })
    watches.push({ kind, watch })
  }
  start('apps/v1', 'Deployment', listen(deployments, parseDeployment, ofMeta), 'needed')
  start('apps/v1', 'ReplicaSet', listen(replicaSets, parseReplicaSet, ofMeta), 'needed')
  start('v1', 'Pod', listen(pods, parsePod, ofMeta), 'needed')
  start('v1', 'Event', listen(events, parseEvent, (event) => event, { eventOf: (event) => event }), 'optional')
  start('apps/v1', 'DaemonSet', listen(daemonSets, parseDaemonSet, ofMeta), 'needed')
  start('batch/v1', 'CronJob', listen(cronJobs, parseCronJob, ofMeta), 'needed')
  start('batch/v1', 'Job', listen(jobs, parseJob, ofMeta), 'needed')
  // Without these nothing is excused by its node, and a namespace on its way out is only seen by what goes with it.
  start('v1', 'Node', listen(nodes, parseNode, ofCluster, { wanted: () => true }), 'optional')
  start('v1', 'Namespace', listen(namespaces, parseNamespace, ofCluster, { wanted: (object) => object.metadata.name.startsWith(options.namespacePrefix) }), 'optional')

  let confirming: Promise<boolean> | null = null
  const confirm = async (): Promise<boolean> => {
    const alive = await session.confirm()
    // An answer on another connection does not vouch for those of the watches: they are opened anew, and bring what they missed.
    if (alive && !session.oneConnection()) {
      await Promise.all(watches.map(({ watch }) => watch.reopen()))
      await sleep(arrival)
    }
    return alive
  }

  return {
    facts: (namespace) => ({
      deployments: deployments.of(namespace), replicaSets: replicaSets.of(namespace), pods: pods.of(namespace), events: events.of(namespace),
      daemonSets: daemonSets.of(namespace), cronJobs: cronJobs.of(namespace), jobs: jobs.of(namespace),
      nodes: nodes.of(''), namespaces: namespaces.of('').filter(({ name }) => name === namespace),
    }),
    subscribe: (namespace, callback) => {
      const there = subscribers.get(namespace) ?? new Set()
      subscribers.set(namespace, there)
      there.add(callback)
      return () => {
        there.delete(callback)
        if (there.size > 0) return
        subscribers.delete(namespace)
        events.trim(namespace)
      }
    },
    onSight: (callback) => {
      sightListeners.add(callback)
      return () => void sightListeners.delete(callback)
    },
    blindSince,
    blindFor: (since) => sights.blindFor(since, options.clock()),
    confirmed: () => session.oneConnection() && session.heardWithin(momentAgo),
    confirm: () => {
      confirming ??= confirm().finally(() => {
        confirming = null
      })
      return confirming
    },
    trouble: () => watches.map(({ watch }) => watch.trouble()).find((trouble) => trouble !== null) ?? null,
    unseen: () => watches.flatMap(({ kind, watch }) => {
      const why = watch.denied()
      return why === null ? [] : [{ kind, why }]
    }),
  }
}
