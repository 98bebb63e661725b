import type { Api } from '../../sandbox/kubelet/api.ts'
import { manifestOf, web } from '../corpus/manifests.ts'

/** What is promoted over a good release, and how it is to end. */
export interface BenchClass {
  readonly name: string
  readonly tag: string
  readonly manifest: string
  /** What it is promoted with; the one it stood with, where nothing else is said. */
  readonly manifestAfter?: string
  /** Another image for these services. */
  readonly tags?: Readonly<Record<string, string>>
  readonly stability?: string
  readonly deadline?: string
  /** Done in the namespace once the good release stands. */
  readonly spoil?: (kube: Api, namespace: string) => Promise<unknown>
  readonly ends: 'rolled_back' | 'succeeded'
}

const plain = web()
const failing = (name: string, tag: string, manifest = plain, more: Partial<BenchClass> = {}): BenchClass => ({ name, tag, manifest, ends: 'rolled_back', ...more })

/** No old process may go before a new one is there. */
const keepsAll = web({ more: ['deployment: {minimum: 100, maximum: 200}'] })

/** A good start passes at once; a bad one is no failure of the checks for two minutes. */
const tolerant = '{path: /health, interval: 30, grace: 1, timeout: 1}'

const limitPods = (kube: Api, namespace: string): Promise<unknown> =>
  kube.post(`/api/v1/namespaces/${namespace}/resourcequotas`, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'small' }, spec: { hard: { pods: '2' } } })

const refusePods = (kube: Api, namespace: string): Promise<unknown> =>
  kube.patch(`/api/v1/namespaces/${namespace}`, { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } })

/** Failure classes at the speed at which a real kubelet was recorded, and a good one. */
export const classes: readonly BenchClass[] = [
  { name: 'good', tag: '1.4.1', manifest: plain, ends: 'succeeded' },
  failing('crash at once', 'crash'),
  failing('out of memory', 'oom'),
  failing('image not found', 'badimage'),
  failing('image refused', 'denied'),
  failing('bad command', 'badcommand'),
  failing('missing secret', 'missingsecret'),
  failing('missing volume', 'missingvolume'),
  failing('init fails', 'initfails', plain, { manifestAfter: web({ more: ['initContainer: {command: bin/prepare}'] }) }),
  failing('never ready', 'notready'),
  failing('ready then exits', 'flap', plain, { stability: '40s' }),
  failing('liveness', 'liveness', web({ more: ['liveness: {path: /live, grace: 1, interval: 2, timeout: 1, failureThreshold: 2}'] }), { stability: '60s' }),
  failing('image lost', 'later-absent'),
  failing('exit 126', 'exits-126'),
  failing('exit 127', 'exits-127'),
  failing('quota', '1.4.1', keepsAll, { spoil: limitPods }),
  failing('pods refused', '1.4.1', keepsAll, { spoil: refusePods }),
  failing('unschedulable', '1.4.1', plain, { manifestAfter: web({ cpu: 900_000 }) }),
  failing('too few', 'fades', plain, { stability: '60s' }),
  failing('second late', '1.4.1', manifestOf({ web: {}, worker: { health: tolerant } }), { tags: { worker: 'late-crash' } }),
  failing('deadline', 'notready', web({ health: tolerant }), { deadline: '35s' }),
]
