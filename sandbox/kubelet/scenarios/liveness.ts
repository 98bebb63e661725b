import type { Scenario } from '../scenario.ts'

export const liveness: Scenario = {
  tag: 'liveness',
  what: 'Becomes ready, then hangs after 10 seconds: its liveness check fails and the node restarts it.',
  runs: [
    {
      log: [
        { at: 2, text: 'shop: starting' },
        { at: 4, text: 'shop: listening on :3000' },
        { at: 10_000, text: 'shop: event loop blocked' },
      ],
      servesAfter: 0,
      livenessLostAfter: 10_000,
      failing: 500,
    },
  ],
}
