import { describe, expect, test } from 'vitest'
import { readDelivery, writeDelivery } from '../../../src/bot/receive/delivery.ts'
import { unwrapMetadata, wrapMetadata } from '../../../src/bot/receive/modal-place.ts'
import { afterMention, readBody } from '../../../src/bot/receive/read-body.ts'

const command = { command: '/convox', text: 'releases -a shop', user_id: 'U1', channel_id: 'C1', response_url: 'http://x/1', trigger_id: 't1' }
const click = {
  type: 'block_actions', user: { id: 'U1' }, trigger_id: 't1', response_url: 'http://x/1', channel: { id: 'C1' }, container: { type: 'message', is_ephemeral: false },
  actions: [{ action_id: 'approve', value: 'PAAAAAAAAAA:3', block_id: 'b' }],
}
const view = {
  id: 'V1', callback_id: 'edit_env', private_metadata: wrapMetadata('shop', { channel: 'C1', message: '1.5' }),
  state: {
    values: {
      set: { set: { type: 'plain_text_input', value: 'A=b c\nD=e' } }, key: { key: { type: 'plain_text_input', value: null } },
      build_from: { build_from: { type: 'static_select', selected_option: { value: 'RA' } } },
      release_only: { release_only: { type: 'checkboxes', selected_options: [{ value: 'yes' }] } }, none: { none: { type: 'checkboxes', selected_options: [] } },
    },
  },
}
const mention = { type: 'event_callback', event_id: 'Ev1', event: { type: 'app_mention', text: '<@UBOT> releases', user: 'U1', channel: 'C1', ts: '1.2' } }
/** Slack sends no app_mention for what is written to the bot directly. */
const direct = (more: object) => ({ ...mention, event: { type: 'message', channel_type: 'im', text: 'releases -a shop', user: 'U1', channel: 'D1', ts: '1.2', ...more } })
const read = (body: unknown) => readBody('E1', body, 'UBOT')?.delivery

describe('readBody', () => {
  test('reads a command', () => {
    expect(readBody('E1', command, 'UBOT')).toEqual({
      delivery: { id: expect.stringMatching(/^trigger:[0-9a-f]{32}$/u), incoming: { kind: 'command', text: 'releases -a shop' }, user: 'U1', channel: 'C1', direct: false, shared: false, responseUrl: 'http://x/1', threadTs: null },
      triggerId: 't1', viewId: null,
    })
  })

  test.each([
    ['a command in a direct message', { ...command, channel_id: 'D1' }, { direct: true, channel: 'D1' }],
    ['a command without words', { ...command, text: undefined }, { incoming: { kind: 'command', text: '' } }],
    ['a button of a card', click, { incoming: { kind: 'click', action: 'approve', value: 'PAAAAAAAAAA:3', on: 'message' } }],
    ['a button of an answer', { ...click, container: { type: 'message', is_ephemeral: true } }, { incoming: { on: 'ephemeral' } }],
    ['a button in a thread', { ...click, message: { thread_ts: '1.1' } }, { threadTs: '1.1' }],
    ['a message of a card', { ...click, container: { type: 'message', message_ts: '1.5' } }, { messageTs: '1.5' }],
    ['a mention with a file', { ...mention, event: { ...mention.event, files: [{ id: 'F1', name: 'convox.yml' }] } }, { incoming: { kind: 'mention', text: 'releases', files: ['F1'] }, messageTs: '1.2' }],
    ['a direct message with a file', direct({ subtype: 'file_share', files: [{ id: 'F1' }] }), { incoming: { kind: 'mention', text: 'releases -a shop', files: ['F1'] } }],
    ['a form with a file', { type: 'view_submission', user: { id: 'U1' }, view: { ...view, state: { values: { manifest_file: { manifest_file: { type: 'file_input', files: [{ id: 'F1', name: 'convox.yml' }] } } } } } }, { incoming: { fields: { manifest_file: ['F1'] } } }],
    ['an option of a menu', { ...click, actions: [{ action_id: 'more', selected_option: { value: 'cancel_request:P:3' } }] }, { incoming: { action: 'more', value: 'cancel_request:P:3' } }],
    ['a button of a modal', { ...click, channel: undefined, container: { type: 'view' }, view }, { channel: 'C1', messageTs: '1.5', incoming: { on: 'modal' } }],
    ['a form', { type: 'view_submission', user: { id: 'U1' }, view }, {
      channel: 'C1', messageTs: '1.5', responseUrl: null,
      incoming: { kind: 'submission', view: 'edit_env', metadata: 'shop', fields: { set: 'A=b c\nD=e', key: null, build_from: 'RA', release_only: ['yes'], none: [] } },
    }],
    ['a mention, by its event id', mention, { id: 'Ev1', incoming: { kind: 'mention', text: 'releases' } }],
    ['a mention in a thread', { ...mention, event: { ...mention.event, thread_ts: '1.1' } }, { threadTs: '1.1' }],
    ['a mention in a channel shared with another company', { ...mention, is_ext_shared_channel: true }, { shared: true }],
  ])('reads %s', (_name, body, expected) => {
    expect(read(body)).toMatchObject(expected)
  })

  test.each([
    ['a mention by a bot', { ...mention, event: { ...mention.event, bot_id: 'B9' } }],
    ['a mention that was edited', { ...mention, event: { ...mention.event, edited: { user: 'U1', ts: '1.3' } } }],
    ['a message', { ...mention, event: { ...mention.event, type: 'message' } }],
    ['a closed modal', { type: 'view_closed', user: { id: 'U1' }, view }],
    ['nothing', undefined],
  ])('leaves %s alone', (_name, body) => {
    expect(read(body)).toBeUndefined()
  })
})

test.each([
  ['<@UBOT> releases', 'releases'], ['<@UBOT|convox> releases', 'releases'], ['hey <@UBOT>  promote RA', 'promote RA'],
  ['<@UBOT>', ''], ['<@UOTHER> releases', '<@UOTHER> releases'],
])('afterMention(%j) is %j', (text, words) => {
  expect(afterMention(text, 'UBOT')).toBe(words)
})

describe('what is done once', () => {
  const id = (body: unknown, envelope = 'E1') => readBody(envelope, body, 'UBOT')?.delivery.id
  const clickOf = (body: unknown) => readBody('E1', body, 'UBOT')?.click
  const placed = { ...click, container: { type: 'message', message_ts: '1.2' } }

  test.each([['a command', command], ['a click', click], ['a form', { type: 'view_submission', user: { id: 'U1' }, view, trigger_id: 't1' }]])('%s is the same in another envelope, by its trigger', (_name, body) => {
    expect(id(body, 'E2')).toBe(id(body))
    expect(id({ ...body, trigger_id: 't2' })).not.toBe(id(body))
    expect(id({ ...body, trigger_id: undefined }, 'E2')).toBe('E2')
  })

  test('two clicks of one person on one button are one click', () => {
    expect(clickOf({ ...placed, trigger_id: 't2', actions: [{ ...click.actions[0], action_ts: '9.9' }] })).toBe(clickOf(placed))
    expect(clickOf(placed)).toMatch(/^click:[0-9a-f]{32}$/u)
  })

  test.each([
    ['another person', { user: { id: 'U2' } }], ['another message', { container: { type: 'message', message_ts: '1.3' } }],
    ['another button', { actions: [{ ...click.actions[0], action_id: 'reject' }] }], ['another value', { actions: [{ ...click.actions[0], value: 'PAAAAAAAAAA:4' }] }],
  ])('%s is another click', (_name, change) => {
    expect(clickOf({ ...placed, ...change })).not.toBe(clickOf(placed))
  })

  test('only clicks have one', () => {
    expect(clickOf(command)).toBeUndefined()
  })
})

describe('what is kept', () => {
  test('reads back as it was, values with newlines and quotes included', () => {
    const delivery = read({ type: 'view_submission', user: { id: 'U1' }, view })
    if (delivery === undefined) throw new Error('not read')
    expect(readDelivery(writeDelivery(delivery))).toEqual(delivery)
  })

  test('holds no trigger', () => {
    const delivery = read(command)
    if (delivery === undefined) throw new Error('not read')
    expect(writeDelivery(delivery)).not.toContain('"t1"')
  })

  test.each([['not json'], ['{}'], ['null'], ['{"id":"E1"}'], ['']])('%j is nobody\'s', (text) => {
    expect(readDelivery(text)).toBeNull()
  })
})

test.each([
  ['', 'C1', '1.5'], ['shop', 'D1', undefined], ['{"c":"x"}', 'C1', '1.5'], ['{"c":"x","m":"y"}', '', undefined],
])('a modal brings back metadata %j, channel %j and message %j', (metadata, channel, message) => {
  expect(unwrapMetadata(wrapMetadata(metadata, { channel, message }))).toEqual({ metadata, place: { channel, message } })
})

test('a modal of a version that knew no message brings back its channel', () => {
  expect(unwrapMetadata('{"c":"C1","m":"shop"}')).toEqual({ metadata: 'shop', place: { channel: 'C1', message: undefined } })
})

test.each([['shop'], [''], ['{"c":1,"m":2}']])('metadata of another make passes: %j', (metadata) => {
  expect(unwrapMetadata(metadata)).toEqual({ metadata, place: null })
})

describe('direct messages', () => {
  test('takes what is written to the bot directly as addressed to it', () => {
    expect(read(direct({}))).toMatchObject({ id: 'Ev1', user: 'U1', channel: 'D1', direct: true, incoming: { kind: 'mention', text: 'releases -a shop' } })
    expect(read(direct({ text: '<@UBOT> releases' }))).toMatchObject({ incoming: { text: 'releases' } })
  })

  test.each([['its own words', { bot_id: 'B1' }], ['an edit', { subtype: 'message_changed' }], ['a message in a channel', { channel_type: 'channel', channel: 'C1' }]])('does not hear %s', (_what, more) => {
    expect(read(direct(more))).toBeUndefined()
  })
})
