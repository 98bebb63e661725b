import type { Stage } from '../flows/promotions/stage.ts'
import type { Told } from './witness.ts'

/** One service with one process: what is told of it is what matters here. */
export const manifest = `services:
  web:
    build: .
    command: bin/web
    port: 5000
`

/** What the database says of every promotion, in the order in which they were asked for. */
export const toldOf = async (stage: Stage): Promise<readonly (Told & { readonly app: string })[]> => {
  const rows = await stage.rows(`select p.id, p.app, p.status, c.channel, c.card_state from promotions p join conversations c on c.promotion_id = p.id order by p.seq`)
  return Promise.all(rows.map(async (row) => ({
    id: String(row['id']), app: String(row['app']), status: String(row['status']), channel: String(row['channel']), cardState: String(row['card_state']),
    rows: (await stage.rows(`select seq, kind, state, why from outbox where promotion_id = '${String(row['id'])}' order by seq`))
      .map((one) => ({ seq: Number(one['seq']), kind: String(one['kind']), state: String(one['state']), why: one['why'] === null ? null : String(one['why']) })),
  })))
}

/** Every promotion has ended, and everything about them is said. */
export const isSettled = async (stage: Stage): Promise<boolean> => {
  const [row] = await stage.rows(`select (select count(*) from promotions where finished_at is null) + (select count(*) from outbox where state not in ('sent', 'dead'))
    + (select count(*) from conversations c join promotions p on p.id = c.promotion_id where c.card_state <> 'dead' and (c.dirty or c.card_state <> 'sent' or c.card_rev < p.rev)) as open`)
  return Number(row?.['open']) === 0
}

/** Every table as text. What is sealed is bytes there. */
const databaseText = async (stage: Stage): Promise<string> => {
  const tables = await stage.rows(`select table_name as name from information_schema.tables where table_schema = 'public'`)
  const texts = await Promise.all(tables.map(async ({ name }) => (await stage.rows(`select t::text as row from "${String(name)}" t`)).map((row) => String(row['row'])).join('\n')))
  return texts.join('\n')
}

/** What people see, what we asked of Slack, what we keep and what we log: no value of any env may stand there. `logged`: by the processes beside the stage's. */
export const places = async (stage: Stage, logged: string): Promise<Readonly<Record<string, string>>> => {
  const { slack } = stage.world
  const { workspace } = slack
  const shown = workspace.channels().map(({ id }) => [slack.messages(id), workspace.ephemerals(id)])
  const files = workspace.files().map(({ content }) => Buffer.from(content ?? '', 'base64').toString())
  return {
    'what Slack shows': JSON.stringify([shown, workspace.views(), files]), 'what Slack was asked': JSON.stringify(slack.requests()),
    'the database': await databaseText(stage), 'the logs': logged + stage.world.logged(),
  }
}

/** Decisions and ends that are in the audit more than once for one promotion: one approval is enough everywhere here. */
export const decidedTwice = (stage: Stage): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  stage.rows(`select promotion_id as promotion, kind as action, count(*)::int as n from (select promotion_id,
    case when action in ('promotion.approve', 'promotion.reject') then 'decided' else 'ended' end as kind from audit where decision is distinct from 'refused' and action in
    ('promotion.approve', 'promotion.reject', 'promotion.cancel', 'promotion.expire', 'promotion.succeed', 'promotion.fail', 'promotion.rolled_back', 'promotion.rollback_failed', 'promotion.supersede')) a
    group by promotion_id, kind having count(*) > 1`)
