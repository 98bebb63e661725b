import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { parseDuration } from '../src/rack/params.ts'
import { BadRecordingError } from '../src/rack/recorder/bad-recording.ts'
import { replayText } from '../src/rack/recorder/replay.ts'
import { replayReport } from '../src/rack/recorder/replay-report.ts'

/*
 * npm run judge -- <file.jsonl> [--deadline 10m] [--wait 2m]
 * Judges a recording again: one of ours (`/convox promotions info P… --facts`) or a recorded watch of a namespace. Exit code 2: the file cannot be judged.
 */
const usage = 'usage: npm run judge -- <file.jsonl> [--deadline 10m] [--wait 2m]\n'
class UsageError extends Error {}

const durationOf = (flag: string, text: string): number => {
  const seconds = parseDuration(text)
  if (seconds === undefined) throw new UsageError(`--${flag} takes 90s, 10m or 2h, not ${text}`)
  return seconds
}

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new BadRecordingError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

const argumentsOf = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: { deadline: { type: 'string' }, wait: { type: 'string' } } })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

const main = (): void => {
  const { values, positionals } = argumentsOf(process.argv.slice(2))
  const [path] = positionals
  if (path === undefined || positionals.length > 1) throw new UsageError('it takes one file')
  const options = {
    ...(values.deadline === undefined ? {} : { deadline: durationOf('deadline', values.deadline) }),
    ...(values.wait === undefined ? {} : { waitOn: durationOf('wait', values.wait) * 1000 }),
  }
  process.stdout.write(`${replayReport(replayText(readText(path), options)).join('\n')}\n`)
}

try {
  main()
} catch (error) {
  if (!(error instanceof BadRecordingError) && !(error instanceof UsageError)) throw error
  process.stderr.write(`${error instanceof UsageError ? `${error.message}\n${usage}` : `This file cannot be judged: ${error.message}\n`}`)
  process.exitCode = 2
}
