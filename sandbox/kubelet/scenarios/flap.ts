import type { Scenario } from '../scenario.ts'

export const flap: Scenario = {
  tag: 'flap',
  what: 'Passes its health check, then exits with code 3 after four seconds, again and again.',
  runs: [
    {
      log: [
        { at: 2, text: 'shop: starting' },
        { at: 4, text: 'shop: listening on :3000' },
        { at: 3_990, text: 'panic: connection pool exhausted' },
        { at: 3_991, text: '    at Pool.take (/srv/shop/pool.js:88:11)' },
      ],
      exit: { after: 4_000, code: 3, reason: 'Error' },
      servesAfter: 0,
      failing: 'connection refused',
    },
  ],
}
