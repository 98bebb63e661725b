import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Message } from '../../../sandbox/slack/records.ts'
import { cardOf, channelFor, quickImport, quickPromote, runningApp } from '../promotions/quick-app.ts'
import { startStage, type Stage } from '../promotions/stage.ts'
import { createDriftReport } from '../../../src/rack/report-drift.ts'

const apps = ['keeps', 'taken', 'timed', 'goesback', 'copies', 'crashes', 'asks', 'forced'] as const

describe('apps lock', () => {
  let stage: Stage
  const here = (app: string): string => channelFor(app).id
  const say = (who: Stage['ana'], words: string, like: RegExp = /./s): Promise<string> => stage.answer(who, `/convox ${words}`, like).then((message) => stage.shown(message))
  const told = (app: string, like: RegExp): Promise<Message> => cardOf(stage.world, here(app), like)
  const statuses = async (app: string): Promise<string[]> => (await stage.rows(`select status from promotions where app = '${app}' order by seq`)).map((row) => String(row['status']))
  const audited = async (app: string): Promise<string[]> =>
    (await stage.rows(`select action, actor from audit where app = '${app}' and (action like 'app.%lock%' or action = 'promotion.pass') order by id`)).map((row) => `${String(row['action'])} ${String(row['actor'])}`)

  beforeAll(async () => {
    stage = await startStage({
      slack: { channels: [{ id: 'C0RELEASES', name: 'releases' }, ...apps.map(channelFor)].map((channel) => ({ ...channel, members: ['U0ANA', 'U0BO', 'U0CY', 'U0DEE'], bot: true })) },
    })
  })
  afterAll(() => stage.close())

  it('keeps an app to its owner: others are refused or queue, the owner passes, and unlocking lets the queue go on', async () => {
    await runningApp(stage.world, { app: 'keeps', channel: here('keeps') })
    expect(await say(stage.dee, 'apps lock keeps --reason "migrating the database" --for 2h')).toMatch(/^keeps is locked by you until <time>: "migrating the database"\. Its channel hears of it\.\nEnd it with \/convox apps unlock keeps/)
    expect((await told('keeps', /^Locked: keeps by dee/)).text).toMatch(/^Locked: keeps by dee until .* UTC: "migrating the database"\. Promotions of others wait\.$/)
    expect(await say(stage.cy, 'apps info keeps')).toMatch(/Locked +by @dee since \S+,\s+until\s+\S+:\s+migrating\s+the\s+database/)

    const first = await quickImport(stage.world, 'keeps', '1.4.1')
    const before = await statuses('keeps')
    const refused = await stage.answer(stage.ana, `/convox releases promote ${first} -a keeps`)
    expect(stage.shown(refused)).toMatch(/^keeps is locked by @dee until <time>: "migrating the database"\.\nQueue it, or ask @dee\./)
    expect(stage.buttons(refused)).toEqual(['Queue it'])
    expect(await statuses('keeps')).toEqual(before)

    expect(await stage.click(stage.ana, refused, 'Queue it')).toContain(`Promoting ${first}... queued, waits for the lock of @dee`)
    const queued = await told('keeps', new RegExp(`^Queued: ${first} for keeps waits for the lock of dee until`))
    expect(stage.shown(queued)).toContain('○ Waits for the lock of @dee: "migrating the database", until <time>')
    expect(stage.shown(queued)).toContain('Automatic rollbacks never wait · Take over: /convox apps unlock keeps')
    expect(stage.buttons(queued)).toEqual(['Leave queue', 'Show diff'])
    expect(await say(stage.cy, 'apps info keeps')).toMatch(new RegExp(`Queue +1 +${first} +@ana +held`))

    const own = await quickImport(stage.world, 'keeps', '1.4.2')
    await say(stage.dee, `releases promote ${own} -a keeps`, /Promoting/)
    const done = await told('keeps', new RegExp(`^Succeeded: ${own}`))
    await stage.lastWord(done, /\bOK\b/)
    expect(stage.lines(done)).toContain('system/convox/promotion passes the lock of @dee')
    expect(stage.shown(queued)).toContain('Queued')

    expect(await say(stage.dee, 'apps unlock keeps')).toMatch(/^keeps is no longer locked/)
    await told('keeps', /^Unlocked: keeps by dee\. What waited for the lock goes on\.$/)
    await told('keeps', new RegExp(`^Succeeded: ${first}`))
    await stage.world.slack.until(() => (stage.lines(queued).includes('system/convox/promotion waits for the lock of @dee') ? true : undefined), 30_000)
    expect(await statuses('keeps')).toEqual(['succeeded', 'succeeded', 'succeeded'])
    // What was asked for first ended last: that is what should run now, and nobody has changed it.
    await createDriftReport(stage.world.slipway().rack)()
    expect(await stage.rows("select 1 from audit where action = 'app.drift' and app = 'keeps'")).toEqual([])
    expect(await audited('keeps')).toEqual(['app.lock U0DEE', 'promotion.pass U0DEE', 'app.unlock U0DEE'])
  }, 180_000)

  it('changes the own lock, asks for a reason, and says what is not locked', async () => {
    await runningApp(stage.world, { app: 'taken', channel: here('taken') })
    expect(await say(stage.ana, 'apps unlock taken')).toMatch(/^taken is not locked\./)
    expect(await say(stage.ana, 'apps lock taken')).toMatch(/^--reason needs a value: <"why">/)
    expect(await say(stage.ana, 'apps lock taken --reason "  "')).toMatch(/^A lock needs a reason: others read it while they wait\.\nAdd --reason "why"\./)
    expect(await say(stage.ana, 'apps lock taken --reason x --for 900h')).toMatch(/^A lock lasts at most 720 h\./)
    expect(await say(stage.cy, 'apps lock taken --reason x')).toMatch(/^You are a viewer here; locking an app needs a deployer\./)
    await say(stage.dee, 'apps lock taken --reason one')
    expect(await say(stage.dee, 'apps lock taken --reason two --for 1h')).toMatch(/^taken is locked by you until <time>: "two"/)
    await told('taken', /^Locked anew: taken by dee until .*: "two"/)
    expect(await stage.rows(`select owner, reason from app_locks where app = 'taken'`)).toEqual([{ owner: 'U0DEE', reason: 'two' }])
  }, 120_000)

  it('is taken over by a click, told to whose it was; a dialog about somebody else takes nothing', async () => {
    const asked = await stage.answer(stage.ana, '/convox apps unlock taken')
    expect(stage.shown(asked)).toMatch(/^taken is locked by @dee until <time>: "two"\.\nAsk @dee, or take it over\./)
    expect(stage.buttons(asked)).toEqual(['Take over lock'])
    expect(JSON.stringify(asked.blocks)).toMatch(/dee locked taken at \d\d:\d\d UTC: \\"two\\"\. dee is told that the lock is yours now\./)
    const second = await stage.answer(stage.bo, '/convox apps lock taken --reason mine')
    expect(stage.buttons(second)).toEqual(['Take over lock'])
    expect(await stage.click(stage.bo, second, 'Take over lock')).toMatch(/^The lock of taken is yours now until <time>: "two"/)
    const message = await told('taken', /^Lock taken over: taken/)
    expect(JSON.stringify(message.blocks)).toContain('<@U0DEE>')
    expect(await stage.click(stage.ana, asked, 'Take over lock')).toMatch(/^taken is locked by @bo/)
    expect(await stage.rows(`select owner from app_locks where app = 'taken'`)).toEqual([{ owner: 'U0BO' }])
    expect(await say(stage.dee, 'apps unlock taken')).toMatch(/^taken is locked by @bo/)
    await say(stage.bo, 'apps unlock taken', /no longer locked/)
  }, 120_000)

  it('ends by itself, said once, and what waited for it starts', async () => {
    await runningApp(stage.world, { app: 'timed', channel: here('timed') })
    await say(stage.dee, 'apps lock timed --reason short --for 4s')
    const next = await quickImport(stage.world, 'timed', '1.4.1')
    expect(await say(stage.ana, `releases promote ${next} -a timed --queue`)).toContain('queued, waits for the lock of @dee')
    await told('timed', /^Unlocked: timed the lock of dee is over: "short"\. What waited for it goes on\.$/)
    await told('timed', new RegExp(`^Succeeded: ${next}`))
    expect(stage.world.slack.messages(here('timed')).filter(({ text }) => text.startsWith('Unlocked'))).toHaveLength(1)
    expect(await stage.rows(`select * from app_locks where app = 'timed'`)).toEqual([])
    expect(await audited('timed')).toEqual(['app.lock U0DEE', 'app.lock_over system'])
  }, 120_000)

  it('lets a rollback to a proven release pass, announced', async () => {
    const good = await runningApp(stage.world, { app: 'goesback', channel: here('goesback') })
    const next = await quickImport(stage.world, 'goesback', '1.4.1')
    await quickPromote(stage.world, 'goesback', next)
    await told('goesback', new RegExp(`^Succeeded: ${next}`))
    await say(stage.dee, 'apps lock goesback --reason audit')
    expect(await say(stage.ana, `releases rollback ${good} -a goesback`)).toContain(`Rolling back to ${good}... OK`)
    const [copy] = await stage.rows(`select id from releases where app = 'goesback' order by seq desc limit 1`)
    const id = String(copy?.['id'])
    const card = await told('goesback', new RegExp(`^Succeeded: ${id}`))
    await stage.lastWord(card, /\bOK\b/)
    expect(stage.lines(card)).toContain('system/convox/promotion passes the lock of @dee')
    expect((await told('goesback', /^Rolling back: goesback/)).text).toBe(`Rolling back: goesback ${id} of ana goes back to what was proven before and passes the lock of dee.`)
    expect(await audited('goesback')).toEqual(['app.lock U0DEE', 'promotion.pass U0ANA'])
  }, 180_000)

  it('lets a rollback to a copy pass that was proven itself, though what it is a copy of never was', async () => {
    await runningApp(stage.world, { app: 'copies', channel: here('copies') })
    const never = await quickImport(stage.world, 'copies', '1.4.1')
    const copyOf = async (release: string): Promise<string> => {
      expect(await say(stage.ana, `releases rollback ${release} -a copies`)).toContain(`Rolling back to ${release}... OK`)
      const [row] = await stage.rows(`select id from releases where app = 'copies' order by seq desc limit 1`)
      const id = String(row?.['id'])
      await told('copies', new RegExp(`^Succeeded: ${id}`))
      return id
    }
    const copy = await copyOf(never)
    await say(stage.dee, 'apps lock copies --reason audit')
    await copyOf(copy)
    expect(await audited('copies')).toEqual(['app.lock U0DEE', 'promotion.pass U0ANA'])
  }, 180_000)

  it('never stops an automatic rollback, nor what rolls out already', async () => {
    const good = await runningApp(stage.world, { app: 'crashes', channel: here('crashes') })
    const bad = await quickImport(stage.world, 'crashes', 'crash')
    await quickPromote(stage.world, 'crashes', bad)
    await stage.world.slack.until(async () => ((await statuses('crashes')).at(-1) === 'rolling_out' ? true : undefined))
    await say(stage.dee, 'apps lock crashes --reason stop')
    const card = await told('crashes', new RegExp(`^Rolled back: crashes runs ${good} again`))
    await stage.lastWord(card, /ERROR: rolled back/)
    expect(stage.statuses(card).at(-1)).toBe('Rollback => Reverted')
  }, 180_000)

  it('holds back what was approved, which asks again once something else has become active', async () => {
    await runningApp(stage.world, { app: 'asks', channel: here('asks'), params: { approvals: '0' } })
    await say(stage.bo, 'apps params set approvals=1 -a asks')
    const wanted = await quickImport(stage.world, 'asks', '1.4.1')
    await say(stage.ana, `releases promote ${wanted} -a asks`, /waiting for approval/)
    const card = await told('asks', new RegExp(`^Waiting for approval: .*${wanted}`))
    await say(stage.dee, 'apps lock asks --reason first')
    await stage.world.slack.until(() => (/Once approved:\n *○ Waits for the lock of @dee: "first", no end set/.test(stage.shown(card)) ? true : undefined), 60_000)
    await stage.click(stage.bo, card, 'Approve')
    await told('asks', new RegExp(`^Queued: ${wanted} for asks waits for the lock of dee\\.`))
    expect(stage.shown(card)).toContain('○ Waits for the lock of @dee: "first", no end set')

    const own = await quickImport(stage.world, 'asks', '1.4.2')
    await say(stage.dee, `releases promote ${own} -a asks`, /waiting for approval/)
    const other = await told('asks', new RegExp(`^Waiting for approval: .*${own}`))
    expect(stage.shown(other)).toContain('Warning: passes the lock of @dee')
    await stage.click(stage.bo, other, 'Approve')
    await told('asks', new RegExp(`^Succeeded: ${own}`))
    expect(await statuses('asks')).toEqual(['succeeded', 'queued', 'succeeded'])

    await say(stage.dee, 'apps unlock asks')
    await stage.world.slack.until(() => (stage.world.slack.workspace.message(here('asks'), card.ts)?.text.startsWith('Waiting for approval') === true ? true : undefined), 60_000)
    expect(stage.shown(card)).toContain(`the active release is now ${own}`)
  }, 180_000)

  it('is not passed by --force: nothing is cancelled for it before it may start', async () => {
    await runningApp(stage.world, { app: 'forced', channel: here('forced') })
    await say(stage.bo, 'apps params set stability=60s -a forced')
    const rolling = await quickImport(stage.world, 'forced', '1.4.1')
    await quickPromote(stage.world, 'forced', rolling)
    await told('forced', new RegExp(`^Rolling out: ${rolling}`))
    await say(stage.bo, 'apps params set stability=1s -a forced')
    await say(stage.dee, 'apps lock forced --reason wait')
    const next = await quickImport(stage.world, 'forced', '1.4.2')
    const refused = await stage.answer(stage.ana, `/convox releases promote ${next} --force -a forced`)
    expect(stage.shown(refused)).toContain('forced is locked by @dee')
    await stage.click(stage.ana, refused, 'Queue it')
    await told('forced', new RegExp(`^Queued: ${next}`))
    expect(await stage.rows(`select cancel_by from promotions where app = 'forced' and cancel_by is not null`)).toEqual([])
    await say(stage.dee, 'apps unlock forced')
    await told('forced', new RegExp(`^Rolled back: .*ana cancelled ${rolling}`))
    await told('forced', new RegExp(`^Succeeded: ${next}`))
  }, 120_000)
})
