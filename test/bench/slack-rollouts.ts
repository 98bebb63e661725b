import { countRequests } from '../../sandbox/slack/request-count.ts'
import { people } from '../../sandbox/world.ts'
import { manifestOf } from '../corpus/manifests.ts'
import { allEnded, goodApp, importAs, requester } from './promotions.ts'
import type { Measured } from './statistics.ts'
import type { Engine } from './place.ts'
import type { SlackPlace } from './slack-place.ts'

/** Every fifth one fails and goes back. */
const fails = (index: number): boolean => index % 5 === 0
const manifest = manifestOf({ web: { scale: 2, cpu: 10 } })

/** Letters only: an app's name in a row of them. */
export const appAt = (index: number): string => `bench-${'abcdefghijklmnopqrstuvwxyz'.charAt(Math.floor(index / 26))}${'abcdefghijklmnopqrstuvwxyz'.charAt(index % 26)}`

/** As many apps as the largest crowd has, each with a good release, and what each crowd promotes: ids by crowd and app. */
export const prepareApps = async (place: SlackPlace, { operations }: Engine, crowds: readonly number[]): Promise<readonly (readonly string[])[]> => {
  const image = `${place.world.registry.address}/shop`
  const releases: string[][] = crowds.map(() => [])
  const left = Array.from({ length: Math.max(1, ...crowds) }, (_, index) => index)
  await Promise.all(Array.from({ length: 6 }, async () => {
    for (let index = left.shift(); index !== undefined; index = left.shift()) {
      const app = appAt(index)
      await goodApp(operations, app, { image, manifest, channel: place.channelOf(index), params: { stability: '0s' } })
      await operations.setAppParams(requester, { app, params: [['stability', '5s']] })
      for (const [at, many] of crowds.entries()) {
        const mine = releases[at]
        if (mine !== undefined && index < many) mine[index] = await importAs(operations, app, `${image}:${fails(index) ? 'crash' : '1.4.1'}`, manifest)
      }
    }
  }))
  return releases
}

const waitUntil = async (what: string, done: () => Promise<boolean>, seconds: number): Promise<void> => {
  const end = Date.now() + seconds * 1000
  while (!(await done())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${String(seconds)} s`)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

interface Moment { readonly id: string; readonly channel: string; readonly at: number }

/** What was measured with so many rollouts at once, and Slack's side of it. */
export interface Crowd { readonly results: readonly Measured[]; readonly requests: readonly (readonly string[])[] }

/** Busiest minute allowed (reference/slack.md 3.2). Posts: 60 a minute in each channel. */
const budgets: Readonly<Record<string, number>> = { 'chat.update': 50, 'conversations.history': 50, 'conversations.replies': 50, 'users.info': 100, 'views.open': 100 }

const busiestChannel = (place: SlackPlace, since: number): number => {
  const posts = place.world.slack.requests('chat.postMessage').filter((one) => one.at >= since)
  const channels = new Set(posts.map((one) => String(one.args['channel'])))
  return Math.max(0, ...[...channels].map((channel) => countRequests(posts.filter((one) => one.args['channel'] === channel))['chat.postMessage']?.busiestMinute ?? 0))
}

const requestRows = (place: SlackPlace, since: number): readonly (readonly string[])[] => {
  const counts = countRequests(place.world.slack.requests().filter((one) => one.at >= since))
  const rows = Object.entries(counts).filter(([method]) => method !== 'chat.postMessage').toSorted((a, b) => b[1].calls - a[1].calls)
    .map(([method, { calls, limited, busiestMinute }]) => {
      const budget = budgets[method]
      return [method, String(calls), String(busiestMinute), budget === undefined ? '' : `<= ${String(budget)}`, String(limited), budget === undefined ? '' : busiestMinute <= budget && limited === 0 ? 'met' : 'MISSED']
    })
  const posts = counts['chat.postMessage']
  const busiest = busiestChannel(place, since)
  const posting = ['chat.postMessage, busiest channel', String(posts?.calls ?? 0), String(busiest), '<= 60', String(posts?.limited ?? 0), busiest <= 60 && (posts?.limited ?? 0) === 0 ? 'met' : 'MISSED']
  return [['method', 'calls', 'busiest minute', 'budget', '429s', ''], posting, ...rows]
}

/** Promotes the first `many` apps' next releases at once, waits until everything is said, and tells how far behind it was. */
export const crowd = async (place: SlackPlace, releases: readonly string[], many: number): Promise<Crowd> => {
  const { sql } = place
  const ana = place.world.slack.as(people.ana.id)
  const chosen = releases.slice(0, many)
  await sql`truncate bench_revs, bench_cards, bench_notices`
  const since = Date.now()
  await Promise.all(chosen.map(async (release, index) => {
    const typed = await ana.command(place.channelOf(index), `/convox releases promote ${release} -a ${appAt(index)}`)
    if (!typed.ok) throw new Error(`a promotion was not acknowledged: ${typed.error ?? ''}`)
  }))
  const asked = (): Promise<readonly string[]> => sql`select id from promotions where release_id in ${sql(chosen)} and requested_at >= ${new Date(since)}`.then((rows) => rows.map((row) => String(row['id'])))
  await waitUntil('every promotion is there', async () => (await asked()).length === many, 60)
  const ids = await asked()
  await allEnded(sql, ids, 300)
  await waitUntil('everything is said', async () => (await sql`select 1 from conversations c join promotions p on p.id = c.promotion_id where p.id in ${sql(ids)} and (c.dirty or c.card_rev < p.rev) limit 1`).length === 0, 600)

  // A revision is behind until a card that shows it, or a newer one, is on the screen.
  const behind = await sql`select extract(epoch from (select min(c.at) from bench_cards c where c.promotion_id = r.promotion_id and c.rev >= r.rev) - r.at) as s from bench_revs r where r.promotion_id in ${sql(ids)}`
  const verdicts = await sql`select distinct on (r.promotion_id) r.promotion_id as id, c.channel, extract(epoch from r.at) as at,
    extract(epoch from (select min(b.at) from bench_cards b where b.promotion_id = r.promotion_id and b.rev >= r.rev) - r.at) as s
    from bench_revs r join conversations c on c.promotion_id = r.promotion_id where r.promotion_id in ${sql(ids)} and r.status in ('rolling_back', 'failed') order by r.promotion_id, r.rev`
  const ends = await sql`select extract(epoch from (select min(c.at) from bench_cards c where c.promotion_id = r.promotion_id and c.rev >= r.rev) - r.at) as s
    from bench_revs r where r.promotion_id in ${sql(ids)} and r.status in ('succeeded', 'rolled_back', 'failed')`
  const notices = await sql`select extract(epoch from at - made) as s from bench_notices where promotion_id in ${sql(ids)}`
  const moments: Moment[] = verdicts.map((row) => ({ id: String(row['id']), channel: String(row['channel']), at: Number(row['at']) }))
  // A second is allowed for each other failure of the same moment in the same channel.
  const others = (id: string): number => {
    const mine = moments.find((one) => one.id === id)
    return moments.filter((one) => mine !== undefined && one.id !== id && one.channel === mine.channel && Math.abs(one.at - mine.at) < 2).length
  }
  const seconds = (rows: readonly Readonly<Record<string, unknown>>[]): readonly number[] => rows.map((row) => Number(row['s'] ?? Number.POSITIVE_INFINITY))
  const at = `${String(many)} at once`
  return {
    requests: requestRows(place, since),
    results: [
      { what: `a card is behind, ${at}`, unit: 's', samples: seconds(behind), goal: Math.max(5, many * 1.5), never: true },
      { what: `verdict -> on the screen (less 1 s for each other one), ${at}`, unit: 's', samples: verdicts.map((row) => Number(row['s'] ?? Number.POSITIVE_INFINITY) - others(String(row['id']))), goal: 2 },
      { what: `end -> on the screen, ${at}`, unit: 's', samples: seconds(ends) },
      { what: `end -> the last word, ${at}`, unit: 's', samples: seconds(notices) },
    ],
  }
}
