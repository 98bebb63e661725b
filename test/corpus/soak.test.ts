import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { fitting } from './every-scenario.ts'
import { playAll, type Played } from './play.ts'
import { startRecorder } from './record.ts'
import { recordingFile } from './recordings.ts'
import { recordingText } from './recording-text.ts'
import { stages } from './scenario.ts'
import { stageOf } from './stage.ts'
import { tableOf } from './table.ts'

const setting = (name: string): string | undefined => process.env[`SOAK_${name}`]
const kind = stages.find((each) => each === setting('STAGE')) ?? 'simulated'
const times = Number(setting('TIMES') ?? 1)
const only = setting('ONLY')?.split(',')

/** Keeps what the cluster told as a fixture of the judge. Nothing moved where a release was refused at once. */
const keep = ({ scenario, wrong, taken }: Played): void => {
  if (setting('RECORD') !== 'yes' || wrong.length > 0 || taken === undefined || scenario.ends.status === 'failed') return
  writeFileSync(recordingFile(scenario.name), gzipSync(recordingText(taken), { level: 9 }))
}

const line = ({ scenario, wrong, secondsToVerdict }: Played): string =>
  `${wrong.length === 0 ? 'right' : 'WRONG'} ${scenario.name}${secondsToVerdict === undefined ? '' : ` after ${secondsToVerdict.toFixed(1)} s`}${wrong.map((each) => `\n  ${each}`).join('')}\n`

/** What `npm run soak` runs; scripts/soak.ts tells it what by the environment. Each round has a new stage. */
it(`plays the corpus ${times} times on the ${kind} cluster`, { timeout: times * 400_000 }, async () => {
  const all: Played[] = []
  const scenarios = fitting(kind).filter(({ name }) => only === undefined || only.includes(name))
  for (let round = 1; round <= times; round++) {
    process.stdout.write(`round ${round} of ${times}, ${scenarios.length} scenarios\n`)
    const stage = await stageOf(kind)
    const recorder = await startRecorder(stage.kube)
    try {
      all.push(...(await playAll(scenarios, stage, recorder, (played) => {
        process.stdout.write(line(played))
        keep(played)
      })))
    } finally {
      await recorder.close()
      const log = setting('LOG')
      if (log !== undefined) writeFileSync(log, stage.installation.logged())
      await stage.close()
    }
  }
  process.stdout.write(`\n${tableOf(all)}\n`)
  expect(all.filter(({ wrong }) => wrong.length > 0).map(({ scenario, wrong }) => [scenario.name, ...wrong])).toEqual([])
})
