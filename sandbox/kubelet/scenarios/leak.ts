import type { Scenario } from '../scenario.ts'

export const leak: Scenario = {
  tag: 'leak',
  what: 'Prints every value of its environment and exits with code 1: none of them may reach Slack.',
  runs: [
    {
      log: [
        { at: 10, text: 'shop: starting with this environment:' },
        { at: 490, text: 'Error: cannot connect' },
      ],
      printsEnvironment: true,
      exit: { after: 550, code: 1, reason: 'Error' },
      failing: 'connection refused',
    },
  ],
}
