import { describe, expect, it } from 'vitest'
import { ana, bo, clientFor, closeAfterEach, cy, general, refusal, releases, secret, slackFor } from '../workspace.ts'

closeAfterEach()

const blocks = (text: string) => [{ type: 'section' as const, text: { type: 'mrkdwn' as const, text } }]

describe('chat.postMessage', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['an unknown channel', { channel: 'CNOWHERE1', text: 'x' }, 'channel_not_found'],
    ['a private channel the bot is not in', { channel: secret, text: 'x' }, 'channel_not_found'],
    ['nothing to say', { channel: releases }, 'no_text'],
    ['blocks that are no JSON', { channel: releases, text: 'x', blocks: '[' }, 'invalid_blocks_format'],
    ['blocks that are no list', { channel: releases, text: 'x', blocks: '{}' }, 'invalid_blocks_format'],
    [
      'blocks that break a rule',
      { channel: releases, text: 'x', blocks: [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }] },
      'invalid_blocks',
    ],
    [
      'blocks that are too much in all',
      { channel: releases, text: 'x', blocks: Array.from({ length: 5 }, () => blocks('x'.repeat(2900))[0]) },
      'msg_blocks_too_long',
    ],
    ['a reply to nothing', { channel: releases, text: 'x', thread_ts: '1700000000.000001' }, 'thread_not_found'],
    ['a malformed thread', { channel: releases, text: 'x', thread_ts: 'yesterday' }, 'invalid_thread_ts'],
    ['metadata without a payload', { channel: releases, text: 'x', metadata: { event_type: 'e' } }, 'invalid_metadata_schema'],
    ['metadata that is no JSON', { channel: releases, text: 'x', metadata: '{' }, 'invalid_metadata_format'],
    ['too much metadata', { channel: releases, text: 'x', metadata: { event_type: 'e', event_payload: { k: 'x'.repeat(9000) } } }, 'metadata_too_large'],
    ['a name that is not its own', { channel: releases, text: 'x', username: 'ana' }, 'missing_scope'],
    ['attachments', { channel: releases, text: 'x', attachments: [{ text: 'old' }] }, 'invalid_attachments'],
  ])('refuses %s', async (_name, args, error) => {
    const slack = await slackFor()
    expect(await refusal(clientFor(slack).apiCall('chat.postMessage', args))).toMatchObject({ ok: false, error })
    expect(slack.messages(releases)).toEqual([])
  })

  it('says where blocks are wrong', async () => {
    const slack = await slackFor()
    const answer = await refusal(
      clientFor(slack).chat.postMessage({ channel: releases, text: 'x', blocks: [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }] }),
    )
    expect(answer).toMatchObject({ response_metadata: { messages: ['[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]'] } })
  })

  it('needs an invite to a private channel and none to a public one', async () => {
    const slack = await slackFor()
    const client = clientFor(slack)
    await client.chat.postMessage({ channel: general, text: 'hello' })
    slack.addBot(secret)
    await client.chat.postMessage({ channel: secret, text: 'hello' })
    expect(slack.transcript(secret)).toBe('convox: hello')
    const without = await slackFor({ scopes: ['chat:write'] })
    expect(await refusal(clientFor(without).chat.postMessage({ channel: general, text: 'x' }))).toMatchObject({ error: 'not_in_channel' })
  })

  it('stops at archived and read-only channels', async () => {
    const slack = await slackFor()
    slack.setChannel(releases, { archived: true })
    expect(await refusal(clientFor(slack).chat.postMessage({ channel: releases, text: 'x' }))).toMatchObject({ error: 'is_archived' })
    slack.setChannel(releases, { archived: false, readOnly: true })
    expect(await refusal(clientFor(slack).chat.postMessage({ channel: releases, text: 'x' }))).toMatchObject({ error: 'restricted_action_read_only_channel' })
  })

  it('cuts a text at 40,000 and warns', async () => {
    const slack = await slackFor()
    const answer = await clientFor(slack).chat.postMessage({ channel: releases, text: 'x'.repeat(40_001) })
    expect(answer.response_metadata?.warnings).toContain('message_truncated')
    expect(slack.messages(releases)[0]?.text).toHaveLength(40_000)
  })

  it('replies only to the first message of a thread', async () => {
    const slack = await slackFor()
    const client = clientFor(slack)
    const parent = await client.chat.postMessage({ channel: releases, text: 'card' })
    const reply = await client.chat.postMessage({ channel: releases, text: 'line', thread_ts: parent.ts ?? '' })
    expect(await refusal(client.chat.postMessage({ channel: releases, text: 'x', thread_ts: reply.ts ?? '' }))).toMatchObject({ error: 'thread_not_found' })
    await client.chat.delete({ channel: releases, ts: parent.ts ?? '' })
    expect(slack.transcript(releases)).toContain('This message was deleted.')
    expect(await refusal(client.chat.postMessage({ channel: releases, text: 'x', thread_ts: parent.ts ?? '' }))).toMatchObject({ error: 'thread_not_found' })
  })

  it('notifies those it names, in new messages only', async () => {
    const slack = await slackFor()
    const client = clientFor(slack)
    const posted = await client.chat.postMessage({ channel: releases, text: `for <@${ana}>`, blocks: blocks(`and <@${bo}>, not &lt;!channel&gt;`) })
    await client.chat.update({ channel: releases, ts: posted.ts ?? '', text: `now <@${cy}>` })
    expect(slack.notified().map((one) => [one.user, one.why])).toEqual([
      [ana, 'mention'],
      [bo, 'mention'],
    ])
    await client.chat.postMessage({ channel: releases, text: 'all of <!channel>' })
    expect(
      slack
        .notified()
        .filter((one) => one.why === 'everyone')
        .map((one) => one.user),
    ).toEqual([ana, bo, cy])
  })
})

describe('chat.update', () => {
  it('removes blocks when only text is sent, and keeps metadata unless told', async () => {
    const slack = await slackFor()
    const client = clientFor(slack)
    const metadata = { event_type: 'convox_release', event_payload: { k: '1' } }
    const { ts = '' } = await client.chat.postMessage({ channel: releases, text: 'a', blocks: blocks('a'), metadata })
    await client.chat.update({ channel: releases, ts, text: 'b' })
    expect(slack.messages(releases)[0]).toMatchObject({ text: 'b', metadata })
    expect(slack.messages(releases)[0]?.blocks).toBeUndefined()
    await client.apiCall('chat.update', { channel: releases, ts, text: 'c', metadata: {} })
    expect(slack.messages(releases)[0]?.metadata).toBeUndefined()
  })

  it('refuses what is not there, not its own, or too long', async () => {
    const slack = await slackFor()
    const client = clientFor(slack)
    const theirs = slack.as(ana).say(releases, 'mine')
    const { ts = '' } = await client.chat.postMessage({ channel: releases, text: 'a' })
    expect(await refusal(client.chat.update({ channel: releases, ts: '1700000000.000001', text: 'x' }))).toMatchObject({ error: 'message_not_found' })
    expect(await refusal(client.chat.update({ channel: releases, ts: theirs.ts, text: 'x' }))).toMatchObject({ error: 'cant_update_message' })
    expect(await refusal(client.chat.delete({ channel: releases, ts: theirs.ts }))).toMatchObject({ error: 'cant_delete_message' })
    expect(await refusal(client.chat.update({ channel: releases, ts, text: 'x'.repeat(4001) }))).toMatchObject({ error: 'msg_too_long' })
    slack.as(ana).deleteMessage(slack.messages(releases).find((one) => one.ts === ts) ?? theirs)
    expect(await refusal(client.chat.update({ channel: releases, ts, text: 'x' }))).toMatchObject({ error: 'message_not_found' })
  })
})

describe('chat.postEphemeral', () => {
  it('reaches one member of a channel the bot is in', async () => {
    const slack = await slackFor()
    const client = clientFor(slack)
    await client.chat.postEphemeral({ channel: releases, user: bo, text: 'psst' })
    expect(slack.seenBy(bo, releases)).toBe('convox (only visible to bo): psst')
    expect(slack.transcript(releases)).toBe('')
    expect(await refusal(client.chat.postEphemeral({ channel: general, user: bo, text: 'x' }))).toMatchObject({ error: 'not_in_channel' })
    slack.setChannel(releases, { members: [ana, slack.workspace.bot.userId] })
    expect(await refusal(client.chat.postEphemeral({ channel: releases, user: bo, text: 'x' }))).toMatchObject({ error: 'user_not_in_channel' })
  })

  it('cannot be updated', async () => {
    const slack = await slackFor()
    const client = clientFor(slack)
    const { message_ts = '' } = await client.chat.postEphemeral({ channel: releases, user: bo, text: 'psst' })
    expect(await refusal(client.chat.update({ channel: releases, ts: message_ts, text: 'x' }))).toMatchObject({ error: 'message_not_found' })
  })
})
