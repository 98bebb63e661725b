import { web } from '../corpus/manifests.ts'

/** What is promoted over a good release, and how it is to end. */
export interface BenchClass {
  readonly name: string
  readonly tag: string
  readonly manifest: string
  readonly stability?: string
  readonly ends: 'rolled_back' | 'succeeded'
}

const plain = web()
const failing = (name: string, tag: string, manifest = plain, more: Partial<BenchClass> = {}): BenchClass => ({ name, tag, manifest, ends: 'rolled_back', ...more })

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
  failing('init fails', 'initfails'),
  failing('never ready', 'notready'),
  failing('ready then exits', 'flap', plain, { stability: '40s' }),
  failing('liveness', 'liveness', web({ more: ['liveness: {path: /live, grace: 1, interval: 2, timeout: 1, failureThreshold: 2}'] }), { stability: '60s' }),
]
