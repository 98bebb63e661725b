import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { ContainerStatus, WirePod } from '../../../sandbox/kubelet/wire-pod.ts'
import { podSchema } from '../../../sandbox/kubelet/wire-pod.ts'

/** The recordings of a real kubelet and the real controllers, by name. */
export const recordings = join(import.meta.dirname, '../../recordings')

/** An event as far as a recording shows it. */
export const eventSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  involvedObject: z.looseObject({ kind: z.string(), name: z.string(), fieldPath: z.string().optional() }),
  type: z.string(),
  reason: z.string(),
  message: z.string(),
  count: z.number().nullish(),
  source: z.looseObject({ component: z.string().optional() }).optional(),
})
export type WireEvent = z.infer<typeof eventSchema>

/** One watch frame with its time, as a recording keeps it: milliseconds since the promote. */
export type Frame = { t: number } & ({ kind: 'pods'; gone: boolean; pod: WirePod } | { kind: 'events'; event: WireEvent } | { kind: 'note'; note: string })

const lineSchema = z.looseObject({ t: z.number(), kind: z.string(), type: z.string(), object: z.unknown() })

/** Reads a recording's pods, events and notes. */
export const readRecording = (name: string): Frame[] =>
  readFileSync(join(recordings, `${name}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n')
    .flatMap((text): Frame[] => {
      const { t, kind, type, object } = lineSchema.parse(JSON.parse(text))
      if (kind === 'note') return [{ t, kind, note: type }]
      if (type === 'INITIAL' || type === 'BOOKMARK') return []
      if (kind === 'pods') return [{ t, kind, gone: type === 'DELETED', pod: podSchema.parse(object) }]
      return kind === 'events' ? [{ t, kind, event: eventSchema.parse(object) }] : []
    })

/** The first pod that appeared after the promote. */
export const firstNewPod = (frames: readonly Frame[]): WirePod => {
  for (const frame of frames) if (frame.kind === 'pods') return frame.pod
  throw new Error('the recording has no new pod')
}

/** When that note was written. */
export const timeOf = (frames: readonly Frame[], note: string): number => {
  for (const frame of frames) if (frame.kind === 'note' && frame.note === note) return frame.t
  throw new Error(`the recording has no ${note}`)
}

const stateOf = (state: ContainerStatus['state']): string => {
  if (state.running !== undefined) return 'running'
  if (state.terminated !== undefined) {
    const { exitCode, reason, message, containerID } = state.terminated
    return [`terminated ${exitCode} ${reason}`, message, containerID === undefined ? 'of no container' : undefined].filter(Boolean).join(', ')
  }
  return state.waiting === undefined ? '-' : [`waiting ${state.waiting.reason}`, state.waiting.message].filter(Boolean).join(', ')
}

const containerText = (status: ContainerStatus): string => {
  const marks = [status.ready ? 'ready' : 'unready', status.started === true ? 'started' : undefined, `restarts ${status.restartCount}`]
  return `${status.name}: ${stateOf(status.state)} | last ${stateOf(status.lastState)} | ${marks.filter(Boolean).join(', ')}`
}

/** Takes names, addresses and figures out of a text that differ from run to run. */
const scrub = (text: string, pod: WirePod): string =>
  text
    .replaceAll(`${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`, '<pod>')
    .replaceAll(/198\.18\.\d+\.\d+/g, '<ip>')
    .replaceAll(/in \d+(\.\d+)?m?s \(\d+(\.\d+)?m?s including waiting\)\. Image size: \d+ bytes/g, 'in <time>. Image size: <bytes>')

/** What a status says, without names and times. */
export const statusText = (pod: WirePod): string => {
  const conditions = (pod.status.conditions ?? []).map(({ type, status, reason, message }) =>
    [`${type}=${status}`, reason, message].filter((part) => part !== undefined && part !== '').join('/'),
  )
  const containers = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])].map(containerText)
  const deleted = typeof pod.metadata.deletionTimestamp === 'string' ? ` deleting ${pod.metadata.deletionGracePeriodSeconds}` : ''
  return scrub([`${pod.status.phase}${deleted}${pod.status.podIP === undefined ? '' : ' with address'}`, conditions.join(' '), ...containers].join('\n  '), pod)
}

/** The statuses that the kubelet gave a pod, in order, each told once; and `gone`. */
export const statusesOf = (frames: readonly Frame[], name: string): string[] => {
  const texts: string[] = []
  for (const frame of frames) {
    if (frame.kind !== 'pods' || frame.pod.metadata.name !== name || frame.pod.status.hostIP === undefined) continue
    const text = frame.gone ? 'gone' : statusText(frame.pod)
    if (text !== texts.at(-1)) texts.push(text)
  }
  return texts
}

/** The kubelet's events about a pod, in order, with their counts. A probe that meets a pod's end is chance and left out. */
export const eventsOf = (frames: readonly Frame[], pod: WirePod): string[] => {
  const texts: string[] = []
  let deleting = false
  for (const frame of frames) {
    if (frame.kind === 'pods' && frame.pod.metadata.name === pod.metadata.name) deleting ||= typeof frame.pod.metadata.deletionTimestamp === 'string'
    if (frame.kind !== 'events' || frame.event.involvedObject.name !== pod.metadata.name || frame.event.source?.component !== 'kubelet') continue
    const { type, reason, message, count, involvedObject } = frame.event
    if (deleting && reason === 'Unhealthy') continue
    texts.push(scrub(`${type} ${reason} x${count} ${involvedObject.fieldPath ?? '-'} ${message}`, pod))
  }
  return texts
}
