import { describe, expect, it } from 'vitest'
import { clientFor, closeAfterEach, refusal, releases, slackFor } from '../workspace.ts'

closeAfterEach()

const section = (length: number) => ({ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(length) } })
const table = { type: 'table', rows: [[{ type: 'raw_text', text: 'a' }]] }
/** Blocks whose JSON is exactly so long. */
const blocksOf = (length: number) => {
  const rows = [section(3000), section(3000), section(3000), section(3000), section(1)]
  const rest = length - JSON.stringify(rows).length
  return [...rows.slice(0, 4), section(1 + rest)]
}
const metadata = (length: number) => {
  const empty = JSON.stringify({ event_type: 'e', event_payload: { k: '' } }).length
  return { event_type: 'e', event_payload: { k: 'x'.repeat(length - empty) } }
}

type Arguments = Record<string, unknown>
const both = ['chat.postMessage', 'chat.update'] as const

/** What just fits, what just does not, and the error. */
const limits: [string, readonly string[], Arguments, Arguments, string][] = [
  ['text of an edit', ['chat.update'], { text: 'x'.repeat(4000) }, { text: 'x'.repeat(4001) }, 'msg_too_long'],
  ['something to say', both, { text: 'x' }, { text: '' }, 'no_text'],
  ['blocks that are a list', both, { text: 'x', blocks: '[]' }, { text: 'x', blocks: '{}' }, 'invalid_blocks_format'],
  ['blocks that are JSON', both, { text: 'x', blocks: '[]' }, { text: 'x', blocks: '[' }, 'invalid_blocks_format'],
  ['blocks that hold', both, { text: 'x', blocks: [section(3000)] }, { text: 'x', blocks: [section(3001)] }, 'invalid_blocks'],
  ['blocks in all', both, { text: 'x', blocks: blocksOf(13_200) }, { text: 'x', blocks: blocksOf(13_201) }, 'msg_blocks_too_long'],
  ['one table', both, { text: 'x', blocks: [table] }, { text: 'x', blocks: [table, table] }, 'only_one_table_allowed'],
  ['metadata in all', both, { text: 'x', metadata: metadata(8000) }, { text: 'x', metadata: metadata(8001) }, 'metadata_too_large'],
  ['metadata that is JSON', both, { text: 'x', metadata: '{}' }, { text: 'x', metadata: '{' }, 'invalid_metadata_format'],
  ['metadata with a payload', both, { text: 'x', metadata: metadata(100) }, { text: 'x', metadata: { event_type: 'e' } }, 'invalid_metadata_schema'],
  [
    'metadata and nothing else',
    both,
    { text: 'x', metadata: metadata(100) },
    { text: 'x', metadata: { ...metadata(100), more: 1 } },
    'invalid_metadata_schema',
  ],
]

describe('a message', () => {
  it.each(limits.flatMap(([name, methods, fits, breaks, code]) => methods.map((method) => [name, method, fits, breaks, code] as const)))(
    'holds to the limit of %s in %s',
    async (_name, method, fits, breaks, code) => {
      const slack = await slackFor()
      const client = clientFor(slack)
      const { ts = '' } = await client.chat.postMessage({ channel: releases, text: 'before' })
      const call = (more: Arguments) => client.apiCall(method, { channel: releases, ...(method === 'chat.update' ? { ts } : {}), ...more })
      expect(await refusal(call(breaks))).toMatchObject({ ok: false, error: code })
      expect(slack.transcript(releases)).toBe('convox: before')
      expect(await call(fits)).toMatchObject({ ok: true })
    },
  )

  it('is cut at 40,000, and warns of that and of a missing text', async () => {
    const slack = await slackFor()
    const client = clientFor(slack)
    const cut = await client.chat.postMessage({ channel: releases, text: 'x'.repeat(40_001) })
    expect(cut.response_metadata?.warnings).toEqual(['message_truncated'])
    const textless = await client.apiCall('chat.postMessage', { channel: releases, blocks: [section(1)] })
    expect(textless.response_metadata?.warnings).toEqual(['missing_text_in_message'])
    expect(slack.messages(releases)[0]?.text).toHaveLength(40_000)
  })

  it('says where its blocks are wrong, each place by itself', async () => {
    const slack = await slackFor()
    const answer = await refusal(
      clientFor(slack).apiCall('chat.postMessage', {
        channel: releases,
        text: 'x',
        blocks: [section(1), { type: 'plan' }, { type: 'header', text: { type: 'mrkdwn', text: 'x' } }],
      }),
    )
    expect(answer['response_metadata']).toMatchObject({
      messages: ['[ERROR] unsupported type: plan [json-pointer:/blocks/1/type]', expect.stringContaining('[json-pointer:/blocks/2/text/type]')],
    })
  })

  it('shows its metadata to those who ask for it only', async () => {
    const slack = await slackFor()
    const client = clientFor(slack)
    const { ts = '' } = await client.chat.postMessage({ channel: releases, text: 'x', metadata: metadata(100) })
    await client.chat.postMessage({ channel: releases, text: 'line', thread_ts: ts, metadata: metadata(60) })
    const shown = async (include_all_metadata: boolean) => {
      const history = await client.conversations.history({ channel: releases, include_all_metadata })
      const replies = await client.conversations.replies({ channel: releases, ts, include_all_metadata })
      return [...(history.messages ?? []), ...(replies.messages ?? [])].map((one) => one.metadata)
    }
    expect(await shown(false)).toEqual([undefined, undefined, undefined])
    expect(await shown(true)).toEqual([metadata(100), metadata(100), metadata(60)])
  })

  it('is broadcast late or changed, not both', async () => {
    const slack = await slackFor()
    const client = clientFor(slack)
    const { ts: thread_ts = '' } = await client.chat.postMessage({ channel: releases, text: 'card' })
    const { ts = '' } = await client.chat.postMessage({ channel: releases, text: 'line', thread_ts })
    const update = (text: string) => client.chat.update({ channel: releases, ts, text, reply_broadcast: true })
    expect(await refusal(update('changed'))).toMatchObject({ error: 'no_dual_broadcast_content_update' })
    await update('line')
    await update('changed once it is broadcast')
    expect(slack.transcript(releases)).toContain('convox (also sent to the channel, edited): changed once it is broadcast')
  })
})
