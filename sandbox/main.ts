import { DirectoryInUseError, lockDirectory } from '../src/db/directory-lock.ts'
import { DirectoryError, prepareDirectory, startsAnew } from './directory.ts'
import { readSettings, SettingsError, usage } from './settings.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

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
  const anew = await startsAnew(directory, settings.reset)
  say('Starting a Slack workspace, a Kubernetes cluster, an image registry and Slipway, all simulated but Slipway …')
  // Only now, because it takes seconds to load: a slip in the command line is answered at once.
  const { runSandbox } = await import('./run.ts')
  const sandbox = await runSandbox(directory, settings)
  let stopping = false
  const stop = async (): Promise<void> => {
    if (stopping) process.exit(1)
    stopping = true
    say('\nStopping. Everything is kept: npm run sandbox goes on here, npm run sandbox -- --reset starts over.')
    await sandbox.close()
    await unlock()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop().catch(fail))
  if (anew) {
    say('Giving the shop a past (a few seconds) …')
    await sandbox.givePast()
  }
  say(`
  Open ${sandbox.pageUrl}

  You are in #shop-releases. Act as Ana (asks), Bo (approves) or Cy (looks on) and follow the guide above the messages,
  or type /convox help. Images to deploy: ${sandbox.registry}/shop:1.4.2, :crash, :slow, … (the page lists them).
  Log: ${sandbox.logFile}. Ctrl-C stops; the next start goes on where this one was; --reset starts over.
`)
}

const fail = (error: unknown): never => {
  const words = portInWords(error)
  if (words !== null) process.stderr.write(`${words}\n`)
  else if ([SettingsError, DirectoryError, DirectoryInUseError].some((kind) => error instanceof kind) && error instanceof Error) {
    process.stderr.write(`${error.message.replace('set DATA_DIR to another directory', 'choose another directory with --dir')}\n`)
  } else {
    process.stderr.write(`The sandbox could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\nTry again with --reset.\n`)
  }
  process.exit(1)
}

main().catch(fail)
