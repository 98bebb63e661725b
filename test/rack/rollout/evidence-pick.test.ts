import { describe, expect, it } from 'vitest'

import type { Cause } from '../../../src/rack/cause.ts'
import { pickEvidence } from '../../../src/rack/rollout/evidence-pick.ts'
import { pod, rollout, stamp } from './cluster-objects.ts'
import type { PodOptions } from './cluster-objects.ts'

const cause = (process: string, service = 'web'): Cause => ({ kind: 'crashed_at_start', rule: 'crash-loop', service, process, container: 'main', firstSeen: stamp(1) })

describe('whose log explains a failure', () => {
  it.each<[string, PodOptions, object]>([
    ['restarted and runs', { running: 3, restarts: 1, last: [1, 2] }, { previous: true }],
    ['backs off', { restarts: 1, waiting: ['CrashLoopBackOff'], last: [1, 2] }, { previous: true }],
    ['has just ended for the first time, and is restarted at once', { terminated: [1, 2] }, { previous: true }],
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
