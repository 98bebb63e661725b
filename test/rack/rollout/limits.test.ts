import { describe, expect, it } from 'vitest'
import { missesAllowed, pulseEvery, pulseLimit } from '../../../src/rack/cluster/session.ts'
import { evidenceBudget } from '../../../src/rack/rollout/evidence.ts'
import { patience } from '../../../src/rack/rollout/judge-command.ts'

/** What is promised (design 4 and 5, the issue of the engine), in ms: whoever waits longer breaks it, however fast the machine is. */
describe('how long the engine waits at most', () => {
  it.each([
    ['for the logs of what failed, before it goes back', evidenceBudget, 2_000],
    ['until a connection that froze right after a pulse is replaced', pulseEvery + missesAllowed * pulseLimit, 15_000],
    ['for the cluster to end a release command whose deadline is over', patience, 60_000],
  ])('%s', (_what, waited, promised) => {
    expect(waited).toBeLessThanOrEqual(promised)
  })
})
