import { describe, expect, it } from 'vitest'

import type { Cause } from '../../../src/rack/cause.ts'
import { logOfFailure } from '../../../src/rack/rollout/evidence.ts'
import { pickEvidence } from '../../../src/rack/rollout/evidence-pick.ts'
import { pod, rollout, stamp } from './cluster-objects.ts'
import type { PodOptions } from './cluster-objects.ts'

const cause = (process: string, service = 'web'): Cause => ({ kind: 'crashed_at_start', rule: 'crash-loop', service, process, container: 'main', firstSeen: stamp(1) })

describe('whose log explains a failure', () => {
  it.each<[string, PodOptions, object]>([
    ['restarted and runs', { running: 3, restarts: 1, last: [1, 2] }, { previous: true }],
    ['backs off', { restarts: 1, waiting: ['CrashLoopBackOff'], last: [1, 2] }, { previous: true }],
    ['has just ended for the first time, and is restarted at once', { terminated: [1, 2] }, { previous: true, restarting: true }],
    ['has just ended again, and will be backed off from', { terminated: [1, 2], restarts: 1, last: [1, 1] }, { previous: false }],
    ['runs and is not ready', { running: 3 }, { previous: false }],
    ['never started', { waiting: ['ImagePullBackOff'] }, { previous: false, none: 'never_started' }],
  ])('asks for the right run of a container that %s', (_what, look, expected) => {
    const picks = pickEvidence([cause('a')], rollout({ pods: [pod('a', 'new', [3, look])] }))
    expect(picks).toEqual([{ service: 'web', namespace: 'convox-shop', process: 'a', container: 'main', ...expected }])
  })

  it('says so when the pod is gone', () => {
    expect(pickEvidence([cause('a')], rollout())).toMatchObject([{ process: 'a', none: 'not_kept' }])
  })

  it('takes three containers at most, each once, and none where no process is to blame', () => {
    const causes = [cause('a'), cause('a'), cause('b', 'w1'), cause('c', 'w2'), cause('d', 'w3')]
    const quota: Cause = { kind: 'quota', rule: 'failed-create', service: 'web', firstSeen: stamp(1) }
    expect(pickEvidence([quota, ...causes], rollout()).map((pick) => pick.process)).toEqual(['a', 'b', 'c'])
  })
})

describe('the log of a run whose container starts again while it is asked for', () => {
  it.each([0, 1, 2])('is that of the run that failed, when the restart comes before question %i', async (before) => {
    let asked = 0
    // As a kubelet answers: the run before is none until the next one has started, and that one has said something already.
    const ask = (previous: boolean): Promise<string | null> => {
      const restarted = asked >= before
      asked += 1
      if (restarted) return Promise.resolve(previous ? 'the queue is gone' : 'listening on 5000')
      return Promise.resolve(previous ? null : 'the queue is gone')
    }
    expect(await logOfFailure({ previous: true, restarting: true }, ask)).toBe('the queue is gone')
    expect(asked).toBe(2)
  })

  it('is asked for once where it is sure which one it is, and of the other run where that has none', async () => {
    const asked: boolean[] = []
    const ask = (answers: readonly (string | null)[]) => (previous: boolean): Promise<string | null> => Promise.resolve(answers[asked.push(previous) - 1] ?? null)
    expect(await logOfFailure({ previous: false }, ask(['gone']))).toBe('gone')
    expect(await logOfFailure({ previous: true }, ask(['', '', 'found']))).toBe('found')
    expect(asked).toEqual([false, true, false])
  })
})
