import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { ConfigError, readConfig } from '../src/config.ts'
import { DirectoryInUseError, lockDirectory } from '../src/db/directory-lock.ts'
import { redaction } from '../src/redaction.ts'
import { startSlipway } from '../src/slipway.ts'
import { DirectoryError, prepareDirectory, rememberPast, startsAnew } from './directory.ts'
import { guidedRun } from './guided-run.ts'
import { seed } from './seed.ts'
import { readSettings, SettingsError, usage } from './settings.ts'
import { startWorld } from './world.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const readFile = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

const portInWords = (error: unknown): string | null => {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'EADDRINUSE') return null
  const port = 'port' in error ? ` ${String(error.port)}` : ''
  return `Port${port} is taken: another sandbox, or another program. Stop it, or choose another with: npm run sandbox -- --port 9910`
}

const main = async (): Promise<void> => {
  const settings = readSettings(process.argv.slice(2))
  if (settings === null) return say(usage)
  const directory = await prepareDirectory(settings.directory)
  const unlock = await lockDirectory(directory)
  const fresh = await startsAnew(directory, settings.reset)
  say('Starting a Slack workspace, a Kubernetes cluster, an image registry and Slipway, all simulated but Slipway …')
  const world = await startWorld({
    directory: join(directory, 'world'), speed: settings.speed, guide: guidedRun,
    ports: { page: settings.port, registry: settings.port + 1, cluster: settings.port + 2 },
  })
  const env = { ...world.settings, DATA_DIR: join(directory, 'data') }
  const config = readConfig({ env, readFile, hostname: 'sandbox' })
  const slipway = await startSlipway(config, pino({ level: config.logLevel, ...redaction }, pino.destination(join(directory, 'slipway.log'))))
  let stopping = false
  const stop = async (): Promise<void> => {
    if (stopping) process.exit(1)
    stopping = true
    say('\nStopping. Everything is kept: npm run sandbox goes on here, npm run sandbox -- --reset starts over.')
    await slipway.stop()
    await world.close()
    await unlock()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop().catch(fail))
  if (fresh) {
    say('Giving the shop a past (a few seconds) …')
    // A past needs no waiting for; what is watched afterwards lives as fast as asked for.
    await world.node.setSpeed(20)
    await seed(world)
    await world.node.setSpeed(settings.speed)
    await rememberPast(directory)
  }
  say(`
  Open ${world.slack.pageUrl}

  You are in #shop-releases. Act as Ana (asks), Bo (approves) or Cy (looks on) and follow the guide beside the channels,
  or type /convox help. Images to deploy: ${world.registry.address}/shop:1.4.2, :crash, :slow, … (the page lists them).
  Log: ${join(directory, 'slipway.log')}. Ctrl-C stops; the next start goes on where this one was; --reset starts over.
`)
}

const fail = (error: unknown): never => {
  const words = portInWords(error)
  if (words !== null) process.stderr.write(`${words}\n`)
  else if ([SettingsError, DirectoryError, DirectoryInUseError, ConfigError].some((kind) => error instanceof kind) && error instanceof Error) {
    process.stderr.write(`${error.message.replace('set DATA_DIR to another directory', 'choose another directory with --dir')}\n`)
  } else {
    process.stderr.write(`The sandbox could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\nTry again with --reset.\n`)
  }
  process.exit(1)
}

main().catch(fail)
