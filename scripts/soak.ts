import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

/*
 * `npm run soak [-- --parts rollouts,chaos,deaths]`: all parts unless named; exit code 1 when one thing went wrong once. They are test runs, because those have
 * the database.
 * - rollouts [--times 20] [--on simulated] [--only crash,flap] [--record]: plays the corpus so many times and prints a table. On the real control plane
 *   unless told otherwise. `--record` keeps what the cluster told as the fixtures of the judge (test/recordings/corpus).
 * - chaos [--seeds 200] [--seed 1234]: whole promotions while Slack misbehaves, by so many seeds from the first one on; `--seed` alone plays that one again.
 * - deaths [--death before-claim-rejected,…]: kills the sender at each side of each step of delivery with every end that passes it, about a hundred times
 *   (`npm test` plays one end each); `--death` plays those again.
 */
const { values } = parseArgs({
  options: {
    parts: { type: 'string', default: 'rollouts,chaos,deaths' }, times: { type: 'string', default: '20' }, on: { type: 'string', default: 'real' }, only: { type: 'string' },
    log: { type: 'string' }, record: { type: 'boolean', default: false }, seed: { type: 'string' }, seeds: { type: 'string' },
    death: { type: 'string' },
  },
})

const play = (project: string, files: readonly string[], environment: Readonly<Record<string, string>>): number => {
  // The option takes the word after it for its value: what follows would be no file.
  const { status } = spawnSync('npx', ['vitest', 'run', ...files, '--project', project, '--disable-console-intercept'], { stdio: 'inherit', env: { ...process.env, ...environment } })
  return status ?? 1
}

const parts: Readonly<Record<string, () => number>> = {
  rollouts: () => play('soak', [], {
    SOAK_TIMES: values.times, SOAK_STAGE: values.on, SOAK_RECORD: values.record ? 'yes' : 'no',
    ...(values.only === undefined ? {} : { SOAK_ONLY: values.only }), ...(values.log === undefined ? {} : { SOAK_LOG: values.log }),
  }),
  chaos: () => play('chaos', ['test/chaos/seeds.test.ts'], {
    CHAOS_SEED: values.seed ?? '1', CHAOS_SEEDS: values.seeds ?? (values.seed === undefined ? '200' : '1'), ...(values.log === undefined ? {} : { CHAOS_LOG: values.log }),
  }),
  deaths: () => play('chaos', ['test/chaos/deaths.test.ts'], { CHAOS_DEATHS: values.death ?? 'every' }),
}

for (const name of values.parts.split(',')) {
  const part = parts[name]
  if (part === undefined) throw new Error(`no part ${name}: there are ${Object.keys(parts).join(', ')}`)
  if (part() !== 0) process.exitCode = 1
}
