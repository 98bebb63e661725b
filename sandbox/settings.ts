import { parseArgs } from 'node:util'

/** What `npm run sandbox -- …` was asked for. */
export interface SandboxSettings {
  readonly directory: string
  /** The page's; registry and cluster take the two after it. */
  readonly port: number
  readonly reset: boolean
  /** How many times as fast as recorded containers live. */
  readonly speed: number
}

export const usage = `npm run sandbox -- [--port 8910] [--dir .slipway/sandbox] [--speed 1] [--reset]

  --port N    the page is at http://127.0.0.1:N/; N+1 and N+2 are the registry and the cluster
  --dir D     where everything is kept, so that the next start goes on where this one was
  --speed X   containers live X times as fast as real ones did (1 to 20)
  --reset     starts over: what is kept in the directory is removed first
`

/** The command line cannot be used; `message` says why and what can. */
export class SettingsError extends Error {
  constructor(why: string) {
    super(`${why}\n\n${usage}`)
    this.name = 'SettingsError'
  }
}

/** Reads the arguments; null when help was asked for. Throws `SettingsError`. */
export const readSettings = (args: readonly string[]): SandboxSettings | null => {
  const options = {
    port: { type: 'string', default: '8910' }, dir: { type: 'string', default: '.slipway/sandbox' }, speed: { type: 'string', default: '1' },
    reset: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false },
  } as const
  let values
  try {
    values = parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values
  } catch (error) {
    throw new SettingsError(error instanceof Error ? error.message : String(error))
  }
  if (values.help) return null
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 1 || port > 65_533) throw new SettingsError(`--port "${values.port}" is not a number from 1 to 65533.`)
  const speed = Number(values.speed)
  if (!(speed >= 1 && speed <= 20)) throw new SettingsError(`--speed "${values.speed}" is not a number from 1 to 20.`)
  if (values.dir === '') throw new SettingsError('--dir is empty.')
  return { directory: values.dir, port, reset: values.reset, speed }
}
