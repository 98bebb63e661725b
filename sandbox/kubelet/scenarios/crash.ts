import type { Run, Scenario } from '../scenario.ts'

/** Exits with 1 about 0.8 s after the pod was made (recorded: 0.55 s after the container's start). */
export const crashRun: Run = {
  log: [
    { at: 10, text: 'shop: starting' },
    { at: 480, text: '/srv/shop/config.js:14' },
    { at: 481, text: "  throw new Error('DATABASE_URL is not set')" },
    { at: 482, text: '  ^' },
    { at: 483, text: 'Error: DATABASE_URL is not set' },
    { at: 484, text: '    at readConfig (/srv/shop/config.js:14:9)' },
    { at: 485, text: '    at Object.<anonymous> (/srv/shop/server.js:3:16)' },
    { at: 486, text: '    at node:internal/main/run_main_module:28:49' },
  ],
  exit: { after: 550, code: 1, reason: 'Error' },
  failing: 'connection refused',
}

export const crash: Scenario = { tag: 'crash', what: 'Exits with code 1 right after its start, because DATABASE_URL is not set.', runs: [crashRun] }
