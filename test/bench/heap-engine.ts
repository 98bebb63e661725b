import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import postgres from 'postgres'
import { z } from 'zod'
import { web } from '../corpus/manifests.ts'
import { benchChannels, startEngine } from './place.ts'
import { ended, goodApp, requester } from './promotions.ts'

/*
 * The process whose heap heap.ts measures: Slipway and nothing else, promoting again and again over a few apps. Slack, cluster, nodes and database are elsewhere.
 */
const { promotions, apps, image, environment } = z.object({ promotions: z.coerce.number(), apps: z.coerce.number(), image: z.string(), environment: z.record(z.string(), z.string()) })
  .parse(JSON.parse(process.argv[2] ?? '{}'))

setFlagsFromString('--expose_gc')
const collect: unknown = runInNewContext('gc')
const used = async (): Promise<number> => {
  for (let turn = 0; turn < 3; turn += 1) {
    if (typeof collect === 'function') collect()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return process.memoryUsage().heapUsed / 2 ** 20
}

const sql = postgres(z.string().parse(environment['DATABASE_URL']), { max: 1, onnotice: () => {} })
/** What is not said yet is kept in mind: it is waited for, a minute at most. */
const said = async (): Promise<void> => {
  for (let tries = 0; tries < 120; tries += 1) {
    const rows = await sql`select 1 from conversations where dirty limit 1`
    if (rows.length === 0) return
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

const { slipway, operations } = await startEngine(environment)
const names = Array.from({ length: apps }, (_, index) => `heap-${'abcdefghijklmnopqrstuvwxyz'.charAt(index)}`)
await Promise.all(names.map((app, index) => goodApp(operations, app, { image, manifest: web({ scale: 1 }), params: { stability: '0s' }, ...(benchChannels[index] === undefined ? {} : { channel: benchChannels[index].id }) })))
process.send?.({ ready: true })
const rounds = Math.ceil(promotions / apps)
for (let round = 0; round < rounds; round += 1) {
  await Promise.all(names.map(async (app) => {
    const { release } = await operations.changeEnv(requester, { app, set: [['ROUND', String(round)]], unset: [], replace: false, base: null })
    const { id } = await operations.promote(requester, { app, release, deadlineSeconds: null, confirmed: [] })
    const view = await ended(operations, id)
    if (view.status !== 'succeeded') throw new Error(`${app} ended ${view.status}: ${JSON.stringify(view.cause)}`)
  }))
  // The first rounds warm up what is cached once.
  if (round >= 1 && (round % Math.max(1, Math.floor(rounds / 20)) === 0 || round === rounds - 1)) {
    await said()
    process.send?.({ done: (round + 1) * apps, heap: await used() })
  }
}
process.send?.({ over: true })
await slipway.stop()
await sql.end({ timeout: 1 })
process.exit(0)
