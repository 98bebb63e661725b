import { describe, expect, it } from 'vitest'

import { judge } from '../../../src/rack/rollout/judge.ts'
import { replay } from './replay.ts'
import type { Change, ReplayOptions } from './replay.ts'

const causeOf = (change: Change | undefined) => (change?.verdict.kind === 'failed' ? change.verdict.causes[0] : undefined)
const kindsOf = (changes: readonly Change[], direction: 'out' | 'back') => changes.filter((change) => change.direction === direction).map((change) => change.verdict.kind)

/** What a real kubelet did, and what has to be said of it: the kind, and by when at the latest and not before (ms since the promote). */
const failures: [name: string, from: number, to: number, cause: Record<string, unknown>, options?: ReplayOptions][] = [
  ['crash', 1_780, 3_000, { kind: 'crashed_at_start', rule: 'crash-loop', exitCode: 1, restarts: 1, affected: { failing: 1, of: 1 } }],
  ['oom', 1_980, 3_000, { kind: 'out_of_memory', memoryLimit: 64, exitCode: 137 }],
  ['init-fails', 2_500, 15_000, { kind: 'init_failed', container: 'setup', exitCode: 1 }],
  ['image-not-found', 10_000, 15_000, { kind: 'image_not_found', image: '127.0.0.1:5000/shop:nosuchtag' }],
  ['invalid-image-name', 900, 1_100, { kind: 'cannot_start', reason: 'InvalidImageName' }],
  ['missing-secret', 4_000, 5_000, { kind: 'missing_object', object: 'secret "nope"' }],
  ['missing-configmap-volume', 20_000, 21_000, { kind: 'missing_object', object: 'configmap "nope"', reason: 'FailedMount' }],
  ['never-ready', 9_000, 10_000, { kind: 'never_ready', message: 'HTTP probe failed with statuscode: 503', path: '/' }],
  ['quota', 30_000, 31_000, { kind: 'quota', reason: 'FailedCreate' }],
  ['unschedulable', 60_000, 61_000, { kind: 'unschedulable', reason: 'Unschedulable' }, { waitUntil: 100_000 }],
  ['exit-after-ready', 6_300, 6_500, { kind: 'exits_once_ready', exitCode: 3, readyFor: 4, affected: { failing: 2, of: 2 } }],
]

describe('the judge over what a real kubelet did', () => {
  it.each(failures)('fails %s between %i and %i ms after the promote', (name, from, to, cause, options) => {
    const changes = replay(name, options)
    const failed = changes.find((change) => change.verdict.kind === 'failed')
    expect(causeOf(failed)).toMatchObject({ service: 'web', ...cause })
    expect(failed?.t).toBeGreaterThanOrEqual(from)
    expect(failed?.t).toBeLessThanOrEqual(to)
    // Once failed it stays failed until somebody acts.
    expect(kindsOf(changes, 'out').at(-1)).toBe('failed')
  })

  it.each([['good', 1_900, 2_100], ['slow-start', 29_000, 29_300], ['evicted-during', 35_000, 35_300]])(
    'calls %s complete between %i and %i ms, and never failed',
    (name, from, to) => {
      const changes = replay(name)
      expect(kindsOf(changes, 'out')).toEqual(['progressing', 'complete'])
      const complete = changes.find((change) => change.verdict.kind === 'complete')
      expect(complete?.t).toBeGreaterThanOrEqual(from)
      expect(complete?.t).toBeLessThanOrEqual(to)
    },
  )

  it('sees exit-after-ready complete first, as kubectl does, and fail within the stability window', () => {
    const changes = replay('exit-after-ready').filter((change) => change.direction === 'out')
    expect(changes.map((change) => [change.verdict.kind, change.window])).toEqual([
      ['progressing', false], ['complete', false], ['progressing', true], ['complete', true], ['failed', true],
    ])
  })

  it.each([...failures.map(([name]) => name).filter((name) => name !== 'unschedulable'), 'unschedulable', 'slow-start', 'evicted-during'])(
    'calls the way back of %s complete, never failed, whatever the broken pods still say',
    (name) => {
      const back = replay(name).filter((change) => change.direction === 'back')
      expect(back.map((change) => change.verdict.kind)).toEqual(['progressing', 'complete'])
    },
  )

  it('has nothing to judge when the apply was refused', () => {
    expect(replay('admission-refused')).toEqual([])
  })

  it.each([...failures.map(([name]) => name), 'good', 'slow-start', 'evicted-during'])('says the same of %s when our clock is an hour off', (name) => {
    const plain = replay(name)
    const summary = (changes: readonly Change[]) => changes.map((change) => [change.t, change.direction, change.verdict.kind, causeOf(change)?.kind])
    expect(summary(replay(name, { skew: 3_600_000 }))).toEqual(summary(plain))
    expect(summary(replay(name, { skew: -3_600_000 }))).toEqual(summary(plain))
  })

  it.each([...failures.map(([name]) => name), 'good'])('does not care in which order the lists of %s are, and judges twice alike', (name) => {
    const plain = replay(name, {
      seen: (facts, now, verdict) => {
        if (verdict.kind === 'complete') return
        expect(judge(JSON.parse(JSON.stringify(facts)), now)).toEqual(judge(facts, now))
      },
    })
    expect(replay(name, { reversed: true })).toEqual(plain)
  })

  it('times out by its own clock, with the ready count, when no rule is due before', () => {
    const changes = replay('unschedulable', { waitUntil: 100_000, deadline: 20 })
    const failed = changes.find((change) => change.verdict.kind === 'failed')
    expect(failed?.t).toBe(20_000)
    expect(causeOf(failed)).toMatchObject({ kind: 'timed_out', deadline: 20, ready: { ready: 0, of: 2 }, reason: 'Unschedulable' })
  })

  it('counts the old processes for the card while the new ones come', () => {
    const seen: string[] = []
    replay('slow-start', {
      seen: (facts, _now, verdict) => {
        if (facts.direction !== 'out' || verdict.kind === 'undecided') return
        const [web] = verdict.services
        const words = web ? `${web.state} ${String(web.ready)}/${String(web.desired)} old ${String(web.oldRunning)}+${String(web.oldStopping)}` : ''
        if (seen.at(-1) !== words) seen.push(words)
      },
    })
    expect(seen[0]).toBe('waiting 0/2 old 2+0')
    expect(seen).toContain('going 1/2 old 1+1')
    expect(seen.at(-1)).toBe('ready 2/2 old 0+0')
  })
})
