import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

/*
 * `npm run soak [-- --times 20] [--on simulated] [--only crash,flap] [--record]`: plays the corpus so many times and prints a table; exit code 1
 * when one scenario went wrong once. On the real control plane unless told otherwise. `--record` keeps what the cluster told as the fixtures of the
 * judge (test/recordings/corpus). It is a test run, because that has the database.
 */
const { values } = parseArgs({
  options: { times: { type: 'string', default: '1' }, on: { type: 'string', default: 'real' }, only: { type: 'string' }, log: { type: 'string' }, record: { type: 'boolean', default: false } },
})
const environment = {
  SOAK_TIMES: values.times, SOAK_STAGE: values.on, SOAK_RECORD: values.record ? 'yes' : 'no',
  ...(values.only === undefined ? {} : { SOAK_ONLY: values.only }), ...(values.log === undefined ? {} : { SOAK_LOG: values.log }),
}
const { status } = spawnSync('npx', ['vitest', 'run', '--project', 'soak', '--disable-console-intercept'], { stdio: 'inherit', env: { ...process.env, ...environment } })
process.exitCode = status ?? 1
