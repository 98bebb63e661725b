import { describe, expect, it } from 'vitest'
import { connect } from './socket-client.ts'
import { ana, bo, clientFor, closeAfterEach, general, releases, slackFor } from './workspace.ts'

closeAfterEach()

type Event = Record<string, unknown>
const isEvent = (value: unknown): value is Event => typeof value === 'object' && value !== null

/** An app without Bolt, which keeps an app's own words from it. */
const listening = async (events?: string[]) => {
  const slack = await slackFor(events ? { events, scopes: ['app_mentions:read', 'channels:history', 'chat:write', 'im:history', 'im:write'] } : {})
  const app = await connect(slack)
  const heard: Event[] = []
  const read = async () => {
    for (;;) {
      const frame = await app.next('events_api')
      app.ack(frame)
      if (isEvent(frame['payload']) && isEvent(frame['payload']['event'])) heard.push(frame['payload']['event'])
    }
  }
  void read()
  return { slack, heard, client: clientFor(slack) }
}

describe('an app', () => {
  it('hears a mention again when its message is changed', async () => {
    const { slack, heard } = await listening()
    const said = slack.as(ana).say(releases, '@convox promte')
    slack.as(ana).edit(said, '@convox promote')
    await slack.until(() => heard.length === 2)
    expect(heard).toContainEqual(
      expect.objectContaining({ type: 'app_mention', ts: said.ts, text: expect.stringContaining('promote'), edited: { user: ana, ts: expect.any(String) } }),
    )
    expect(heard.filter((one) => one['edited'] === undefined)).toHaveLength(1)
    expect(slack.transcript(releases)).toBe('ana (edited): @convox promote')
    expect(() => slack.as(bo).edit(said, 'mine now')).toThrow('only the author')
  })

  it('hears its own words in a direct message, what becomes of them, and what people change', async () => {
    const { slack, heard, client } = await listening()
    const channel = slack.as(ana).openHome()
    await slack.until(() => heard.some((one) => one['type'] === 'app_home_opened'))
    heard.splice(0)
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'one' })
    await client.chat.update({ channel, ts, text: 'two' })
    await client.chat.delete({ channel, ts })
    slack.as(ana).edit(slack.as(ana).say(channel, 'help'), 'helpp')
    await slack.until(() => heard.length === 5)
    const { botId } = slack.workspace.bot
    for (const expected of [
      { text: 'one', bot_id: botId, channel_type: 'im' },
      {
        subtype: 'message_changed',
        hidden: true,
        message: expect.objectContaining({ text: 'two', bot_id: botId }),
        previous_message: expect.objectContaining({ text: 'one' }),
      },
      { subtype: 'message_deleted', hidden: true, deleted_ts: ts },
      { text: 'help', user: ana },
      { subtype: 'message_changed', message: expect.objectContaining({ text: 'helpp', user: ana }) },
    ])
      expect(heard).toContainEqual(expect.objectContaining({ type: 'message', ...expected }))
  })

  it('hears of channels only what it is subscribed to and is there for', async () => {
    const quiet = await listening()
    await quiet.client.chat.postMessage({ channel: releases, text: 'one' })
    const loud = await listening(['message.channels'])
    await loud.client.chat.postMessage({ channel: releases, text: 'one' })
    loud.slack.as(ana).say(general, 'not there')
    await loud.slack.until(() => loud.heard.length === 1)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(loud.heard).toMatchObject([{ type: 'message', channel_type: 'channel', text: 'one' }])
    expect(quiet.heard).toEqual([])
  })
})
