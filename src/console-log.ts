import { format } from 'node:util'
import type { Logger } from 'pino'

/**
 * What a library says on the console stands in our log, where an operator looks for it: cron warns there of a tick that a busy machine missed. Returns the
 * way back.
 */
export const logConsole = (log: Logger): (() => void) => {
  const { warn, error } = console
  console.warn = (...words) => log.warn({ from: 'a library' }, format(...words))
  console.error = (...words) => log.error({ from: 'a library' }, format(...words))
  return () => Object.assign(console, { warn, error })
}
