import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { z } from 'zod'

const created = z.object({ request: z.object({ origin: z.unknown(), method: z.string(), path: z.string() }) })

/** Counts what this process asks a server over undici while `work` runs: not the pulse, not the watches. */
export const countRequests = async (origin: string, work: () => Promise<void>): Promise<readonly string[]> => {
  const asked: string[] = []
  const hear = (message: unknown): void => {
    const { success, data } = created.safeParse(message)
    if (!success || !String(data.request.origin).startsWith(origin)) return
    const { method, path } = data.request
    if (!path.includes('watch=true') && !/^\/(livez|readyz|healthz|version)/.test(path)) asked.push(`${method} ${path.replace(/\?.*/, path.includes('dryRun') ? ' (dry run)' : '')}`)
  }
  subscribe('undici:request:create', hear)
  try {
    await work()
  } finally {
    unsubscribe('undici:request:create', hear)
  }
  return asked
}
