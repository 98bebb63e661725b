import { existsSync, readFileSync } from 'node:fs'
import { pino } from 'pino'
import postgres from 'postgres'
import { people, startSurroundings, startWorld, type World } from '../../sandbox/world.ts'
import { readConfig } from '../../src/config.ts'
import { createOperations } from '../../src/rack/create-operations.ts'
import { startSlipway } from '../../src/slipway.ts'
import { bundleSlipway } from '../support/slipway-bundle.ts'
import { startProcess, type SlipwayProcess } from '../flows/promotions/slipway-process.ts'
import { startPostgres } from '../support/postgres-server.ts'
import type { Engine } from './place.ts'

/** A simulated Slack with Slack's own limits, a simulated cluster, PostgreSQL, and Slipway in a process of its own. */
export interface SlackPlace {
  readonly world: World
  readonly sql: postgres.Sql
  readonly databaseUrl: string
  /** Channel of the n-th app: some apps share one. */
  channelOf(index: number): string
  /** Slipway in this process, for the set-up: what it says does not count. */
  setUp(work: (engine: Engine) => Promise<void>): Promise<void>
  /** Slipway in a process of its own, or in several, while `work` runs. */
  running(work: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

const channels = 10
const key = `bench:${Buffer.alloc(32, 9).toString('base64')}`

/** When each revision of a promotion was written, when the card showed it, and when its last word was sent; all by the database's clock. */
const logs = `
create table bench_revs (promotion_id text, rev int, status text, at timestamptz default clock_timestamp());
create table bench_cards (promotion_id text, rev int, at timestamptz default clock_timestamp());
create table bench_notices (promotion_id text, made timestamptz, at timestamptz default clock_timestamp());
create function bench_rev() returns trigger language plpgsql as $$ begin
  if tg_op = 'INSERT' or new.rev <> old.rev then insert into bench_revs (promotion_id, rev, status) values (new.id, new.rev, new.status); end if;
  return null; end $$;
create function bench_card() returns trigger language plpgsql as $$ begin
  if new.card_rev > old.card_rev then insert into bench_cards (promotion_id, rev) values (new.promotion_id, new.card_rev); end if;
  return null; end $$;
create function bench_notice() returns trigger language plpgsql as $$ begin
  if new.kind = 'notice' and new.state = 'sent' and old.state <> 'sent' then insert into bench_notices (promotion_id, made) values (new.promotion_id, new.created_at); end if;
  return null; end $$;
create trigger bench_rev after insert or update on promotions for each row execute function bench_rev();
create trigger bench_card after update on conversations for each row execute function bench_card();
create trigger bench_notice after update on outbox for each row execute function bench_notice();
`

/** Everything said so far counts as said, and no budget as used: the set-up is not what is measured. */
const silence = `
update outbox set state = 'sent', ts = '1.000001' where state <> 'sent';
update conversations c set dirty = false, lease_owner = null, lease_until = null, card_state = 'sent', card_ts = coalesce(card_ts, '1.000001'), card_rev = (select rev from promotions p where p.id = c.promotion_id);
delete from lanes;
truncate bench_revs, bench_cards, bench_notices;
`

/** Opens the place; closing it closes what was opened, the last first. `speed` is how many times as fast as recorded the containers live; `processes`: replicas of Slipway. */
export const openSlackPlace = async (speed: number, processes = 1): Promise<SlackPlace> => {
  const closing: (() => unknown)[] = []
  const close = async (): Promise<void> => {
    for (const each of closing.splice(0).reverse()) await each()
  }
  const channelOf = (index: number): string => `C0BENCH${String(index % channels)}`
  try {
    const members = Object.values(people).map(({ id }) => id)
    const channelList = Array.from({ length: channels }, (_, index) => ({ id: channelOf(index), name: `bench-${String(index)}`, members, bot: true }))
    const world = await startWorld({ directory: null, speed, slack: { channels: channelList } })
    closing.push(() => world.close())
    const server = await startPostgres()
    closing.push(() => server.stop())
    const bundle = await bundleSlipway()
    closing.push(bundle.remove)
    const sql = postgres(server.url, { max: 2, onnotice: () => {} })
    closing.push(() => sql.end({ timeout: 2 }))
    const environment = { ...world.settings, DATABASE_URL: server.url, SECRET_KEY: key, PORT: '0' }
    let logging = false
    const setUp: SlackPlace['setUp'] = async (work) => {
      // Another workspace hears of it, so that the measured one's budgets are whole.
      const elsewhere = await startSurroundings(world.settings['KUBECONFIG'] ?? '', { directory: null, slack: { channels: channelList } })
      const config = readConfig({ env: { ...environment, SLACK_API_URL: elsewhere.settings['SLACK_API_URL'] }, readFile: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : null), hostname: 'bench' })
      const slipway = await startSlipway(config, pino({ level: 'fatal' }))
      try {
        if (!logging) await sql.unsafe(logs)
        logging = true
        await work({ slipway, operations: createOperations(slipway.rack) })
      } finally {
        await slipway.stop()
        await elsewhere.close()
      }
      await sql.unsafe(silence)
    }
    const running: SlackPlace['running'] = async (work) => {
      const children: SlipwayProcess[] = []
      try {
        for (let count = 0; count < processes; count += 1) children.push(await startProcess(environment, null, bundle.file, 'info'))
        await work()
      } finally {
        await Promise.all(children.map((child) => child.terminate()))
      }
    }
    return { world, sql, databaseUrl: server.url, channelOf, setUp, running, close }
  } catch (error) {
    await close()
    throw error
  }
}
