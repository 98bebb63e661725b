import type { Scenario } from '../scenario.ts'

export const chatty: Scenario = {
  tag: 'chatty',
  what: 'Runs well and writes fifty log lines a second.',
  runs: [
    {
      log: [
        { at: 2, text: 'shop: listening on :3000' },
        { at: 20, every: 20, text: 'debug: request {n} handled, headers={"accept":"*/*","user-agent":"kube-probe/1.36"} body=0 bytes' },
      ],
      servesAfter: 0,
      failing: 'connection refused',
    },
  ],
}
