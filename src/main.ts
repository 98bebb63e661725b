import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { pino } from 'pino'
import { SlackTokenError } from './bot/probe.ts'
import { ConfigError, readConfig, readPullSecret } from './config.ts'
import { logConsole } from './console-log.ts'
import { NewerSchemaError, PoolerError } from './db/client.ts'
import { DirectoryInUseError } from './db/directory-lock.ts'
import { RackError } from './open-rack.ts'
import { rightsManifest } from './rack/cluster/rights-manifest.ts'
import { createKnownValues } from './rack/env/known-values.ts'
import { reencryptedWords } from './rack/reencrypt.ts'
import { MissingKeyError } from './rack/seal.ts'
import { redactionWith } from './redaction.ts'
import { reencryptAll, startSlipway } from './slipway.ts'

/** EX_CONFIG of sysexits.h: trying again changes nothing, a person has to. */
const configProblem = 78

const readFile = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

const isForAPerson = (error: unknown): error is Error =>
  [ConfigError, SlackTokenError, NewerSchemaError, PoolerError, DirectoryInUseError, RackError, MissingKeyError].some((kind) => error instanceof kind)

const main = async (): Promise<void> => {
  if (process.argv[2] === 'rights') {
    const secret = readPullSecret(process.env['PULL_SECRET'], 'slipway', (setting, problem, fix) => {
      throw new ConfigError([{ setting, problem, fix }])
    })
    process.stdout.write(secret === null ? rightsManifest() : rightsManifest(secret))
    return
  }
  const config = readConfig({ env: process.env, readFile, hostname: hostname() })
  if (process.argv[2] === 'reencrypt') {
    process.stdout.write(`${reencryptedWords(await reencryptAll(config))}\n`)
    return
  }
  const values = createKnownValues()
  const log = pino({ level: config.logLevel, ...redactionWith(values.mask) })
  logConsole(log)
  // What nobody awaited is a bug of ours: said loudly, but a rollout in the middle is worth more than a tidy exit.
  process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'a rejection that nobody handled'))
  const stopping = new AbortController()
  const started = startSlipway(config, log, { signal: stopping.signal, learn: values.learn })
  const stop = async (): Promise<number> => {
    // A start that was given up rejects: there is nothing left to stop then.
    const running = await started.catch(() => null)
    await running?.stop()
    return 0
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(1)
      stopping.abort()
      log.info({ signal }, 'stopping: rollouts go on where the next process takes them up')
      stop().then((code) => process.exit(code), () => process.exit(1))
    })
  }
  await started.catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error
  })
}

main().catch((error: unknown) => {
  if (isForAPerson(error)) process.stderr.write(`${error.message}\n`)
  else process.stderr.write(`Slipway could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exit(isForAPerson(error) ? configProblem : 1)
})
