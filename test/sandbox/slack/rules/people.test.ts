import { describe, expect, it } from 'vitest'
import type { Person } from '../../../../sandbox/slack/records.ts'
import { boltFor } from '../bolt-app.ts'
import { ana, bo, clientFor, closeAfterEach, refusal, releases, slackFor } from '../workspace.ts'

closeAfterEach()

describe('a person', () => {
  it.each<[string, Partial<Person>, object]>([
    ['a full member', {}, { deleted: false, is_restricted: false, is_ultra_restricted: false, is_stranger: false, is_bot: false, team_id: 'TTEST0001' }],
    ['somebody who left', { deactivated: true }, { deleted: true }],
    ['a guest of several channels', { guest: 'multi_channel' }, { is_restricted: true, is_ultra_restricted: false }],
    ['a guest of one channel', { guest: 'single_channel' }, { is_restricted: true, is_ultra_restricted: true }],
    ['a stranger', { stranger: true, teamId: 'TOTHER001' }, { is_stranger: true, team_id: 'TOTHER001' }],
    ['a bot', { bot: true }, { is_bot: true }],
    ['an admin', { admin: true }, { is_admin: true, is_owner: false }],
    ['an owner', { owner: true }, { is_admin: true, is_owner: true }],
  ])('%s is told by users.info', async (_name, change, expected) => {
    const slack = await slackFor()
    slack.setPerson(ana, change)
    expect((await clientFor(slack).users.info({ user: ana })).user).toMatchObject({ id: ana, ...expected })
  })

  it('who is nobody is not found', async () => {
    const slack = await slackFor()
    expect(await refusal(clientFor(slack).users.info({ user: 'UNOBODY01' }))).toMatchObject({ error: 'user_not_found' })
  })

  it('who left does nothing any more', async () => {
    const slack = await slackFor()
    slack.setPerson(bo, { deactivated: true })
    await expect(slack.as(bo).command(releases, '/convox help')).rejects.toThrow('deactivated')
    expect(() => slack.as(bo).say(releases, 'hello')).toThrow('deactivated')
    expect(await refusal(clientFor(slack).conversations.open({ users: bo }))).toMatchObject({ error: 'user_disabled' })
  })

  it('of another workspace is told by what they do', async () => {
    const slack = await slackFor()
    slack.setPerson(bo, { stranger: true, teamId: 'TOTHER001' })
    slack.setChannel(releases, { shared: true })
    const heard: object[] = []
    await boltFor(slack, (app) => {
      app.event('app_mention', async ({ body, event }) => void heard.push({ shared: body.is_ext_shared_channel, team: event.team, event }))
      app.action('go', async ({ ack, body }) => {
        await ack()
        heard.push({ user: body.user })
      })
    })
    slack.as(bo).say(releases, '@convox help')
    await slack.until(() => heard.length === 1)
    expect(heard[0]).toMatchObject({ shared: true, team: 'TOTHER001', event: { user_team: 'TOTHER001', source_team: 'TOTHER001' } })
    const blocks = [{ type: 'actions' as const, elements: [{ type: 'button' as const, action_id: 'go', text: { type: 'plain_text' as const, text: 'Go' } }] }]
    await clientFor(slack).chat.postMessage({ channel: releases, text: 'card', blocks })
    const card = slack.messages(releases).at(-1)
    if (!card) throw new Error('no card')
    await slack.as(bo).click(card, 'Go')
    expect(heard[1]).toMatchObject({ user: { id: bo, team_id: 'TOTHER001' } })
  })
})
