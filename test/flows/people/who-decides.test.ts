import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../../../sandbox/slack/driver.ts'
import type { Message, Person } from '../../../sandbox/slack/records.ts'
import { people } from '../../support/world.ts'
import { quickApp, quickImport } from '../promotions/quick-app.ts'
import { dee, startStage, type Stage } from '../promotions/stage.ts'
import { shopManifest } from '../../support/world.ts'

const eve = { id: 'U0EVE', name: 'eve' } as const

describe('who decides on a request', () => {
  let stage: Stage
  let tag = 0

  /** Somebody new in the app's channel. */
  const join = (person: Person): Actor => {
    const { workspace } = stage.world.slack
    workspace.putPerson(person)
    const channel = workspace.channel(stage.channel)
    if (channel === undefined) throw new Error('the channel is gone')
    workspace.putChannel({ ...channel, members: [...new Set([...channel.members, person.id])] })
    return stage.world.slack.as(person.id)
  }
  /** A new request of Ana's that needs two approvals. */
  const ask = async (): Promise<{ release: string; card: Message }> => {
    tag += 1
    const release = await quickImport(stage.world, 'shop', tag === 1 ? '1.4.0' : `1.4.${tag % 2 === 0 ? '1' : '2'}`, shopManifest)
    await stage.ask(stage.ana, `/convox releases promote ${release} -a shop`, /waiting for approval/)
    return { release, card: await stage.card(new RegExp(`^Waiting for approval: .*${release}`), 30_000) }
  }
  const heard = async (): Promise<void> => {
    await stage.world.slack.until(async () => (await stage.rows('select 1 from deliveries where handled_at is null')).length === 0, 30_000)
  }
  const refusal = (who: Actor, on: Message): Promise<string> => stage.click(who, on, 'Approve')

  beforeAll(async () => {
    stage = await startStage()
    await quickApp(stage.world, { app: 'shop', channel: stage.channel, params: { approvals: '2' } })
  })
  afterAll(() => stage.close())

  it('is no guest, stranger, foreigner nor anybody deactivated, whatever they press', async () => {
    const { card } = await ask()
    const outside: readonly Person[] = [
      { id: 'U0GUESTA', name: 'gus', guest: 'single_channel' }, { id: 'U0GUESTB', name: 'gil', guest: 'multi_channel' },
      { id: 'U0STRANGE', name: 'sid', stranger: true, teamId: 'T0OTHER' }, { id: 'U0FOREIGN', name: 'fay', teamId: 'T0OTHER' },
    ]
    for (const person of outside) {
      const who = join(person)
      expect(await refusal(who, card), person.name).toMatch(/^Only full members of this workspace can use this\./)
      expect(await stage.click(who, card, 'Cancel request'), person.name).toMatch(/^Only full members of this workspace can use this\./)
    }
    expect(stage.shown(card)).toContain('Approvals 0 of 2: by somebody else than @ana')
    await stage.click(stage.ana, card, 'Cancel request')
  })

  it('is nobody in a channel that has become shared with another company since', async () => {
    const { card } = await ask()
    expect(await refusal(stage.dee, card)).toContain('is recorded: 1 of 2.')
    stage.world.slack.setChannel(stage.channel, { shared: true })
    await heard()
    expect(await refusal(stage.bo, card)).toMatch(/^This channel is shared with another company, so nothing runs or shows here\./)
    stage.world.slack.setChannel(stage.channel, { shared: false })
    await heard()
    await sleep(1_100)
    await stage.click(stage.ana, card, 'Cancel request')
  })

  it('is whoever still may when the last one approves: a vote of somebody who has left is taken out by name', async () => {
    join(eve)
    const { release, card } = await ask()
    expect(await refusal(stage.dee, card)).toContain('is recorded: 1 of 2.')
    stage.world.slack.setPerson(dee.id, { deactivated: true })
    await heard()
    expect(await refusal(stage.bo, card)).toContain(`Your approval of ${release} for shop is recorded: 1 of 2.`)
    await stage.world.slack.until(() => stage.shown(card).includes('⚠️ Warning: the approval of @dee no longer counts: no member of this workspace any more'), 30_000)
    expect(stage.shown(card)).toContain('Approvals 1 of 2: @bo')
    await stage.world.slack.until(() => stage.lines(card).includes('system/convox/promotion approval of @dee no longer counts: no member of this workspace any more'), 30_000)
    expect(await refusal(stage.world.slack.as(eve.id), card)).toContain(`You approved ${release} for shop: 2 of 2.`)
    stage.world.slack.setPerson(dee.id, { deactivated: false })
    await heard()
    expect((await stage.rows('select actor, action from audit order by id desc limit 20')).map((row) => `${String(row['actor'])} ${String(row['action'])}`)).toContain('system promotion.drop_vote')
    await stage.card(new RegExp(`^Succeeded: ${release} `), 60_000)
  }, 120_000)

  it('mentions nobody in their own rejection', async () => {
    const { release, card } = await ask()
    const open = await stage.world.slack.until(async () => {
      if (stage.bo.openView() === undefined) await stage.bo.click(card, 'Reject')
      return [stage.bo.openView()].find((view) => view?.body.blocks.some((block) => block.type === 'input'))
    }, 30_000)
    await stage.bo.submit(open, { Reason: 'not today' })
    const last = await stage.lastWord(card, /ERROR: rejected by @bo: not today/, 30_000)
    expect(stage.shown(last)).toContain(`Rejected: ${release} for shop. For @ana (asked).\nRejected by bo, <time>: "not today"`)
    const told = stage.world.slack.notified().filter(({ ts, why }) => ts === last.ts && why === 'mention').map(({ user }) => user)
    expect(told).toEqual([people.ana.id])
  })
})
