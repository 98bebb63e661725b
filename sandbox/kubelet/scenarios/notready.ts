import type { Scenario } from '../scenario.ts'

export const notready: Scenario = {
  tag: 'notready',
  what: 'Runs, but its health check answers 503 for ever.',
  runs: [
    {
      log: [
        { at: 2, text: 'shop: starting' },
        { at: 4, text: 'shop: listening on :3000' },
        { at: 100, every: 2_000, text: 'GET / 503 waiting for the search index (try {n})' },
      ],
      failing: 503,
    },
  ],
}
