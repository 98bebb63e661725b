import { readFileSync } from 'node:fs'

import { z } from 'zod'

import { parseDeployment, parseEvent, parsePod, parseReplicaSet } from '../../../src/rack/rollout/facts.ts'
import type { DeploymentFacts, EventFacts, PodFacts, ReplicaSetFacts } from '../../../src/rack/rollout/facts.ts'
import { judge, judgeStability } from '../../../src/rack/rollout/judge.ts'
import type { Verdict } from '../../../src/rack/rollout/judge.ts'
import { rememberPod, rememberReplicaSet } from '../../../src/rack/rollout/remember.ts'
import { baselineOf, expectService } from '../../../src/rack/rollout/rollout-facts.ts'
import type { RolloutFacts } from '../../../src/rack/rollout/rollout-facts.ts'

const lineShape = z.object({ t: z.number(), kind: z.string(), type: z.string(), object: z.record(z.string(), z.unknown()) })
type Line = z.output<typeof lineShape>

export const recording = (name: string): Line[] =>
  readFileSync(new URL(`../../recordings/${name}.jsonl`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => lineShape.parse(JSON.parse(line)))

/** A verdict of another kind than the one before; `t` in ms since the promote. */
export interface Change {
  readonly t: number
  readonly direction: 'out' | 'back'
  readonly window: boolean
  readonly verdict: Verdict
}

const generationOf = (raw: unknown): number => parseDeployment(raw)?.meta.generation ?? 0

const store = () => {
  const deployments = new Map<string, DeploymentFacts>()
  const replicaSets = new Map<string, ReplicaSetFacts>()
  const pods = new Map<string, PodFacts>()
  const events = new Map<string, EventFacts>()
  const keep = <T>(map: Map<string, T>, uid: string, value: T, gone: boolean) => (gone ? map.delete(uid) : map.set(uid, value))
  return {
    deployments, replicaSets, pods, events,
    take: (line: Line, at: Date) => {
      const gone = line.type === 'DELETED'
      const deployment = line.kind === 'deployments' ? parseDeployment(line.object) : undefined
      if (deployment) keep(deployments, deployment.meta.uid, deployment, gone)
      const set = line.kind === 'replicasets' ? parseReplicaSet(line.object) : undefined
      if (set) keep(replicaSets, set.meta.uid, rememberReplicaSet(replicaSets.get(set.meta.uid), set, at), gone)
      const pod = line.kind === 'pods' ? parsePod(line.object) : undefined
      if (pod) keep(pods, pod.meta.uid, rememberPod(pods.get(pod.meta.uid), pod, at), gone)
      const event = line.kind === 'events' ? parseEvent(line.object) : undefined
      if (event) keep(events, event.uid, event, gone)
      return line.type !== 'BOOKMARK' && (deployment ?? set ?? pod ?? event) === undefined
    },
  }
}

export interface ReplayOptions {
  /** Our clock less the cluster's, ms. */
  readonly skew?: number
  /** Seconds. */
  readonly deadline?: number
  /** Let the clock run on instead of rolling back, until this many ms. */
  readonly waitUntil?: number
  /** Order of the lists the judge gets. */
  readonly reversed?: boolean
  readonly stability?: number
  /** Called with each set of facts that was judged. */
  readonly seen?: (facts: RolloutFacts, now: Date, verdict: Verdict) => void
}

/** Plays a recording into the parsers and judges at each event and whenever a verdict asked to be looked at again. */
export const replay = (name: string, options: ReplayOptions = {}): Change[] => {
  const { skew = 0, deadline = 600, stability = 30_000 } = options
  const lines = recording(name)
  const sets = lines.filter((line) => line.kind === 'replicasets')
  const created = sets.find((line) => line.type === 'ADDED') ?? sets[0]
  const epoch = Date.parse(String(z.object({ creationTimestamp: z.string() }).parse(created?.object['metadata']).creationTimestamp)) + skew
  const cluster = store()
  const changes: Change[] = []
  let current: Pick<RolloutFacts, 'direction' | 'expected' | 'baseline' | 'startedAt' | 'deadlineAt'> | undefined
  let stableSince: number | undefined
  let nextLook: number | undefined
  let unread = 0

  const ordered = <T>(map: Map<string, T>): T[] => (options.reversed ? [...map.values()].toReversed() : [...map.values()])
  const look = (t: number) => {
    if (!current || current.expected.length === 0) return
    const facts: RolloutFacts = {
      ...current, ourManager: 'slipway', fresh: true, deadline,
      deployments: ordered(cluster.deployments), replicaSets: ordered(cluster.replicaSets), pods: ordered(cluster.pods), events: ordered(cluster.events),
    }
    const now = new Date(epoch + t)
    const inWindow = stableSince !== undefined && t < stableSince + stability
    if (stableSince !== undefined && !inWindow) return
    const verdict = stableSince === undefined ? judge(facts, now) : judgeStability(facts, new Date(epoch + stableSince), now)
    options.seen?.(facts, now, verdict)
    if (verdict.kind === 'complete' && current.direction === 'out') stableSince ??= t
    nextLook = verdict.nextLookAt === null ? undefined : verdict.nextLookAt.getTime() - epoch
    const last = changes.at(-1)
    if (last?.verdict.kind !== verdict.kind || last.direction !== current.direction || (last.verdict.kind === 'failed') !== (verdict.kind === 'failed')) {
      changes.push({ t, direction: current.direction, window: inWindow, verdict })
    }
  }
  const timers = (until: number) => {
    while (nextLook !== undefined && nextLook < until) {
      const at = nextLook
      nextLook = undefined
      look(at)
    }
  }
  const begin = (direction: 'out' | 'back', line: Line, index: number) => {
    const generation = direction === 'out' ? 2 : 3
    // The recording has no apply response; the first watch event of that generation is the same object.
    const response = lines.slice(index).find((later) => later.kind === 'deployments' && generationOf(later.object) === generation)
    const expected = response ? expectService('web', response.object) : undefined
    stableSince = undefined
    current = {
      direction, expected: expected ? [expected] : [], baseline: baselineOf([...cluster.pods.values()]),
      startedAt: new Date(epoch + line.t).toISOString(), deadlineAt: new Date(epoch + line.t + deadline * 1000).toISOString(),
    }
  }
  for (const [index, line] of lines.entries()) {
    timers(line.t)
    if (line.type === 'ROLLBACK' && options.waitUntil !== undefined) break
    if (line.type === 'PROMOTE') begin('out', line, index)
    if (line.type === 'ROLLBACK') begin('back', line, index)
    if (line.kind === 'note') continue
    if (cluster.take(line, new Date(epoch + line.t))) unread += 1
    look(line.t)
  }
  if (options.waitUntil !== undefined) timers(options.waitUntil)
  if (unread > 0) throw new Error(`${name}: ${String(unread)} lines were not understood`)
  return changes
}
