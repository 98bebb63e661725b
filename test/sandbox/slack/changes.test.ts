import { describe, expect, it } from 'vitest'
import type { SimulatedSlack } from '../../../sandbox/slack/start.ts'
import { boltFor } from './bolt-app.ts'
import { ana, bo, clientFor, closeAfterEach, cy, general, refusal, releases, secret, slackFor } from './workspace.ts'

closeAfterEach()

type Event = Record<string, unknown>

const listening = async (options: Parameters<typeof slackFor>[0] = {}) => {
  const slack = await slackFor({ usergroups: [{ id: 'SONCALL01', handle: 'oncall', users: [ana] }], ...options })
  const heard: Event[] = []
  await boltFor(slack, (app) => app.event(/.*/, async ({ event }) => void heard.push({ ...event })))
  const hears = (type: string) => slack.until(() => heard.find((one) => one['type'] === type))
  return { slack, heard, hears }
}

const changes: [string, (slack: SimulatedSlack) => void, Event][] = [
  ['a person is deactivated', (slack) => slack.setPerson(bo, { deactivated: true }), { type: 'user_change', user: { id: bo, deleted: true } }],
  ['a person becomes a guest', (slack) => slack.setPerson(bo, { guest: 'single_channel' }), { type: 'user_change', user: { is_ultra_restricted: true } }],
  ['a channel is archived', (slack) => slack.setChannel(general, { archived: true }), { type: 'channel_archive', channel: general }],
  ['a channel is shared', (slack) => slack.setChannel(releases, { shared: true }), { type: 'channel_shared', channel: releases }],
  ['a channel is deleted', (slack) => slack.deleteChannel(general), { type: 'channel_deleted', channel: general }],
  ['a person leaves', (slack) => slack.removeMember(releases, bo), { type: 'member_left_channel', user: bo, channel: releases }],
  ['the bot is put out', (slack) => slack.removeBot(releases), { type: 'channel_left', channel: releases }],
  ['the bot is let in', (slack) => slack.addBot(general), { type: 'member_joined_channel', channel: general }],
  [
    'a group changes',
    (slack) => slack.setGroup('SONCALL01', [bo, cy]),
    { type: 'subteam_members_changed', subteam_id: 'SONCALL01', added_users: [bo, cy], removed_users: [ana] },
  ],
  ['a group is renamed', (slack) => slack.changeGroup('SONCALL01', { handle: 'duty' }), { type: 'subteam_updated', subteam: { handle: 'duty', users: [ana] } }],
]

describe('the app hears', () => {
  it.each(changes)('when %s', async (_name, change, event) => {
    const { slack, hears } = await listening()
    change(slack)
    expect(await hears(String(event['type']))).toMatchObject(event)
  })

  it('nothing of a private channel that it is not in, and nothing about itself as a member that left', async () => {
    const { slack, heard } = await listening()
    slack.removeMember(secret, ana)
    slack.setChannel(secret, { archived: true })
    slack.removeBot(releases)
    slack.setPerson(cy, { role: 'last' })
    await slack.until(() => heard.length >= 2)
    expect(heard.map((one) => one['type']).sort()).toEqual(['channel_left', 'user_change'])
  })

  it('nothing that it has no scope for or is not subscribed to', async () => {
    const { slack, heard } = await listening({
      scopes: ['users:read', 'channels:read'],
      events: ['user_change', 'subteam_members_changed', 'channel_archive'],
    })
    slack.setGroup('SONCALL01', [])
    slack.setChannel(general, { shared: true })
    slack.setChannel(general, { archived: true })
    slack.setPerson(cy, { role: 'last' })
    await slack.until(() => heard.length >= 2)
    expect(heard.map((one) => one['type']).sort()).toEqual(['channel_archive', 'user_change'])
  })
})

describe('user groups', () => {
  it('are read on a paid plan, until they are disabled', async () => {
    const { slack } = await listening()
    const client = clientFor(slack)
    expect((await client.usergroups.list({ include_users: true })).usergroups).toMatchObject([
      { id: 'SONCALL01', handle: 'oncall', user_count: 1, users: [ana] },
    ])
    expect((await client.usergroups.users.list({ usergroup: 'SONCALL01' })).users).toEqual([ana])
    slack.changeGroup('SONCALL01', { disabled: true })
    expect((await client.usergroups.list({})).usergroups).toEqual([])
    expect(await refusal(client.usergroups.users.list({ usergroup: 'SONCALL01' }))).toMatchObject({ error: 'no_such_subteam' })
    expect((await client.usergroups.users.list({ usergroup: 'SONCALL01', include_disabled: true })).users).toEqual([ana])
  })

  it('are gone with the plan', async () => {
    const { slack } = await listening()
    slack.setPlan('free')
    expect(await refusal(clientFor(slack).usergroups.list({}))).toMatchObject({ error: 'plan_upgrade_required' })
    expect(await refusal(clientFor(slack).usergroups.users.list({ usergroup: 'SONCALL01' }))).toMatchObject({ error: 'plan_upgrade_required' })
  })

  it('are read twenty times a minute', async () => {
    const { slack } = await listening({ now: () => 1_800_000_000_000 })
    for (let count = 0; count < 20; count++) await clientFor(slack).usergroups.users.list({ usergroup: 'SONCALL01' })
    await expect(clientFor(slack).usergroups.users.list({ usergroup: 'SONCALL01' })).rejects.toMatchObject({ retryAfter: 3 })
  })
})
