import type { Run, Scenario } from '../scenario.ts'

/** A web service that serves at once and runs until it is stopped. */
export const goodRun: Run = {
  log: [
    { at: 2, text: 'shop: starting' },
    { at: 4, text: 'shop: listening on :3000' },
    { at: 5_000, every: 10_000, text: 'GET / 200 3ms #{n}' },
  ],
  servesAfter: 0,
  failing: 'connection refused',
}

export const good: Scenario = { tag: 'good', what: 'Starts at once, passes its health check and keeps running, like every version number.', runs: [goodRun] }
