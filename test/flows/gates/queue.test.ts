import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Message } from '../../../sandbox/slack/records.ts'
import { cardOf, channelFor, quickImport, quickPromote, runningApp } from '../promotions/quick-app.ts'
import { startStage, type Stage } from '../promotions/stage.ts'

const apps = ['lines', 'makes', 'resumes'] as const

describe('the queue', () => {
  let stage: Stage
  const here = (app: string): string => channelFor(app).id
  const say = (who: Stage['ana'], words: string, like: RegExp = /./s): Promise<string> => stage.answer(who, `/convox ${words}`, like).then((message) => stage.shown(message))
  const told = (app: string, like: RegExp): Promise<Message> => cardOf(stage.world, here(app), like)
  const statuses = async (app: string): Promise<string[]> => (await stage.rows(`select status from promotions where app = '${app}' order by seq`)).map((row) => String(row['status']))
  const textOf = (card: Message): string => stage.world.slack.workspace.message(card.channel, card.ts)?.text ?? ''
  const reads = (card: Message, like: RegExp): Promise<true> => stage.world.slack.until(() => (like.test(textOf(card)) ? true : undefined), 60_000)

  beforeAll(async () => {
    stage = await startStage({
      slack: { channels: [{ id: 'C0RELEASES', name: 'releases' }, ...apps.map(channelFor)].map((channel) => ({ ...channel, members: ['U0ANA', 'U0BO', 'U0CY', 'U0DEE'], bot: true })) },
    })
  })
  afterAll(() => stage.close())

  it('is offered while another promotion is on, shows the place, can be left, and moves up', async () => {
    await runningApp(stage.world, { app: 'lines', channel: here('lines') })
    await say(stage.bo, 'apps params set stability=60s -a lines')
    const rolling = await quickImport(stage.world, 'lines', '1.4.1')
    await quickPromote(stage.world, 'lines', rolling)
    const first = await told('lines', new RegExp(`^Rolling out: ${rolling}`))
    await say(stage.bo, 'apps params set stability=1s -a lines')

    const second = await quickImport(stage.world, 'lines', '1.4.2')
    const busy = await stage.answer(stage.ana, `/convox releases promote ${second} -a lines`, /currently updating/)
    expect(stage.buttons(busy)).toEqual(['Queue it', 'Show card'])
    expect(await stage.click(stage.ana, busy, 'Queue it')).toContain(`Promoting ${second}... queued behind ${rolling}`)
    const secondCard = await told('lines', new RegExp(`^Queued: ${second} for lines waits for ${rolling}, position 1 of 1`))
    const third = await quickImport(stage.world, 'lines', '1.4.0')
    expect(await say(stage.dee, `releases promote ${third} -a lines --queue`)).toContain(`queued behind ${rolling}`)
    const thirdCard = await told('lines', new RegExp(`^Queued: ${third} for lines waits for ${rolling}, position 2 of 2`))
    await reads(secondCard, /position 1 of 2/)
    expect(stage.shown(thirdCard)).toContain(`○ Waits for ${rolling} of @ana, position 2 of 2`)
    expect(await say(stage.cy, 'apps info lines')).toMatch(new RegExp(`Queue +1 +${second} +@ana\\nQueue +2 +${third} +@dee`))
    expect(await say(stage.cy, `promotions info ${String((await stage.newest('lines'))['id'])} -a lines`)).toMatch(new RegExp(`Waits for +${rolling} of @ana, position 2 of 2`))

    expect(await stage.click(stage.ana, secondCard, 'Leave queue')).toMatch(new RegExp(`^${second} for lines left the queue\\.`))
    await reads(secondCard, new RegExp(`^Cancelled: ana cancelled ${second} for lines before it started`))
    expect(stage.buttons(secondCard)).toEqual([])
    await reads(thirdCard, /position 1 of 1/)
    await stage.click(stage.ana, first, 'Cancel and roll back')
    await reads(thirdCard, new RegExp(`^Succeeded: ${third}`))
    expect(await statuses('lines')).toEqual(['succeeded', 'rolled_back', 'cancelled', 'succeeded'])
  }, 180_000)

  it('takes what a command had made before its promotion was refused', async () => {
    await runningApp(stage.world, { app: 'makes', channel: here('makes') })
    await say(stage.dee, 'apps lock makes --reason wait')
    const before = new Set(stage.ana.ephemerals(stage.channel).map(({ ts }) => ts))
    await stage.ana.command(stage.channel, '/convox env set A=1 --promote -a makes')
    const refused = await stage.world.slack.until(() => stage.ana.ephemerals(stage.channel).find((message) => !before.has(message.ts) && stage.buttons(message).includes('Queue it')))
    const made = stage.ana.ephemerals(stage.channel).find((message) => !before.has(message.ts) && stage.shown(message).includes('Release: R'))
    const release = /Release: (R[A-Z]{10})/.exec(made === undefined ? '' : stage.shown(made))?.[1]
    expect(release).toBeDefined()
    expect(await stage.click(stage.ana, refused, 'Queue it')).toContain(`Promoting ${release ?? ''}... queued, waits for the lock of @dee`)
    expect(await say(stage.cy, 'apps')).toMatch(/APP +STATUS +RELEASE +LOCKED\n[^]*makes +running +R[A-Z]{10} +no end set/)
    await say(stage.dee, 'apps unlock makes')
    await told('makes', new RegExp(`^Succeeded: ${release ?? ''}`))
    expect((await stage.rows(`select count(*)::int as n from releases where app = 'makes'`))[0]).toEqual({ n: 2 })
  }, 120_000)

  it('goes on after a restart: what is held stays held, and starts once it may', async () => {
    await runningApp(stage.world, { app: 'resumes', channel: here('resumes') })
    await say(stage.dee, 'apps lock resumes --reason wait')
    const next = await quickImport(stage.world, 'resumes', '1.4.1')
    await say(stage.ana, `releases promote ${next} -a resumes --queue`, /queued/)
    const card = await told('resumes', new RegExp(`^Queued: ${next}`))
    await stage.world.stop()
    await stage.rows(`delete from app_locks where app = 'resumes'`)
    await stage.world.start()
    await reads(card, new RegExp(`^Succeeded: ${next}`))
  }, 120_000)
})
