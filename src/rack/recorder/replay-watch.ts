import { z } from 'zod'
import type { StabilityWindow } from '../rollout/judge.ts'
import { baselineOf, expectService, type ExpectedService, type RolloutFacts } from '../rollout/rollout-facts.ts'
import { BadRecordingError } from './bad-recording.ts'
import { factsFrom } from './fact-lists.ts'
import { createPlayer, type Entry, type Scene, type Seen } from './replay-player.ts'
import { createWatchStore, type WatchStore } from './watch-store.ts'

const lineShape = z.object({ t: z.number(), kind: z.string(), type: z.string(), object: z.record(z.string(), z.unknown()) })

/** A line of a recorded watch: `t` in ms since the promote, `kind` the plural of the API, or `note` (PROMOTE, ROLLBACK, EVICT). */
export type WatchLine = z.output<typeof lineShape>

/** A line of that form, or undefined when it is none. */
export const parseWatchLine = (value: unknown): WatchLine | undefined => lineShape.safeParse(value).data

export interface WatchOptions {
  /** Our clock less the cluster's, ms. */
  readonly skew?: number
  /** When `t` was 0, where somebody knows; else the making of the new ReplicaSet tells it to the second. */
  readonly epoch?: Date
  /** Seconds. */
  readonly deadline?: number
  /** Let the clock run on instead of rolling back, until so many ms after the promote. */
  readonly waitUntil?: number
  /** Order of the lists the judge gets. */
  readonly reversed?: boolean
  /** Milliseconds. */
  readonly stability?: number
  readonly seen?: Seen
}

const workloads: Readonly<Record<string, string>> = { deployments: 'Deployment', daemonsets: 'DaemonSet', cronjobs: 'CronJob' }
const identity = z.object({ metadata: z.object({ uid: z.string(), name: z.string(), generation: z.number() }) })

/**
 * What an apply at this note was answered, for each workload: such a recording has no answers of an apply, and the first watch event of the next
 * generation is the same object. Empty when the note changed nothing (the apply was refused).
 */
const expectedAt = (lines: readonly WatchLine[], index: number, store: WatchStore): readonly ExpectedService[] => {
  const later = lines.slice(index + 1)
  const next = later.findIndex((line) => line.kind === 'note' && (line.type === 'PROMOTE' || line.type === 'ROLLBACK'))
  const changed = new Map<string, ExpectedService>()
  for (const line of next === -1 ? later : later.slice(0, next)) {
    const workload = workloads[line.kind]
    const { success, data } = identity.safeParse(line.object)
    if (workload === undefined || !success) continue
    const { uid, name, generation } = data.metadata
    const before = store.objects.get(uid)
    if (changed.has(uid) || generation <= (before !== undefined && 'meta' in before ? before.meta.generation : 0)) continue
    // Items of a watch may come without their kind.
    const expected = expectService(name, { kind: workload, ...line.object })
    if (expected !== undefined) changed.set(uid, expected)
  }
  return [...changed.values()]
}

const creation = z.object({ metadata: z.object({ creationTimestamp: z.string() }) })

/** When the recording's zero was, by our clock: its new ReplicaSet was made within the second of the promote. */
const epochOf = (lines: readonly WatchLine[], skew: number): number => {
  const sets = lines.filter((line) => line.kind === 'replicasets')
  const made = creation.safeParse((sets.find((line) => line.type === 'ADDED') ?? sets[0])?.object)
  if (!made.success) throw new BadRecordingError('it holds no ReplicaSet, so that nothing says when it was')
  return Date.parse(made.data.metadata.creationTimestamp) + skew
}

/** Plays the recorded watch of one namespace into the parsers, and judges at each event and whenever a verdict asked to be looked at again. */
export const replayWatch = (lines: readonly WatchLine[], options: WatchOptions = {}): { readonly entries: readonly Entry[]; readonly epoch: Date } => {
  const { skew = 0, deadline = 600, stability = 30_000 } = options
  const epoch = options.epoch?.getTime() ?? epochOf(lines, skew)
  const store = createWatchStore()
  const entries: Entry[] = []
  let current: Pick<RolloutFacts, 'direction' | 'expected' | 'baseline' | 'startedAt' | 'deadlineAt'> | undefined
  let window: Required<StabilityWindow> | undefined
  const sceneAt = (at: Date): Scene | null => {
    if (current === undefined || current.expected.length === 0 || (window !== undefined && at >= new Date(window.stableUntil))) return null
    const objects = [...store.objects.values()]
    const facts = factsFrom({ ...current, ourManager: 'slipway', fresh: true, deadline }, options.reversed ? objects.toReversed() : objects)
    return { facts, window }
  }
  const windowFrom = (at: Date) => ({ stableSince: at.toISOString(), stableUntil: new Date(at.getTime() + stability).toISOString(), stableBlindMs: 0 })
  const player = createPlayer(sceneAt, (change) => {
    if (change.direction === 'out' && change.verdict.kind === 'complete') window ??= windowFrom(change.at)
    entries.push(change)
  }, options.seen)
  /** Templates that stood when the promotion began: a way back to one of them goes to what was proven. */
  let proven: ReadonlySet<string> = new Set()
  const begin = (direction: 'out' | 'back', line: WatchLine, index: number): void => {
    window = undefined
    if (direction === 'out') proven = new Set([...store.objects.values()].flatMap((each) => ('templateKey' in each ? [each.templateKey] : [])))
    const expected = expectedAt(lines, index, store).map((one) => (direction === 'back' && proven.has(one.templateKey) ? { ...one, proven: true } : one))
    current = {
      direction, expected, baseline: baselineOf([...store.objects.values()].filter((each) => each.kind === 'Pod')),
      startedAt: new Date(epoch + line.t).toISOString(), deadlineAt: new Date(epoch + line.t + deadline * 1000).toISOString(),
    }
  }
  let unread = 0
  for (const [index, line] of lines.entries()) {
    const at = new Date(epoch + line.t)
    player.runTo(at)
    if (line.kind === 'note') {
      if (line.type === 'ROLLBACK' && options.waitUntil !== undefined) break
      entries.push({ kind: 'remark', at, text: line.type })
      if (line.type === 'PROMOTE') begin('out', line, index)
      if (line.type === 'ROLLBACK') begin('back', line, index)
      continue
    }
    if (!store.take(line, at)) unread += 1
    player.look(at)
  }
  if (options.waitUntil !== undefined) player.runTo(new Date(epoch + options.waitUntil))
  if (unread > 0) throw new BadRecordingError(`${unread} of its lines hold objects that were not understood`)
  return { entries, epoch: new Date(epoch) }
}
