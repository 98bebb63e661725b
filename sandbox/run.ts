import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { readConfig } from '../src/config.ts'
import { logConsole } from '../src/console-log.ts'
import { createKnownValues } from '../src/rack/env/known-values.ts'
import { redactionWith } from '../src/redaction.ts'
import { startSlipway } from '../src/slipway.ts'
import { rememberPast } from './directory.ts'
import { guidedRun } from './guided-run.ts'
import { seed } from './seed.ts'
import type { SandboxSettings } from './settings.ts'
import { startWorld } from './world.ts'

const readFile = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

/** A running sandbox. */
export interface Sandbox {
  readonly pageUrl: string
  /** Address of the registry, as images name it. */
  readonly registry: string
  readonly logFile: string
  /** Gives the shop its past, and remembers that it has one. */
  givePast(): Promise<void>
  close(): Promise<void>
}

/** Starts workspace, cluster, registry and Slipway in that directory, whose lock the caller holds. */
export const runSandbox = async (directory: string, settings: SandboxSettings): Promise<Sandbox> => {
  const world = await startWorld({
    directory: join(directory, 'world'), speed: settings.speed, guide: guidedRun,
    ports: { page: settings.port, registry: settings.port + 1, cluster: settings.port + 2 },
  })
  const logFile = join(directory, 'slipway.log')
  const config = readConfig({ env: { ...world.settings, DATA_DIR: join(directory, 'data') }, readFile, hostname: 'sandbox' })
  const values = createKnownValues()
  const log = pino({ level: config.logLevel, ...redactionWith(values.mask) }, pino.destination(logFile))
  const consoleAgain = logConsole(log)
  const slipway = await startSlipway(config, log, { learn: values.learn })
  return {
    pageUrl: world.slack.pageUrl, registry: world.registry.address, logFile,
    givePast: async () => {
      // A past needs no waiting for; what is watched afterwards lives as fast as asked for.
      await world.node.setSpeed(20)
      await seed(world)
      await world.node.setSpeed(settings.speed)
      await rememberPast(directory)
    },
    close: async () => {
      await slipway.stop()
      await world.close()
      consoleAgain()
    },
  }
}
