import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Message } from '../../../sandbox/slack/records.ts'
import { shopManifest } from '../../support/world.ts'
import { admin, quickImport, runningApp } from './quick-app.ts'
import { setAppParams } from '../../../src/rack/app-params.ts'
import { startProcess, type SlipwayProcess } from './slipway-process.ts'
import { startStage, type Stage } from './stage.ts'

/** Where a promotion stands when the process dies, and what comes of it. */
interface Death { readonly at: string; readonly tag: string; readonly end: 'succeeded' | 'rolled_back' }

const deaths: readonly Death[] = [
  { at: 'rolling_out dry_run', tag: '1.4.1', end: 'succeeded' },
  { at: 'rolling_out apply', tag: '1.4.2', end: 'succeeded' },
  { at: 'rolling_out services', tag: '1.5.0', end: 'succeeded' },
  { at: 'rolling_out stability', tag: '1.4.1', end: 'succeeded' },
  { at: 'rolling_out prune', tag: '1.4.2', end: 'succeeded' },
  { at: 'rolling_out evidence', tag: 'crash', end: 'rolled_back' },
  { at: 'rolling_back evidence', tag: 'crash', end: 'rolled_back' },
  { at: 'rolling_back restore', tag: 'crash', end: 'rolled_back' },
  { at: 'rolling_back services_back', tag: 'crash', end: 'rolled_back' },
]

describe('a process that is killed in the middle of a promotion', () => {
  let stage: Stage
  let child: SlipwayProcess
  let active: string
  let later: string[]
  const releases = new Map<Death, string>()
  const listeners = new Set<(step: string) => void>()
  let sql: postgres.Sql

  /** Kills the process right after it wrote that it is at `step`. */
  const dieAt = (step: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const hear = (seen: string): void => {
        if (seen !== step) return
        listeners.delete(hear)
        child.kill().then(resolve, reject)
      }
      listeners.add(hear)
    })
  /** By the promotion in their blocks' ids: a card that went back names another release in its header. */
  const cardsOf = async (release: string): Promise<Message[]> => {
    const ids = (await stage.rows(`select id from promotions where release_id = '${release}'`)).map((row) => String(row['id']))
    return stage.world.slack.messages(stage.channel).filter((message) => message.thread === undefined && ids.some((id) => message.blocks?.[0]?.block_id?.startsWith(id)))
  }

  beforeAll(async () => {
    stage = await startStage()
    const { world } = stage
    active = await runningApp(world, { app: 'shop', channel: stage.channel, manifest: shopManifest })
    later = [await quickImport(world, 'shop', '1.5.0'), await quickImport(world, 'shop', '1.4.1')]
    for (const death of deaths) releases.set(death, await quickImport(world, 'shop', death.tag))
    await setAppParams(world.slipway().rack, admin, { app: 'shop', params: [['stability', '2s']] })
    await world.stop()
    sql = postgres(world.databaseUrl, { max: 2, onnotice: () => {} })
    await sql.unsafe(`create function tell_step() returns trigger language plpgsql as $$ begin
      if new.step is distinct from old.step or new.status is distinct from old.status then perform pg_notify('steps', new.status || ' ' || coalesce(new.step, '')); end if; return new; end $$`)
    await sql.unsafe('create trigger tell_step after update on promotions for each row execute function tell_step()')
    await sql.listen('steps', (step) => {
      for (const hear of listeners) hear(step)
    })
    child = await startProcess(world.environment)
  }, 60_000)
  afterAll(async () => {
    await child.kill()
    await sql.end({ timeout: 1 })
    await stage.close()
  })

  it.each(deaths)('goes on where it stood: $at', async (death) => {
    const { world } = stage
    const release = releases.get(death) ?? ''
    const died = dieAt(death.at)
    await stage.ana.command(stage.channel, `/convox releases promote ${release} -a shop`)
    await died
    const [then] = await stage.rows(`select status, step from promotions where release_id = '${release}'`)
    expect(then?.['status']).not.toBe(death.end)
    child = await startProcess(world.environment)

    const row = await world.slack.until(async () => (await stage.rows(`select * from promotions where release_id = '${release}' and finished_at is not null`))[0], 25_000)
    expect(row).toMatchObject({ status: death.end })
    expect(await stage.rows(`select id from promotions where release_id = '${release}'`)).toHaveLength(1)
    const word = death.end === 'succeeded' ? /^Succeeded: / : /^Rolled back: /
    const card = await world.slack.until(async () => (await cardsOf(release)).find((message) => word.test(message.text)))
    await stage.lastWord(card, death.end === 'succeeded' ? /^```\nOK\n```/ : new RegExp(`ERROR: rolled back to ${active}: web crashed at start \\(exit 1\\)`))
    expect(await cardsOf(release)).toHaveLength(1)
    const lines = stage.thread(card).split('\n').filter((line) => /^\d{4}-/.test(line))
    expect(lines).toEqual([...new Set(lines)])
    const arrows = death.end === 'succeeded'
      ? ['Running => Pending', 'Pending => Updating', 'Updating => Running']
      : ['Running => Pending', 'Pending => Updating', 'Updating => Error', 'Error => Rollback', 'Rollback => Reverted']
    expect(stage.statuses(card)).toEqual(arrows)
    const messages = world.slack.thread(card)
    expect(messages.filter((message) => message.text.startsWith('```\nOK\n```'))).toHaveLength(death.end === 'succeeded' ? 1 : 0)
    expect(messages.filter((message) => message.broadcast)).toHaveLength(death.end === 'succeeded' ? 0 : 1)
    if (death.end === 'rolled_back') expect(stage.shown(messages.at(-1) ?? card)).toContain('Error: DATABASE_URL is not set')
    else active = release
    const running = JSON.stringify(world.cluster.get('deployments.apps', 'convox-shop', 'web')?.['spec'])
    expect(running).toContain(active)
    expect(stage.buttons(card)).toEqual([])
  }, 60_000)

  it('keeps a request waiting through it, votes and all', async () => {
    const { world } = stage
    await stage.ask(stage.bo, '/convox apps params set approvals=1 -a shop', /./s)
    const release = later[0] ?? ''
    await stage.promoteAnyway(release)
    const card = await stage.card(new RegExp(`^Waiting for approval: .*${release}`))
    await child.kill()
    child = await startProcess(world.environment)
    expect(await stage.click(stage.dee, card, 'Approve')).toContain(`You approved ${release} for shop: 1 of 1.`)
    const done = await stage.card(new RegExp(`^Succeeded: ${release} `), 20_000)
    expect(done.ts).toBe(card.ts)
    expect(await cardsOf(release)).toHaveLength(1)
    active = release
  }, 60_000)

  it('has one owner and one card with a second replica, which takes over at once when the first one is stopped', async () => {
    const { world } = stage
    await stage.ask(stage.bo, '/convox apps params set approvals=0 stability=12s -a shop', /./s)
    const second = await startProcess({ ...world.environment, INSTANCE_ID: 'second' })
    try {
        const release = later[1] ?? ''
      await stage.promoteAnyway(release)
      const moving = await world.slack.until(async () => (await stage.rows(`select lease_owner, epoch from promotions where release_id = '${release}' and step = 'stability'`))[0], 20_000)
      expect(['sandbox', 'second']).toContain(moving['lease_owner'])
      const [owner, other] = moving['lease_owner'] === 'second' ? [second, child] : [child, second]
      expect(await owner.terminate()).toBe(0)
      const next = await world.slack.until(async () => (await stage.rows(`select lease_owner, epoch from promotions where release_id = '${release}' and lease_owner is not null and lease_owner <> '${String(moving['lease_owner'])}'`))[0])
      expect(Number(next['epoch'])).toBeGreaterThan(Number(moving['epoch']))
      const card = await stage.card(new RegExp(`^Succeeded: ${release} `), 25_000)
      await stage.lastWord(card, /^```\nOK\n```/)
      expect(await cardsOf(release)).toHaveLength(1)
      const lines = stage.thread(card).split('\n').filter((line) => /^\d{4}-/.test(line))
      expect(lines).toEqual([...new Set(lines)])
      if (other === second) child = await startProcess(world.environment)
    } finally {
      await second.kill().catch((error: unknown) => expect(String(error)).toContain('ESRCH'))
    }
  }, 60_000)
})
