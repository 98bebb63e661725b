import { describe, expect, it } from 'vitest'
import { boltFor } from '../bolt-app.ts'
import { ana, bo, clientFor, closeAfterEach, releases, slackFor } from '../workspace.ts'

closeAfterEach()

const respond = async (url: string, body: object) => {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
  return [response.status, await response.text()]
}

/** A card with a button in the channel and in its thread; what is clicked leaves its response_url behind. */
const clicked = async () => {
  let now = 1_800_000_000_000
  const slack = await slackFor({ now: () => now })
  const client = clientFor(slack)
  const urls: string[] = []
  await boltFor(slack, (app) =>
    app.action('go', async ({ ack, body }) => {
      await ack()
      if (body.type === 'block_actions') urls.push(body.response_url)
    }),
  )
  const blocks = [{ type: 'actions' as const, elements: [{ type: 'button' as const, action_id: 'go', text: { type: 'plain_text' as const, text: 'Go' } }] }]
  const { ts: thread_ts = '' } = await client.chat.postMessage({ channel: releases, text: 'card', blocks })
  await client.chat.postMessage({ channel: releases, text: 'line', blocks, thread_ts })
  const click = async (index: number) => {
    const card = slack.messages(releases)[index]
    if (!card) throw new Error('no card')
    const before = urls.length
    await slack.as(bo).click(card, 'Go')
    await slack.until(() => urls.length > before)
    return urls.at(-1) ?? ''
  }
  return { slack, client, click, thread_ts, pass: (ms: number) => void (now += ms) }
}

describe('an answer to a click', () => {
  it('is for the one who clicked, and leaves the message as it is', async () => {
    const { slack, click } = await clicked()
    expect(await respond(await click(0), { text: 'recorded' })).toEqual([200, '{"ok":true}'])
    expect(slack.seenBy(bo, releases)).toContain('convox (only visible to bo): recorded')
    expect(slack.seenBy(ana, releases)).not.toContain('recorded')
    expect(slack.messages(releases)[0]?.edited).toBeUndefined()
  })

  it('replaces the message when it says so, blocks and all', async () => {
    const { slack, click } = await clicked()
    await respond(await click(0), { replace_original: true, text: 'done' })
    expect(slack.messages(releases)[0]).toMatchObject({ text: 'done', edited: { user: slack.workspace.bot.userId } })
    expect(slack.messages(releases)[0]?.blocks).toBeUndefined()
  })

  it('deletes the message when it says so', async () => {
    const { slack, click } = await clicked()
    await respond(await click(1), { delete_original: true })
    expect(slack.messages(releases).map((one) => one.text)).toEqual(['card'])
  })

  it('cannot bring a deleted message back', async () => {
    const { slack, click } = await clicked()
    const url = await click(1)
    slack
      .messages(releases)
      .slice(1)
      .forEach((one) => slack.as(ana).deleteMessage(one))
    expect(await respond(url, { replace_original: true, text: 'back' })).toEqual([400, 'message_not_found'])
    expect(slack.messages(releases).map((one) => one.text)).toEqual(['card'])
  })

  it('for all goes into a thread only when it names it', async () => {
    const { slack, click, thread_ts } = await clicked()
    const url = await click(1)
    await respond(url, { response_type: 'in_channel', replace_original: false, text: 'outside' })
    await respond(url, { response_type: 'in_channel', replace_original: false, thread_ts, text: 'inside' })
    expect(
      slack
        .messages(releases)
        .slice(2)
        .map((one) => [one.text, one.thread]),
    ).toEqual([
      ['outside', undefined],
      ['inside', thread_ts],
    ])
    expect(await respond(url, { response_type: 'in_channel', thread_ts: '1700000000.000001', text: 'nowhere' })).toEqual([400, 'thread_not_found'])
  })

  it('works five times and for thirty minutes; a refused one is not counted', async () => {
    const { click, pass } = await clicked()
    const [url, other] = [await click(0), await click(0)]
    expect(await respond(url, { blocks: [{ type: 'header' }] })).toEqual([400, 'invalid_blocks'])
    for (let use = 0; use < 5; use++) expect((await respond(url, { text: 'x' }))[0]).toBe(200)
    expect(await respond(url, { text: 'x' })).toEqual([404, 'used_url'])
    pass(30 * 60_000)
    expect((await respond(other, { text: 'x' }))[0]).toBe(200)
    pass(1)
    expect(await respond(other, { text: 'x' })).toEqual([404, 'expired_url'])
    expect(await respond(other.replace(/[^/]+$/, 'made-up'), { text: 'x' })).toEqual([404, 'no_such_url'])
  })
})
