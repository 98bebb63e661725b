import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Message } from '../../../sandbox/slack/records.ts'
import { cardOf, channelFor, quickApp, quickImport, quickPromote, runningApp } from '../promotions/quick-app.ts'
import { startStage, type Stage } from '../promotions/stage.ts'

const apps = ['frozen', 'override', 'reask', 'goesback', 'shop', 'mail'] as const

/** A window that began in the last hour and ends in the next. */
const nowOn = (): string => `${new Date(Date.now() - 30 * 60_000).getUTCMinutes()} ${new Date(Date.now() - 30 * 60_000).getUTCHours()} * * *`

describe('freezes', () => {
  let stage: Stage
  const here = (app: string): string => channelFor(app).id
  const say = (who: Stage['ana'], words: string, like: RegExp = /./s): Promise<string> => stage.answer(who, `/convox ${words}`, like).then((message) => stage.shown(message))
  const told = (app: string, like: RegExp): Promise<Message> => cardOf(stage.world, here(app), like)
  const statuses = async (app: string): Promise<string[]> => (await stage.rows(`select status from promotions where app = '${app}' order by seq`)).map((row) => String(row['status']))
  const freezeIn = (text: string): string => /F[A-Z]{10}/.exec(text)?.[0] ?? 'none'

  beforeAll(async () => {
    stage = await startStage({
      slack: { channels: [{ id: 'C0RELEASES', name: 'releases' }, ...apps.map(channelFor)].map((channel) => ({ ...channel, members: ['U0ANA', 'U0BO', 'U0CY', 'U0DEE'], bot: true })) },
    })
  })
  afterAll(() => stage.close())

  it.each([
    ['--for 2h --reason x', /--cron/],
    ['--cron "0 18 * * 5" --reason x', /--for/],
    ['--cron "0 18 * * 5" --for 2h', /--reason/],
    ['--cron "0 18 * * 5" --for 2h --reason "  "', /^A freeze needs a reason: others read it while they wait\./],
    ['--cron "0 25 * * 5" --for 2h --reason x', /^0 25 \* \* 5 is not a schedule that ever comes\./],
    ['--cron "0 0 30 2 *" --for 2h --reason x', /^0 0 30 2 \* is not a schedule that ever comes\./],
    ['--cron "* * * * *" --for 2h --reason x', /^\* \* \* \* \* comes again and again before a window is over\./],
    ['--cron "0 18 * * 5" --for 2h --zone Paris --reason x', /^Unknown time zone: Paris\./],
    ['--cron "0 18 1 * *" --for 900h --reason x', /^A freeze lasts at most 744 h\./],
  ])('are refused as typed: %s', async (typed, says) => {
    if ((await stage.rows(`select name from apps where name = 'mail'`)).length === 0) await quickApp(stage.world, { app: 'mail', channel: here('mail') })
    expect(await say(stage.bo, `apps freeze add mail ${typed}`)).toMatch(says)
    expect(await stage.rows('select id from freezes')).toEqual([])
  })

  it('are an admin’s to add and remove, and everybody’s to read', async () => {
    expect(await say(stage.ana, 'apps freeze add mail --cron "0 18 * * 5" --for 62h --zone Europe/Paris --reason weekend')).toMatch(/needs an admin/)
    expect(await say(stage.cy, 'apps freezes mail')).toMatch(/^no freezes for mail/)
    const added = await say(stage.bo, 'apps freeze add mail --cron "0 18 * * 5" --for 62h --zone Europe/Paris --reason “weekend”')
    expect(added).toMatch(/^mail is frozen "weekend": 0 18 \* \* 5 for 62h, Europe\/Paris time; /)
    const id = freezeIn(added)
    expect(await say(stage.cy, 'apps freezes mail')).toMatch(new RegExp(`ID +APP +CRON +FOR +ZONE\\s+FROZEN +REASON\\n${id} +mail +0 18 \\* \\* 5 +62h +Europe/Paris\\s+(next \\S+|now, until \\S+) +weekend`))
    expect(await say(stage.cy, 'apps info mail')).toMatch(new RegExp(`Freeze +${id} +(next|now)`))
    expect((await told('mail', /^Frozen: mail/)).text).toMatch(/^Frozen: mail "weekend" by bo, 0 18 \* \* 5 for 62h, Europe\/Paris time; /)
    expect(await say(stage.ana, `apps freeze remove ${id}`)).toMatch(/needs an admin/)
    expect(await say(stage.bo, `apps freeze remove ${id.toLowerCase()}`)).toMatch(/^The freeze "weekend" of mail is removed/)
    await told('mail', /^Not frozen any more: mail bo removed the freeze "weekend"\.$/)
    expect(await say(stage.bo, `apps freeze remove ${id}`)).toMatch(new RegExp(`^freeze not found: ${id}\\nAll: /convox apps freezes and /convox rack freezes`))
    expect((await stage.rows(`select action, actor from audit where action like 'freeze.%' order by id`))).toEqual([{ action: 'freeze.add', actor: 'U0BO' }, { action: 'freeze.remove', actor: 'U0BO' }])
  }, 120_000)

  it('keep promotions waiting until they are over', async () => {
    await runningApp(stage.world, { app: 'frozen', channel: here('frozen') })
    const id = freezeIn(await say(stage.bo, `apps freeze add frozen --cron "${nowOn()}" --for 1h --reason closing`))
    const next = await quickImport(stage.world, 'frozen', '1.4.1')
    const refused = await stage.answer(stage.ana, `/convox releases promote ${next} -a frozen`)
    expect(stage.shown(refused)).toMatch(/^frozen is frozen until <time>: "closing"\.\nQueue it, and it starts when the freeze is over\./)
    expect(stage.buttons(refused)).toEqual(['Queue it'])
    expect(await stage.click(stage.ana, refused, 'Queue it')).toContain(`Promoting ${next}... queued, waits for the freeze "closing"`)
    const card = await told('frozen', new RegExp(`^Queued: ${next} for frozen waits for the freeze "closing" until`))
    expect(stage.shown(card)).toContain('○ Waits for the freeze "closing", until <time>')
    expect(stage.buttons(card)).toEqual(['Leave queue', 'Show diff', 'Override freeze'])
    await say(stage.bo, `apps freeze remove ${id}`)
    const done = await told('frozen', new RegExp(`^Succeeded: ${next}`))
    await stage.lastWord(done, /\bOK\b/)
    expect(stage.lines(done)).toContain('system/convox/promotion waits for the freeze "closing"')
  }, 120_000)

  it('are overridden by an admin alone, for one promotion: announced and audited', async () => {
    await runningApp(stage.world, { app: 'override', channel: here('override') })
    await say(stage.bo, `apps freeze add override --cron "${nowOn()}" --for 1h --reason closing`)
    const next = await quickImport(stage.world, 'override', '1.4.1')
    await say(stage.ana, `releases promote ${next} -a override --queue`, /queued/)
    const card = await told('override', new RegExp(`^Queued: ${next}`))
    expect(await stage.click(stage.ana, card, 'Override freeze')).toMatch(/overriding a freeze needs an admin/)
    expect(await say(stage.ana, `releases promote ${next} -a override --override-freeze`)).toMatch(/overriding a freeze needs an admin/)
    expect(await statuses('override')).toEqual(['succeeded', 'queued'])
    expect(await stage.click(stage.bo, card, 'Override freeze')).toMatch(new RegExp(`^${next} for override passes the freeze; its channel hears of it\\.`))
    await told('override', new RegExp(`^Freeze overridden: override bo lets ${next} pass the freeze "closing"\\.$`))
    const done = await told('override', new RegExp(`^Succeeded: ${next}`))
    await stage.lastWord(done, /\bOK\b/)
    expect(stage.lines(done)).toEqual(expect.arrayContaining(['system/convox/promotion freeze overridden by @bo', 'system/convox/promotion passes the freeze "closing"']))
    const other = await quickImport(stage.world, 'override', '1.4.2')
    const asked = await stage.answer(stage.bo, `/convox releases promote ${other} -a override`)
    expect(stage.buttons(asked)).toEqual(['Queue it', 'Override freeze'])
    expect(JSON.stringify(asked.blocks)).toContain('Override and start')
    await stage.click(stage.bo, asked, 'Override freeze')
    await told('override', new RegExp(`^Succeeded: ${other}`))
    expect((await stage.rows(`select actor, decision, detail->>'release' as release from audit where action = 'freeze.override' order by id`))).toEqual([
      { actor: 'U0BO', decision: 'overridden', release: next }, { actor: 'U0BO', decision: 'overridden', release: other },
    ])
  }, 180_000)

  it('are not overridden for what is asked for anew', async () => {
    await runningApp(stage.world, { app: 'reask', channel: here('reask') })
    await say(stage.bo, 'apps params set approvals=1 -a reask')
    const next = await quickImport(stage.world, 'reask', '1.4.1')
    await say(stage.ana, `releases promote ${next} -a reask`, /waiting for approval/)
    const card = await told('reask', new RegExp(`^Waiting for approval: .*${next}`))
    await say(stage.dee, 'apps lock reask --reason wait')
    await say(stage.bo, `apps freeze add reask --cron "${nowOn()}" --for 1h --reason closing`)
    await stage.click(stage.bo, card, 'Approve')
    await told('reask', new RegExp(`^Queued: ${next} for reask waits for the lock of dee`))
    expect(stage.buttons(card)).toEqual(['Leave queue', 'Show diff'])
    const [queued] = await stage.rows(`select id from promotions where app = 'reask' order by seq desc limit 1`)
    const { rack } = stage.world.slipway()
    const { overrideFreeze } = await import('../../../src/rack/override-freeze.ts')
    await overrideFreeze(rack, { actor: { id: 'U0BO', name: 'bo', role: 'admin' } }, { promotion: String(queued?.['id']) })
    await stage.world.slack.until(() => (stage.shown(card).includes('Waits for the freeze') ? undefined : true))
    // What was approved changes: the override was for that.
    await say(stage.bo, 'apps params set deadline=9m -a reask')
    await say(stage.dee, 'apps unlock reask')
    await stage.world.slack.until(async () => ((await statuses('reask')).at(-1) === 'awaiting_approval' ? true : undefined), 60_000)
    await stage.world.slack.until(() => (stage.buttons(card).includes('Approve') ? true : undefined))
    await stage.click(stage.bo, card, 'Approve')
    await told('reask', new RegExp(`^Queued: ${next} for reask waits for the freeze "closing"`))
  }, 180_000)

  it('let a rollback to a proven release pass, and of the whole rack are said in each channel', async () => {
    const good = await runningApp(stage.world, { app: 'goesback', channel: here('goesback') })
    await quickPromote(stage.world, 'goesback', await quickImport(stage.world, 'goesback', '1.4.1'))
    await stage.world.slack.until(async () => ((await statuses('goesback')).join() === 'succeeded,succeeded' ? true : undefined), 60_000)
    expect(await say(stage.ana, `rack freeze add --cron "${nowOn()}" --for 1h --reason holidays`)).toMatch(/needs an admin/)
    const added = await say(stage.bo, `rack freeze add --cron "${nowOn()}" --for 1h --reason holidays`)
    expect(added).toMatch(/^Every app of the rack is frozen "holidays"/)
    await told('goesback', /^Frozen: every app "holidays" by bo/)
    await told('mail', /^Frozen: every app "holidays" by bo/)
    expect(await say(stage.cy, 'rack freezes')).toMatch(/every app [^]* holidays/)
    expect(await say(stage.cy, 'apps freezes goesback')).toMatch(/every app [^]* holidays/)
    const third = await quickImport(stage.world, 'goesback', '1.4.2')
    expect(await say(stage.ana, `releases promote ${third} -a goesback`)).toMatch(/^goesback is frozen until <time>: "holidays"/)
    await say(stage.ana, `releases rollback ${good} -a goesback`, /Rolling back/)
    await told('goesback', /^Rolling back: goesback R[A-Z]{10} of ana goes back to what was proven before and passes the freeze "holidays"\.$/)
    await stage.world.slack.until(async () => ((await statuses('goesback')).join() === 'succeeded,succeeded,succeeded' ? true : undefined), 60_000)
    await say(stage.bo, `apps freeze remove ${freezeIn(added)}`)
  }, 180_000)
})
