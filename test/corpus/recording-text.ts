import { z } from 'zod'
import type { Frame, Recorded } from './record.ts'

/** What a recording is made of: the two releases, when the promotion began and when it was judged as failed (ms since the epoch). */
export interface Taken {
  readonly frames: readonly Frame[]
  readonly good: string
  readonly next: string
  readonly startedAt: number
  readonly failedAt: number | null
}

/** The second in which every recording begins. */
const beginning = Date.parse('2026-01-01T00:00:00Z')

const pick = (from: unknown, keys: readonly string[]): Record<string, unknown> => {
  const source = z.looseObject({}).safeParse(from).data ?? {}
  return Object.fromEntries(keys.flatMap((key) => (source[key] === undefined ? [] : [[key, source[key]]])))
}

const metadataKeys = ['name', 'namespace', 'uid', 'generation', 'labels', 'ownerReferences', 'creationTimestamp', 'deletionTimestamp']
const annotationKeys = ['deployment.kubernetes.io/revision', 'slipway/crash-restart-limit', 'slipway/progress-deadline']
const specKeys = { deployments: ['replicas', 'paused', 'strategy', 'template'], replicasets: ['replicas', 'template'], pods: ['nodeName'], events: [] } as const
const eventKeys = ['involvedObject', 'type', 'reason', 'message', 'count', 'firstTimestamp', 'lastTimestamp', 'eventTime', 'series']

/** The parts that a judge may look at. */
const slim = (kind: Frame['kind'], object: Recorded): Record<string, unknown> => {
  const annotations = pick(pick(object.metadata, ['annotations'])['annotations'], annotationKeys)
  const metadata = { ...pick(object.metadata, metadataKeys), ...(Object.keys(annotations).length > 0 ? { annotations } : {}) }
  if (kind === 'events') return { metadata, ...pick(object, eventKeys) }
  return { metadata, spec: pick(object['spec'], specKeys[kind]), ...pick(object, ['status']) }
}

/** New words for old ones, numbered in the order in which they come. */
const renumber = (text: string, pattern: RegExp, word: (number: number) => string): string => {
  const known = new Map<string, string>()
  return text.replaceAll(pattern, (found) => {
    const name = known.get(found) ?? word(known.size + 1)
    known.set(found, name)
    return name
  })
}

const namesOf = (frames: readonly Frame[], kind: Frame['kind']): string[] => [...new Set(frames.filter((frame) => frame.kind === kind).map(({ object }) => object.metadata.name))]

/** `web-6d4b75cb6d-hx9kz` -> `web-set1-pod1`, and the template hash with it. */
const renamed = (text: string, frames: readonly Frame[]): string => {
  let out = text
  for (const [index, set] of namesOf(frames, 'replicasets').entries()) {
    const [service = '', hash = ''] = [set.slice(0, set.lastIndexOf('-')), set.slice(set.lastIndexOf('-') + 1)]
    for (const [number, pod] of namesOf(frames, 'pods').filter((name) => name.startsWith(`${set}-`)).entries()) out = out.replaceAll(pod, `${service}-set${index + 1}-pod${number + 1}`)
    out = out.replaceAll(set, `${service}-set${index + 1}`).replaceAll(`"${hash}"`, `"set${index + 1}"`)
  }
  return out
}

const templated = z.looseObject({ spec: z.looseObject({ template: z.looseObject({ metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }) }) }) })

/** When it showed that this release was asked for, from `since` on: the first Deployment that has it. */
const askedFor = (frames: readonly Frame[], release: string, since = 0): number | undefined =>
  frames.find(({ at, kind, object }) => at >= since && kind === 'deployments' && templated.parse(object).spec.template.metadata.labels['release'] === release)?.at

/** When the promotion began. Slipway's clock and the wall clock run apart where that one is being set: it began before what came of it. */
const beganAt = ({ frames, next, startedAt }: Taken): number => Math.min(startedAt, (askedFor(frames, next) ?? Infinity) - 1)

/** When the way back shows. Our own clock's word may come before the event that decided. */
const wayBack = ({ frames, good, failedAt }: Taken): number[] => {
  const at = failedAt === null ? undefined : askedFor(frames, good, failedAt)
  return at === undefined ? [] : [at]
}

/**
 * The recorded watch of one scenario as JSON lines in the form of shared/recordings, with everything replaced that differs from one run to the next:
 * uids, hashes, release ids, ports, and the time of day. What was there before the promotion is of type LISTED.
 */
export const recordingText = (taken: Taken): string => {
  const { frames, good, next } = taken
  const startedAt = beganAt(taken)
  const shift = beginning - Math.floor(startedAt / 1000) * 1000
  const lines = [
    { t: 0, kind: 'note', type: 'PROMOTE', object: {} },
    ...wayBack(taken).map((at) => ({ t: at - startedAt, kind: 'note', type: 'ROLLBACK', object: {} })),
    ...frames.map(({ at, kind, type, object, listed }) => ({ t: at - startedAt, kind, type: listed === true ? 'LISTED' : type, object: slim(kind, object) })),
  ].toSorted((a, b) => a.t - b.t)
  let text = renamed(lines.map((line) => JSON.stringify(line)).join('\n'), frames)
  text = text.replaceAll(good, 'RGOOOOOOOOD').replaceAll(next, 'RNEEEEEEEXT').replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:5000')
  text = renumber(text, /containerd:\/\/[0-9a-f]{64}/g, (number) => `containerd://run${number}`)
  text = renumber(text, /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (number) => `uid-${number}`)
  text = text.replaceAll(/"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z"/g, (_, time: string, fraction = '') =>
    `"${new Date(Date.parse(`${time}Z`) + shift).toISOString().slice(0, 19)}${String(fraction)}Z"`)
  return `${text}\n`
}
