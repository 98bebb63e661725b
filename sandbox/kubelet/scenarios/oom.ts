import type { Scenario } from '../scenario.ts'

export const oom: Scenario = {
  tag: 'oom',
  what: 'Takes more memory than its limit allows and is killed (OOMKilled, exit code 137).',
  runs: [
    {
      log: [
        { at: 10, text: 'shop: starting' },
        { at: 300, text: 'shop: loading the whole catalogue into memory' },
        { at: 500, text: 'shop: heap at 61 MiB' },
      ],
      exit: { after: 600, code: 137, reason: 'OOMKilled' },
      failing: 'connection refused',
    },
  ],
}
