import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import postgres from 'postgres'
import { freshDatabase } from '../../support/database.ts'

/** What no code of ours could break even if it forgot to look. */
describe('the database itself', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>
  let sql: postgres.Sql
  beforeAll(async () => {
    database = await freshDatabase()
    sql = postgres(database.url, { max: 1, onnotice: () => {} })
    await sql.unsafe(`insert into apps (rack, name, namespace, created_by) values ('convox', 'shop', 'convox-shop', 'U1'), ('convox', 'mail', 'convox-mail', 'U1')`)
    await sql.unsafe(`insert into releases (id, rack, app, env, description, origin, created_by) values ('RAAAAAAAAAA', 'convox', 'shop', '', '', 'env', 'U1')`)
  })
  afterAll(async () => {
    await sql.end({ timeout: 1 })
    await database.drop()
  })

  const promotion = (id: string, more: Readonly<Record<string, string>> = {}): string => {
    const columns = {
      id: `'${id}'`, rack: `'convox'`, app: `'shop'`, kind: `'promote'`, status: `'awaiting_approval'`, release_id: `'RAAAAAAAAAA'`, requester: `'U1'`, approvals_needed: '1', approvers: `'[]'`,
      digest: `'d'`, digest_key_id: `'k'`, digest_parts: `'{}'`, deadline_seconds: '600', stability_seconds: '30', change: `'{}'`, warnings: `'[]'`, ...more,
    }
    return `insert into promotions (${Object.keys(columns).join(', ')}) values (${Object.values(columns).join(', ')})`
  }
  const moving = { status: `'rolling_out'`, started_at: 'now()' }

  it('takes what is right', async () => {
    for (const statement of [promotion('PAAAAAAAAAA'), promotion('PAAAAAAAAAB', moving), promotion('PAAAAAAAAAC', { ...moving, app: `'mail'` }), promotion('PAAAAAAAAAD', { status: `'rejected'`, finished_at: 'now()' })]) {
      await expect(sql.unsafe(statement)).resolves.toEqual([])
    }
    await expect(sql.unsafe(`insert into approvals (promotion_id, digest, person) values ('PAAAAAAAAAA', 'd', 'U2')`)).resolves.toEqual([])
  })

  it.each([
    ['a second moving promotion of an app', promotion('PAAAAAAAAAE', moving), 'promotions_one_moving'],
    ['a second one that goes back meanwhile', promotion('PAAAAAAAAAF', { ...moving, status: `'rolling_back'` }), 'promotions_one_moving'],
    ['a second vote of one person on one digest', `insert into approvals (promotion_id, digest, person) values ('PAAAAAAAAAA', 'd', 'U2')`, 'approvals_promotion_id_digest_person_pk'],
    ['a promotion id of another form', promotion('7f3a'), 'promotions_id_form'],
    ['a release id of another form', `insert into releases (id, rack, app, env, description, origin, created_by) values ('r1', 'convox', 'shop', '', '', 'env', 'U1')`, 'releases_id_form'],
    ['a build id of another form', `insert into builds (id, rack, app, description, manifest, images, created_by, started_at) values ('b1', 'convox', 'shop', '', '', '{}', 'U1', now())`, 'builds_id_form'],
    ['an end without a time', promotion('PAAAAAAAAAG', { status: `'succeeded'`, started_at: 'now()' }), 'promotions_end_has_time'],
    ['a time of the end without an end', promotion('PAAAAAAAAAH', { finished_at: 'now()' }), 'promotions_end_has_time'],
    ['a rollout without a start', promotion('PAAAAAAAAAJ', { status: `'rolling_out'`, app: `'shop'` }), 'promotions_move_has_start'],
    ['a promotion of an app that is not there', promotion('PAAAAAAAAAK', { app: `'nope'` }), 'promotions_app'],
    ['two namespaces of one name on one rack', `insert into apps (rack, name, namespace, created_by) values ('convox', 'shop2', 'convox-shop', 'U1')`, 'apps_namespace'],
    ['a second installation row', `insert into installation (one, id, schema_major) values (2, 'x', 1)`, 'installation_one_row'],
  ])('refuses %s', async (_what, statement, constraint) => {
    await expect(sql.unsafe(statement)).rejects.toMatchObject({ constraint_name: constraint })
  })

  it('has one last word for each promotion', async () => {
    const word = (seq: number): string => `insert into outbox (promotion_id, seq, kind, fact) values ('PAAAAAAAAAA', ${seq}, 'notice', '{}')`
    await sql.unsafe(word(1))
    await expect(sql.unsafe(word(2))).rejects.toMatchObject({ constraint_name: 'outbox_one_notice' })
  })
})
