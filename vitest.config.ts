import { defineConfig } from 'vitest/config'
import { LongFirst } from './test/support/long-first.ts'

const suite = (name: string, include: string[], more: Record<string, unknown> = {}) => ({
  extends: true as const,
  test: { name, include, ...more },
})

export default defineConfig({
  test: {
    // Most of the long ones wait: three keep two cores busy.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
    projects: [
      suite('architecture', ['test/architecture.test.ts']),
      suite('unit', ['test/**/*.test.ts'], {
        exclude: ['test/architecture.test.ts', 'test/chaos/**', 'test/cluster/**', 'test/browser/**', 'test/node/**', 'test/corpus/soak.test.ts', 'node_modules/**'],
        globalSetup: ['test/support/postgres-server.ts', 'test/support/slipway-bundle.ts'],
        testTimeout: 30_000,
        hookTimeout: 60_000,
        // Half of the work was loading and warming the same modules again in every file. No file may leave module state, timers or environment behind.
        isolate: false,
      }),
      suite('cluster', ['test/cluster/**/*.test.ts'], {
        exclude: ['test/cluster/agreement.test.ts', 'node_modules/**'],
        globalSetup: ['test/support/postgres-server.ts', 'test/support/slipway-bundle.ts'], testTimeout: 180_000, hookTimeout: 3_000_000, maxWorkers: 3, sequence: { groupOrder: 2 },
      }),
      // After the others and with nothing beside it: it compares two clusters by what they say when, and a busy machine lets one of them say it late.
      suite('agreement', ['test/cluster/agreement.test.ts'], { testTimeout: 180_000, hookTimeout: 3_000_000, sequence: { groupOrder: 3 } }),
      suite('node', ['test/node/**/*.test.ts'], {
        globalSetup: ['test/support/postgres-server.ts'], testTimeout: 240_000, hookTimeout: 3_000_000, fileParallelism: false, maxConcurrency: 20,
      }),
      // After the others. Each seed is a workspace, a database and two processes: mostly waiting, so several side by side.
      suite('chaos', ['test/chaos/**/*.test.ts'], {
        globalSetup: ['test/support/postgres-server.ts', 'test/support/slipway-bundle.ts'], testTimeout: 300_000, hookTimeout: 300_000, maxConcurrency: 5, sequence: { groupOrder: 1 },
      }),
      suite('soak', ['test/corpus/soak.test.ts'], { globalSetup: ['test/support/postgres-server.ts'] }),
      suite('browser', ['test/browser/**/*.test.ts'], { testTimeout: 180_000, hookTimeout: 180_000, fileParallelism: false }),
    ],
  },
})
