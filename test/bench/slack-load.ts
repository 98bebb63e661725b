import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { z } from 'zod'
import { people } from '../../sandbox/world.ts'
import * as schema from '../../src/db/schema.ts'
import { listReleases } from '../../src/rack/releases.ts'
import type { Engine } from './place.ts'
import { requester } from './promotions.ts'
import { appAt } from './slack-rollouts.ts'
import type { Measured } from './statistics.ts'
import type { SlackPlace } from './slack-place.ts'

const explained = z.array(z.object({ 'Planning Time': z.number(), 'Execution Time': z.number() }))

/** Fills the first app with so many releases, copies of its newest one. */
export const manyReleases = async ({ sql }: SlackPlace, many: number): Promise<void> => {
  const columns = (await sql`select column_name as name from information_schema.columns where table_name = 'releases' and is_identity = 'NO' and column_name not in ('id', 'delivery') order by ordinal_position`).map((row) => `"${String(row['name'])}"`).join(', ')
  // Ids as they are made: a letter and ten capitals, here the number in letters.
  const letters = Array.from({ length: 6 }, (_, place) => `chr(65 + (n / ${String(26 ** (5 - place))}) % 26)`).join(' || ')
  await sql.unsafe(`insert into releases (id, ${columns}) select 'RZZZZ' || ${letters}, ${columns} from (select * from releases where app = '${appAt(0)}' order by seq desc limit 1) r, generate_series(1, ${String(many)}) n`)
  await sql.unsafe('analyze releases')
}

/**
 * Milliseconds that the database itself is busy with one listing: each of its statements as it was sent, planned and run once more by the database under its
 * own clock, so that neither the way there nor a busy client counts.
 */
export const databaseTimes = async ({ databaseUrl }: SlackPlace, { slipway: { rack } }: Engine, times: number): Promise<Measured> => {
  const statements: { readonly query: string; readonly values: readonly unknown[] }[] = []
  const client = postgres(databaseUrl, { max: 1, onnotice: () => {} })
  const db = drizzle(client, { schema, logger: { logQuery: (query, values) => void statements.push({ query, values }) } })
  try {
    await listReleases({ ...rack, db }, requester, { app: appAt(0), limit: 10 })
    const samples: number[] = []
    for (let count = 0; count < times; count += 1) {
      let spent = 0
      for (const { query, values } of statements) {
        const [row] = await client.unsafe(`explain (analyze, timing off, format json) ${query}`, values.map(String))
        const [plan] = explained.parse(row?.['QUERY PLAN'])
        spent += (plan?.['Execution Time'] ?? 0) + (plan?.['Planning Time'] ?? 0)
      }
      samples.push(spent)
    }
    return { what: `listing releases, ${String(statements.length)} statements in the database`, unit: 'ms', samples: samples.slice(Math.floor(times / 10)), goal: 5 }
  } finally {
    await client.end({ timeout: 1 })
  }
}

/** Milliseconds from a typed `/convox releases` to its acknowledgement, and to its answer, at so many a second. */
export const acknowledgements = async (place: SlackPlace, { rate, seconds }: { readonly rate: number; readonly seconds: number }): Promise<readonly Measured[]> => {
  const { slack } = place.world
  const channel = place.channelOf(0)
  const actors = Object.values(people).map(({ id }) => slack.as(id))
  const count = (): number => slack.workspace.ephemerals(channel).length
  const acknowledged: number[] = []
  const refused: string[] = []
  const type = async (index: number, kept: boolean): Promise<void> => {
    const begun = performance.now()
    const outcome = await actors[index % actors.length]?.command(channel, `/convox releases -a ${appAt(0)}`)
    if (outcome?.ok !== true) refused.push(outcome?.error ?? 'nobody typed')
    else if (kept) acknowledged.push(performance.now() - begun)
  }
  const atRate = async (each: number, many: number, kept: boolean): Promise<void> => {
    const begun = performance.now()
    const typed: Promise<void>[] = []
    for (let index = 0; index < many; index += 1) {
      const wait = begun + (index * 1000) / each - performance.now()
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
      typed.push(type(index, kept))
    }
    await Promise.all(typed)
  }
  await atRate(rate / 4, rate, false)
  const before = count()
  const begun = performance.now()
  await atRate(rate, rate * seconds, true)
  const typedIn = performance.now() - begun
  while (count() < before + acknowledged.length && performance.now() - begun < seconds * 4_000) await new Promise((resolve) => setTimeout(resolve, 50))
  if (refused.length > 0) throw new Error(`${String(refused.length)} commands were not acknowledged: ${[...new Set(refused)].join(', ')}`)
  return [
    { what: `acknowledgement at ${String(Math.round((rate * seconds * 1000) / typedIn))}/s`, unit: 'ms', samples: acknowledged, goal: 25 },
    { what: 'all answered after the last one was typed', unit: 's', samples: [(performance.now() - begun - typedIn) / 1000] },
  ]
}
