import { parseDeployment, parseEvent, parsePod, parseReplicaSet } from '../../../src/rack/rollout/decode.ts'
import type { Frame } from './film.ts'

/** One thing that an object said, and for how many ms it stood by it. */
export interface Line {
  readonly text: string
  readonly stood: number
}

/** What each object said, in order, each thing once: by an object's name without what is drawn by lot. */
export type Telling = Readonly<Record<string, readonly Line[]>>

type Tree = null | boolean | number | string | Tree[] | { [key: string]: Tree }

/** What differs from run to run: identities, versions and times. */
const chance = new Set([
  'uid', 'resourceVersion', 'createdAt', 'creationTimestamp', 'deletionTimestamp', 'updatedAt', 'changedAt', 'at', 'startedAt', 'finishedAt', 'containerId', 'containerID',
  'firstAt', 'lastAt', 'lastUpdateTime', 'lastTransitionTime', 'lastProbeTime', 'startTime', 'completionTime', 'lastScheduleTime', 'lastSuccessfulTime', 'deletedAt', 'templateKey',
  'observedGeneration', 'managedFields', 'name', 'namespace', 'owners', 'managers', 'memory',
])

/** Events that come again as often as time allows. */
const chancy = new Set(['Unhealthy', 'FailedScheduling', 'FailedBinding', 'ProvisioningFailed', 'FailedMount', 'FailedCreate'])

const isTree = (value: unknown): value is Tree => value !== undefined

/** What a CronJob controller says when it sees a Job before, or after, its own last write. */
const raced = new Set(['UnexpectedJob', 'MissingJob'])

/** Whether progress shows as one of these or another depends on which steps the controller saw as one. */
const moving = new Set(['NewReplicaSetCreated', 'FoundNewReplicaSet', 'ReplicaSetUpdated'])

const typeOf = (value: Tree): string => (typeof value === 'object' && value !== null && !Array.isArray(value) && typeof value['type'] === 'string' ? value['type'] : '')

const without = (value: Tree): Tree => {
  // Conditions stand in the order of their last change: each is told for itself.
  if (Array.isArray(value)) return value.map(without).sort((left, right) => (typeOf(left) < typeOf(right) ? -1 : 0))
  if (typeof value !== 'object' || value === null) return value
  if (typeof value['reason'] === 'string' && value['type'] === 'Progressing' && moving.has(value['reason'])) return { type: 'Progressing', status: value['status'] ?? '', reason: 'moving' }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !chance.has(key))
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, inner]) => [key, without(inner)]),
  )
}

const map = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === 'object' && value !== null ? { ...value } : {})
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const metaOf = ({ object }: Frame) => map(object['metadata'])
const nameOf = (frame: Frame): string => text(metaOf(frame)['name'])
const ownerOf = (frame: Frame): string => {
  const owners = metaOf(frame)['ownerReferences']
  return Array.isArray(owners) ? text(map(owners[0])['name']) : ''
}

/** Facts as the engine decodes them, and of what it does not decode the whole spec and status. */
const factsOf = (frame: Frame): unknown => {
  if (frame.plural === 'deployments') return parseDeployment(frame.object)
  if (frame.plural === 'replicasets') return parseReplicaSet(frame.object)
  if (frame.plural === 'pods') return parsePod(frame.object)
  if (frame.plural === 'events') {
    const event = parseEvent(frame.object)
    // How often a probe fails or a pod is looked at again until something else happens is a matter of milliseconds.
    return event && chancy.has(event.reason) ? { ...event, count: undefined } : event
  }
  return { spec: frame.object['spec'], status: frame.object['status'], deleted: metaOf(frame)['deletionTimestamp'] !== undefined }
}

/** Names that clusters draw by lot, each with what it is called here: by owner and order. */
const callings = (frames: readonly Frame[]): ReadonlyMap<string, string> => {
  const called = new Map<string, string>()
  const counts = new Map<string, number>()
  for (const frame of frames) {
    const [name, owner] = [nameOf(frame), ownerOf(frame)]
    if (frame.plural === 'events' || owner === '' || called.has(name)) continue
    const family = `${called.get(owner) ?? owner}/${frame.plural.slice(0, -1)}`
    const number = (counts.get(family) ?? 0) + 1
    counts.set(family, number)
    called.set(name, `${family}-${number}`)
  }
  return called
}

/** Puts the frames into words. */
export const tell = (frames: readonly Frame[], namespace: string): Telling => {
  const called = callings(frames)
  const longest = [...called].sort(([left], [right]) => right.length - left.length)
  const uids = new Map<string, string>()
  for (const frame of frames) uids.set(text(metaOf(frame)['uid']), 'UID')
  const plain = (line: string): string => {
    let result = line
    for (const [name, calling] of longest) result = result.replaceAll(name, calling)
    for (const uid of uids.keys()) if (uid !== '') result = result.replaceAll(uid, 'UID')
    return result
      .replaceAll(namespace, 'NS')
      .replaceAll(/198\.18\.\d+\.\d+/g, 'IP')
      .replaceAll(/\b\d+(\.\d+)?m?s\b/g, 'TIME')
      // The name of a pod that was never made.
      .replaceAll(/(replicaset-\d+)-[a-z0-9]{5}\b/g, '$1/nobody')
      .replaceAll(/(pod-template-hash|controller-revision-hash)":"\w+"/g, '$1":"HASH"')
  }
  const told: Record<string, { text: string; at: number }[]> = {}
  for (const frame of frames) {
    if (frame.plural === 'events' && raced.has(text(frame.object['reason']))) continue
    const involved = text(map(frame.object['involvedObject'])['name'])
    const key = frame.plural === 'events' ? `events of ${plain(involved)}` : `${frame.plural} ${plain(nameOf(frame))}`
    const facts = factsOf(frame)
    const line = `${frame.type === 'DELETED' ? 'gone ' : ''}${plain(JSON.stringify(isTree(facts) ? without(JSON.parse(JSON.stringify(facts))) : null))}`
    const lines = (told[key] ??= [])
    if (lines.at(-1)?.text !== line) lines.push({ text: line, at: frame.at })
  }
  const timed = (lines: readonly { text: string; at: number }[]): Line[] => lines.map(({ text: said, at }, index) => ({ text: said, stood: (lines[index + 1]?.at ?? Infinity) - at }))
  return Object.fromEntries(Object.entries(told).map(([key, lines]) => [key, timed(lines)]))
}
