import { describe, expect, it } from 'vitest'
import { ana, bo, clientFor, closeAfterEach, general, refusal, releases, secret, slackFor } from '../workspace.ts'

closeAfterEach()

describe('conversations', () => {
  it('reads history newest first and replies oldest first with their parent on each page', async () => {
    const slack = await slackFor({ limits: { posting: { perMinute: 6000, burst: 100 } } })
    const client = clientFor(slack)
    const metadata = { event_type: 'e', event_payload: { k: 'v' } }
    const parent = await client.chat.postMessage({ channel: releases, text: 'one', metadata })
    for (const text of ['r1', 'r2', 'r3']) await client.chat.postMessage({ channel: releases, text, thread_ts: parent.ts ?? '' })
    await client.chat.postMessage({ channel: releases, text: 'loud', thread_ts: parent.ts ?? '', reply_broadcast: true })
    await client.chat.postMessage({ channel: releases, text: 'two' })
    const first = await client.conversations.history({ channel: releases, limit: 2 })
    expect(first.messages?.map((one) => one.text)).toEqual(['two', 'loud'])
    expect(first.has_more).toBe(true)
    const second = await client.conversations.history({
      channel: releases,
      limit: 2,
      cursor: first.response_metadata?.next_cursor ?? '',
      include_all_metadata: true,
    })
    expect(second.messages).toMatchObject([{ text: 'one', reply_count: 4, metadata }])
    const plain = await client.conversations.history({ channel: releases })
    expect(plain.messages?.some((one) => 'metadata' in one)).toBe(false)
    const pages = await client.conversations.replies({ channel: releases, ts: parent.ts ?? '', limit: 2 })
    expect(pages.messages?.map((one) => one.text)).toEqual(['one', 'r1', 'r2'])
    const rest = await client.conversations.replies({ channel: releases, ts: parent.ts ?? '', limit: 2, cursor: pages.response_metadata?.next_cursor ?? '' })
    expect(rest.messages?.map((one) => one.text)).toEqual(['one', 'r3', 'loud'])
    expect(await refusal(client.conversations.history({ channel: releases, cursor: 'bad' }))).toMatchObject({ error: 'invalid_cursor' })
    expect(await refusal(client.conversations.replies({ channel: releases, ts: '1700000000.000001' }))).toMatchObject({ error: 'thread_not_found' })
  })

  it('keeps history to members, and lets the bot join public channels only', async () => {
    const slack = await slackFor()
    const client = clientFor(slack)
    expect(await refusal(client.conversations.history({ channel: general }))).toMatchObject({ error: 'not_in_channel' })
    await client.conversations.join({ channel: general })
    expect((await client.conversations.history({ channel: general })).messages?.[0]?.subtype).toBe('channel_join')
    expect(await refusal(client.conversations.join({ channel: secret }))).toMatchObject({ error: 'channel_not_found' })
    expect(await refusal(client.conversations.info({ channel: secret }))).toMatchObject({ error: 'channel_not_found' })
    slack.removeBot(general)
    expect(await refusal(client.conversations.history({ channel: general }))).toMatchObject({ error: 'not_in_channel' })
  })

  it('lists what the bot may see', async () => {
    const slack = await slackFor()
    const client = clientFor(slack)
    const names = async () => (await client.conversations.list({ types: 'public_channel,private_channel' })).channels?.map((one) => one.name)
    expect(await names()).toEqual(['shop-releases', 'general'])
    slack.addBot(secret)
    expect(await names()).toEqual(['shop-releases', 'general', 'secret'])
    expect((await client.conversations.members({ channel: releases })).members).toEqual([ana, bo, expect.any(String), slack.workspace.bot.userId])
  })

  it('opens direct messages with people who are still here', async () => {
    const slack = await slackFor()
    const client = clientFor(slack)
    const first = await client.conversations.open({ users: ana })
    expect((await client.conversations.open({ users: ana })).channel?.id).toBe(first.channel?.id)
    slack.setPerson(bo, { deactivated: true })
    expect(await refusal(client.conversations.open({ users: bo }))).toMatchObject({ error: 'user_disabled' })
    expect(await refusal(client.conversations.open({ users: 'UNOBODY01' }))).toMatchObject({ error: 'user_not_found' })
  })

  it('tells guests, deactivated people and strangers apart', async () => {
    const slack = await slackFor()
    slack.setPerson(ana, { guest: 'single_channel' })
    slack.setPerson(bo, { deactivated: true })
    const { members } = await clientFor(slack).users.list({})
    expect(members?.find((one) => one.id === ana)).toMatchObject({ is_restricted: true, is_ultra_restricted: true, deleted: false })
    expect(members?.find((one) => one.id === bo)).toMatchObject({ deleted: true, is_admin: true })
    await expect(slack.as(bo).command(releases, '/convox')).rejects.toThrow('deactivated')
  })

  it('has user groups on a paid plan only', async () => {
    const free = await slackFor()
    expect(await refusal(clientFor(free).usergroups.users.list({ usergroup: 'S1' }))).toMatchObject({ error: 'plan_upgrade_required' })
    const paid = await slackFor({ usergroups: [{ id: 'S1', handle: 'oncall', users: [ana] }] })
    expect((await clientFor(paid).usergroups.users.list({ usergroup: 'S1' })).users).toEqual([ana])
    expect(await refusal(clientFor(paid).usergroups.users.list({ usergroup: 'S2' }))).toMatchObject({ error: 'no_such_subteam' })
  })
})
