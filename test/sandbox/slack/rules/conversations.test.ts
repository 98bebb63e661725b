import { describe, expect, it } from 'vitest'
import type { SimulatedSlack } from '../../../../sandbox/slack/start.ts'
import { ana, bo, clientFor, closeAfterEach, general, refusal, releases, secret, slackFor } from '../workspace.ts'

closeAfterEach()

type Client = ReturnType<typeof clientFor>
type Case = [string, (slack: SimulatedSlack) => void, (client: Client, thread: string) => Promise<unknown>, string | undefined]

const post = (client: Client) => client.chat.postMessage({ channel: releases, text: 'x' })
const reply = (client: Client, thread_ts: string) => client.chat.postMessage({ channel: releases, text: 'x', thread_ts })
const whisper = (client: Client) => client.chat.postEphemeral({ channel: releases, user: ana, text: 'x' })
const restricted = (restriction: NonNullable<Parameters<SimulatedSlack['setChannel']>[1]['restriction']>) => (slack: SimulatedSlack) =>
  slack.setChannel(releases, { restriction })

const cases: Case[] = [
  ['an archived channel takes no post', (slack) => slack.setChannel(releases, { archived: true }), post, 'is_archived'],
  ['an archived channel takes no reply', (slack) => slack.setChannel(releases, { archived: true }), reply, 'is_archived'],
  ['an archived channel takes no whisper', (slack) => slack.setChannel(releases, { archived: true }), whisper, 'is_archived'],
  ['a public channel takes posts from outside', (slack) => slack.removeBot(releases), post, undefined],
  ['a public channel takes no whisper from outside', (slack) => slack.removeBot(releases), whisper, 'not_in_channel'],
  [
    'a public channel is not read from outside',
    (slack) => slack.removeBot(releases),
    (client) => client.conversations.history({ channel: releases }),
    'not_in_channel',
  ],
  ['a private channel is not there from outside', () => undefined, (client) => client.chat.postMessage({ channel: secret, text: 'x' }), 'channel_not_found'],
  ['a deleted channel is not there', (slack) => slack.deleteChannel(releases), post, 'channel_not_found'],
  ['a read-only channel takes no post', restricted('restricted_action_read_only_channel'), post, 'restricted_action_read_only_channel'],
  ['a read-only channel takes no reply', restricted('restricted_action_read_only_channel'), reply, 'restricted_action_read_only_channel'],
  ['a workspace may keep apps out of a channel', restricted('restricted_action'), post, 'restricted_action'],
  ['a workspace may deny posting', restricted('posting_to_channel_denied'), post, 'posting_to_channel_denied'],
  ['a thread-only channel takes no post', restricted('restricted_action_thread_only_channel'), post, 'restricted_action_thread_only_channel'],
  ['a thread-only channel takes replies', restricted('restricted_action_thread_only_channel'), reply, undefined],
  ['a channel without threads takes posts', restricted('restricted_action_non_threadable_channel'), post, undefined],
  ['a channel without threads takes no reply', restricted('restricted_action_non_threadable_channel'), reply, 'restricted_action_non_threadable_channel'],
  [
    'a locked thread takes no reply',
    (slack) =>
      slack
        .messages(releases)
        .slice(0, 1)
        .forEach((one) => slack.lockThread(one)),
    reply,
    'restricted_action_thread_locked',
  ],
  [
    'a locked thread does not lock its channel',
    (slack) =>
      slack
        .messages(releases)
        .slice(0, 1)
        .forEach((one) => slack.lockThread(one)),
    post,
    undefined,
  ],
  [
    'a deleted parent takes no reply',
    (slack) =>
      slack
        .messages(releases)
        .slice(0, 1)
        .forEach((one) => slack.as(ana).deleteMessage(one)),
    reply,
    'thread_not_found',
  ],
  ['a reply needs a parent', () => undefined, (client) => reply(client, '1700000000.000001'), 'thread_not_found'],
  ['a reply names its parent as Slack does', () => undefined, (client) => reply(client, 'yesterday'), 'invalid_thread_ts'],
  ['whispers reach members only', (slack) => slack.removeMember(releases, ana), whisper, 'user_not_in_channel'],
]

const ready = async () => {
  const slack = await slackFor()
  const client = clientFor(slack)
  const { ts = '' } = await client.chat.postMessage({ channel: releases, text: 'parent' })
  return { slack, client, ts }
}

describe('a conversation', () => {
  it.each(cases)('%s', async (_name, change, call, code) => {
    const { slack, client, ts } = await ready()
    change(slack)
    if (code === undefined) await call(client, ts)
    else expect(await refusal(call(client, ts))).toMatchObject({ error: code })
  })

  it('says when it is shared with another company', async () => {
    const { slack, client } = await ready()
    slack.setChannel(releases, { pendingShared: true })
    expect((await client.conversations.info({ channel: releases })).channel).toMatchObject({ is_ext_shared: false, is_pending_ext_shared: true })
    slack.setChannel(releases, { shared: true, pendingShared: false })
    expect((await client.conversations.info({ channel: releases })).channel).toMatchObject({ is_ext_shared: true, is_shared: true })
  })
})

const rich = { type: 'rich_text' as const, elements: [{ type: 'rich_text_section' as const, elements: [{ type: 'text' as const, text: 'x' }] }] }
const plain = { type: 'section' as const, text: { type: 'plain_text' as const, text: 'x' } }

describe('an edit', () => {
  it('is of the own message, while it is there, in a channel that is open', async () => {
    const { slack, client, ts } = await ready()
    const theirs = slack.as(bo).say(releases, 'mine')
    const edit = (where: string, which: string) => client.chat.update({ channel: where, ts: which, text: 'x' })
    expect(await refusal(edit(releases, theirs.ts))).toMatchObject({ error: 'cant_update_message' })
    expect(await refusal(edit(releases, '1700000000.000001'))).toMatchObject({ error: 'message_not_found' })
    expect(await refusal(edit(general, ts))).toMatchObject({ error: 'message_not_found' })
    slack.setChannel(releases, { archived: true })
    expect(await refusal(edit(releases, ts))).toMatchObject({ error: 'is_archived' })
    slack.setChannel(releases, { archived: false })
    slack
      .messages(releases)
      .slice(0, 1)
      .forEach((one) => slack.as(ana).deleteMessage(one))
    expect(await refusal(edit(releases, ts))).toMatchObject({ error: 'message_not_found' })
  })

  it('comes within the time that the workspace allows', async () => {
    let now = 1_800_000_000_000
    const slack = await slackFor({ now: () => now })
    const client = clientFor(slack)
    slack.setEditWindow(60_000)
    const { ts = '' } = await client.chat.postMessage({ channel: releases, text: 'x' })
    now += 59_000
    await client.chat.update({ channel: releases, ts, text: 'y' })
    now += 1_001
    expect(await refusal(client.chat.update({ channel: releases, ts, text: 'z' }))).toMatchObject({ error: 'edit_window_closed' })
    slack.setEditWindow(undefined)
    await client.chat.update({ channel: releases, ts, text: 'z' })
  })

  it('keeps rich text rich', async () => {
    const { client } = await ready()
    const { ts = '' } = await client.chat.postMessage({ channel: releases, text: 'x', blocks: [rich] })
    expect(await refusal(client.chat.update({ channel: releases, ts, text: 'x', blocks: [plain] }))).toMatchObject({ error: 'block_mismatch' })
    await client.chat.update({ channel: releases, ts, text: 'x', blocks: [plain, rich] })
  })
})
