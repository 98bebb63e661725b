import { describe, expect, it } from 'vitest'

import { factsFrom } from '../../../src/rack/recorder/fact-lists.ts'
import { createPlayer } from '../../../src/rack/recorder/replay-player.ts'
import { createWatchStore } from '../../../src/rack/recorder/watch-store.ts'
import type { WatchLine } from '../../../src/rack/recorder/replay-watch.ts'
import type { StabilityWindow } from '../../../src/rack/rollout/judge.ts'
import { baselineOf, expectService } from '../../../src/rack/rollout/rollout-facts.ts'
import type { RolloutFacts } from '../../../src/rack/rollout/rollout-facts.ts'
import { recording } from './replay.ts'

const creation = (line: WatchLine | undefined): number => {
  const { metadata } = line?.object ?? {}
  return typeof metadata === 'object' && metadata !== null && 'creationTimestamp' in metadata ? Date.parse(String(metadata.creationTimestamp)) : Number.NaN
}
const generationOf = (line: WatchLine): number => {
  const { metadata } = line.object
  return typeof metadata === 'object' && metadata !== null && 'generation' in metadata ? Number(metadata.generation) : 0
}

/** The verdicts of each direction, when we are killed after line `cut` and started again 400 ms later: the list of then is all we have of before. */
const played = (lines: readonly WatchLine[], cut: number): { direction: 'out' | 'back'; kind: string }[] => {
  const epoch = creation(lines.find((line) => line.kind === 'replicasets' && line.type === 'ADDED') ?? lines.find((line) => line.kind === 'replicasets'))
  let store = createWatchStore()
  const latest = new Map<string, WatchLine>()
  let frame: Pick<RolloutFacts, 'direction' | 'expected' | 'baseline' | 'startedAt' | 'deadlineAt'> | undefined
  let window: StabilityWindow | undefined
  const verdicts: { direction: 'out' | 'back'; kind: string }[] = []
  const player = createPlayer(
    () => (frame === undefined ? null : { facts: factsFrom({ ...frame, ourManager: 'slipway', fresh: true, deadline: 600 }, [...store.objects.values()]), window }),
    ({ at, direction, verdict: { kind } }) => {
      if (direction === 'out' && kind === 'complete') window ??= { stableSince: at.toISOString(), stableUntil: new Date(at.getTime() + 30_000).toISOString(), stableBlindMs: 0 }
      verdicts.push({ direction, kind })
    },
  )
  for (const [index, line] of lines.entries()) {
    const at = new Date(epoch + line.t)
    if (index === cut + 1 && latest.size > 0) {
      const again = new Date(Math.min(at.getTime(), epoch + (lines[cut]?.t ?? 0) + 400))
      store = createWatchStore()
      for (const each of latest.values()) store.take(each, again)
      player.look(again)
    }
    player.runTo(at)
    if (line.type === 'PROMOTE' || line.type === 'ROLLBACK') {
      const generation = line.type === 'PROMOTE' ? 2 : 3
      const response = lines.slice(index).find((later) => later.kind === 'deployments' && generationOf(later) === generation)
      const expected = response ? expectService('web', response.object) : undefined
      window = undefined
      frame = expected && {
        direction: line.type === 'PROMOTE' ? 'out' : 'back', expected: [expected], baseline: baselineOf([...store.objects.values()].filter((each) => each.kind === 'Pod')),
        startedAt: at.toISOString(), deadlineAt: new Date(at.getTime() + 600_000).toISOString(),
      }
    }
    if (line.kind === 'note') continue
    const { metadata } = line.object
    const uid = typeof metadata === 'object' && metadata !== null && 'uid' in metadata ? String(metadata.uid) : ''
    if (line.type === 'DELETED') latest.delete(uid)
    else latest.set(uid, line)
    store.take(line, at)
    player.look(at)
  }
  return verdicts
}

/** Twenty moments all over a recording. */
const cuts = (lines: readonly WatchLine[]): readonly number[] => Array.from({ length: 20 }, (_, index) => Math.floor((index * lines.length) / 20))

describe('a judge that was killed at any moment and remembers nothing', () => {
  it.each(['good', 'slow-start', 'evicted-during'])('never fails %s, and calls it complete', (name) => {
    const lines = recording(name)
    for (const cut of cuts(lines)) {
      const out = played(lines, cut).filter(({ direction }) => direction === 'out').map(({ kind }) => kind)
      expect(out, `killed after line ${String(cut)}`).not.toContain('failed')
      expect(out.at(-1), `killed after line ${String(cut)}`).toBe('complete')
    }
  })

  it.each(['crash', 'oom', 'init-fails', 'image-not-found', 'invalid-image-name', 'missing-secret', 'missing-configmap-volume', 'never-ready', 'quota', 'exit-after-ready'])(
    'never calls the way out of %s complete for good, nor its way back failed',
    (name) => {
      const lines = recording(name)
      for (const cut of cuts(lines)) {
        const verdicts = played(lines, cut)
        expect(verdicts.filter(({ direction }) => direction === 'back').map(({ kind }) => kind), `killed after line ${String(cut)}`).not.toContain('failed')
        expect(verdicts.findLast(({ direction }) => direction === 'back')?.kind, `killed after line ${String(cut)}`).toBe('complete')
        if (name !== 'exit-after-ready') expect(verdicts.filter(({ direction }) => direction === 'out').map(({ kind }) => kind)).not.toContain('complete')
      }
    },
  )
})
