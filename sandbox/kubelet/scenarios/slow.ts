import type { Scenario } from '../scenario.ts'

export const slow: Scenario = {
  tag: 'slow',
  what: 'Warms up for almost 20 seconds before it passes its health check: slow, but fine.',
  runs: [
    {
      log: [
        { at: 2, text: 'shop: starting' },
        { at: 500, every: 4_000, text: 'shop: warming the cache, part {n}' },
        { at: 18_000, text: 'shop: listening on :3000' },
      ],
      servesAfter: 18_000,
      failing: 'connection refused',
    },
  ],
}
