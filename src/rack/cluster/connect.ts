import { ClusterRefusal } from './cluster-error.ts'
import { isRecord } from '../is-record.ts'
import { openCache, type ClusterView } from './cache.ts'
import { objectClient, type ObjectClient } from './objects.ts'
import { readLog, type LogQuery } from './read-log.ts'
import { loadKubeConfig } from './credentials.ts'
import { missingRights } from './review-rights.ts'
import type { MissingRight, SecretPlace } from './rights.ts'
import { openSession, type ClusterSession } from './session.ts'

/** Everything a rack needs of its cluster, over one session. */
export interface Cluster {
  readonly session: ClusterSession
  readonly objects: ObjectClient
  readonly view: ClusterView
  readLog(query: LogQuery): Promise<string | null>
  /** The name by which the cluster knows us; null when it does not tell. */
  whoAmI(): Promise<string | null>
  /** What of the rights we use is not given to us, see review-rights.ts. */
  missingRights(namespace: string | null): Promise<readonly MissingRight[]>
  close(): Promise<void>
}

/** `status.userInfo.username` of a SelfSubjectReview. */
const usernameOf = (review: unknown): string | null => {
  const field = (value: unknown, name: string): unknown => (isRecord(value) ? value[name] : undefined)
  const name = field(field(field(review, 'status'), 'userInfo'), 'username')
  return typeof name === 'string' && name !== '' ? name : null
}

/** 1.30 brought `preStop.sleep`, which every process of ours has (design 8). */
const leastMinor = 30

/** The cluster is too old to run what we render; named at start, exit code 78. */
export class OldClusterError extends Error {
  constructor(version: string) {
    super(`this cluster runs Kubernetes ${version}; Slipway needs 1.${leastMinor} or newer (preStop.sleep)`)
    this.name = 'OldClusterError'
  }
}

/** The server's version in words; throws `OldClusterError`. */
export const requireVersion = async (session: ClusterSession): Promise<string> => {
  const answer = await session.request({ method: 'GET', path: '/version', timeout: 5_000 })
  const record = isRecord(answer) ? answer : {}
  const [major, minor] = ['major', 'minor'].map((field) => Number.parseInt(String(record[field] ?? ''), 10))
  if (major === undefined || minor === undefined || Number.isNaN(major) || Number.isNaN(minor)) throw new Error('the cluster does not tell its version')
  if (major < 1 || (major === 1 && minor < leastMinor)) throw new OldClusterError(`${major}.${minor}`)
  return `${major}.${minor}`
}

/** Connects and starts watching; nothing is awaited: a cluster that is away is blindness, not an error. */
export const connectCluster = (options: {
  kubeconfig: string | null; kubeconfigPath?: string | null; context?: string | null; pullSecret?: SecretPlace | null; namespacePrefix: string; clock: () => Date
  log: (what: string, trouble: string) => void
}): Cluster => {
  const stop = new AbortController()
  const session = openSession(() => loadKubeConfig(options.kubeconfig, options.context ?? null, options.kubeconfigPath ?? null), { clock: options.clock, onRenewed: (why) => options.log('session', why) })
  const view = openCache(session, { namespacePrefix: options.namespacePrefix, clock: options.clock, signal: stop.signal, log: options.log })
  return {
    session, view, objects: objectClient(session),
    readLog: (query) => readLog(session, query),
    whoAmI: async () => {
      try {
        return usernameOf(await session.request({ method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' } }))
      } catch (error) {
        if (error instanceof ClusterRefusal && error.status === 404) return null
        throw error
      }
    },
    missingRights: (namespace) => missingRights(session, namespace, options.pullSecret),
    close: async () => {
      stop.abort()
      await session.close()
    },
  }
}
