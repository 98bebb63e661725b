import { describe, expect, it } from 'vitest'
import { checkMessageBlocks, checkView } from '../../../../sandbox/slack/block-rules.ts'

const plain = (length = 1) => ({ type: 'plain_text', text: 'x'.repeat(length) })
const md = (length: number) => ({ type: 'mrkdwn', text: 'x'.repeat(length) })
const chars = (length: number) => 'x'.repeat(length)
const many = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index))
const option = (index: number, more: object = {}) => ({ text: plain(), value: `v${index}`, ...more })
const image = (more: object) => ({ type: 'image', image_url: 'https://x.test/a.png', alt_text: 'x', ...more })
const actions = (element: object) => [{ type: 'actions', elements: [element] }]
const beside = (element: object) => [{ type: 'section', text: plain(), accessory: element }]
const confirm = (length: number) => ({ type: 'button', text: plain(), confirm: { title: plain(), text: plain(), confirm: plain(length), deny: plain() } })
const chosen = (type: string, options: number, initial: number) => ({ type, options: many(options, option), initial_options: many(initial, option) })
const rich = (count: number) => [{ type: 'rich_text', elements: many(count, () => ({ type: 'rich_text_section', elements: [{ type: 'text', text: 'x' }] })) }]
const table = (settings: number) => [{ type: 'table', rows: [[{ type: 'raw_text', text: 'x' }]], column_settings: many(settings, () => null) }]

/** Figures of docs.slack.dev reference/block-kit that block-rules.test.ts does not have: what just fits, what just does not, and where Slack points. */
const inMessages: [string, unknown, unknown, string][] = [
  ['parts of rich text', rich(1), rich(0), '/blocks/0/elements'],
  ['an image title', [image({ title: plain(2000) })], [image({ title: plain(2001) })], '/blocks/0/title/text'],
  ['an image beside a section', beside(image({ alt_text: chars(2000) })), beside(image({ alt_text: chars(2001) })), '/blocks/0/accessory/alt_text'],
  ['one markdown block', [{ type: 'markdown', text: chars(12_000) }], [{ type: 'markdown', text: chars(12_001) }], '/blocks/0/text'],
  ['columns of a table', table(20), table(21), '/blocks/0/column_settings'],
  ['a text in a context', [{ type: 'context', elements: [md(3000)] }], [{ type: 'context', elements: [md(3001)] }], '/blocks/0/elements/0/text'],
  ['the yes of a dialog', actions(confirm(30)), actions(confirm(31)), '/blocks/0/elements/0/confirm/confirm/text'],
  [
    'options at all',
    beside({ type: 'static_select', options: many(1, option) }),
    beside({ type: 'static_select', options: [] }),
    '/blocks/0/accessory/options',
  ],
  [
    'the description of an option',
    beside({ type: 'static_select', options: [option(0, { description: plain(75) })] }),
    beside({ type: 'static_select', options: [option(0, { description: plain(76) })] }),
    '/blocks/0/accessory/options/0/description/text',
  ],
  [
    'the description of a checkbox',
    actions({ type: 'checkboxes', options: [option(0, { description: md(75) })] }),
    actions({ type: 'checkboxes', options: [option(0, { description: md(76) })] }),
    '/blocks/0/elements/0/options/0/description/text',
  ],
  [
    'what is chosen at first',
    beside(chosen('multi_static_select', 100, 100)),
    beside(chosen('multi_static_select', 2, 0)),
    '/blocks/0/accessory/initial_options',
  ],
  ['what is checked at first', actions(chosen('checkboxes', 10, 1)), actions(chosen('checkboxes', 10, 0)), '/blocks/0/elements/0/initial_options'],
  [
    'how many may be chosen',
    beside({ type: 'multi_users_select', max_selected_items: 1 }),
    beside({ type: 'multi_users_select', max_selected_items: 0 }),
    '/blocks/0/accessory/max_selected_items',
  ],
  [
    'kinds of conversations',
    beside({ type: 'conversations_select', filter: { include: ['im'] } }),
    beside({ type: 'conversations_select', filter: { include: [] } }),
    '/blocks/0/accessory/filter/include',
  ],
  [
    'letters before a search',
    beside({ type: 'external_select', min_query_length: 0 }),
    beside({ type: 'external_select', min_query_length: -1 }),
    '/blocks/0/accessory/min_query_length',
  ],
  [
    'a person',
    beside({ type: 'users_select', initial_user: 'U1' }),
    beside({ type: 'users_select', initial_user: '@ana' }),
    '/blocks/0/accessory/initial_user',
  ],
  [
    'a day',
    actions({ type: 'datepicker', initial_date: '2026-11-21' }),
    actions({ type: 'datepicker', initial_date: '02026-11-21' }),
    '/blocks/0/elements/0/initial_date',
  ],
]

const input = (element: object, more: object = {}) => ({
  type: 'modal',
  title: plain(),
  submit: plain(),
  blocks: [{ type: 'input', label: plain(), element, ...more }],
})
const text = (more: object) => input({ type: 'plain_text_input', ...more })
const file = (more: object) => input({ type: 'file_input', ...more })
const view = (type: 'modal' | 'home') => (more: object) => ({ type, ...(type === 'modal' ? { title: plain() } : {}), blocks: [{ type: 'divider' }], ...more })
const [modal, home] = [view('modal'), view('home')]
const dividers = (count: number) => ({ blocks: many(count, () => ({ type: 'divider' })) })

const inViews: [string, unknown, unknown, string][] = [
  [
    'a hint',
    input({ type: 'plain_text_input' }, { hint: plain(2000) }),
    input({ type: 'plain_text_input' }, { hint: plain(2001) }),
    '/view/blocks/0/hint/text',
  ],
  ['the longest minimum', text({ min_length: 3000 }), text({ min_length: 3001 }), '/view/blocks/0/element/min_length'],
  ['the shortest minimum', text({ min_length: 0 }), text({ min_length: -1 }), '/view/blocks/0/element/min_length'],
  ['the shortest maximum', text({ max_length: 1 }), text({ max_length: 0 }), '/view/blocks/0/element/max_length'],
  ['an empty initial value', text({ initial_value: '' }), text({ initial_value: 'ab', max_length: 1 }), '/view/blocks/0/element/initial_value'],
  [
    'when an input acts',
    text({ dispatch_action_config: { trigger_actions_on: ['on_enter_pressed'] } }),
    text({ dispatch_action_config: { trigger_actions_on: [] } }),
    '/view/blocks/0/element/dispatch_action_config/trigger_actions_on',
  ],
  ['kinds of files', file({ filetypes: ['yml'] }), file({ filetypes: [] }), '/view/blocks/0/element/filetypes'],
  ['files at most', file({ max_files: 10 }), file({ max_files: 11 }), '/view/blocks/0/element/max_files'],
  ['files at least', file({ max_files: 1 }), file({ max_files: 0 }), '/view/blocks/0/element/max_files'],
  ['an empty private_metadata', modal({ private_metadata: '' }), modal({ private_metadata: chars(3001) }), '/view/private_metadata'],
  ['an empty callback_id', modal({ callback_id: '' }), modal({ callback_id: chars(256) }), '/view/callback_id'],
  ['an empty external_id', modal({ external_id: '' }), modal({ external_id: chars(256) }), '/view/external_id'],
  ['blocks of a home', home(dividers(100)), home(dividers(101)), '/view/blocks'],
  ['blocks of a home at all', home(dividers(1)), home(dividers(0)), '/view/blocks'],
  ['private_metadata of a home', home({ private_metadata: chars(3000) }), home({ private_metadata: chars(3001) }), '/view/private_metadata'],
  ['callback_id of a home', home({ callback_id: chars(255) }), home({ callback_id: chars(256) }), '/view/callback_id'],
  ['external_id of a home', home({ external_id: chars(255) }), home({ external_id: chars(256) }), '/view/external_id'],
  ['nothing in the ids of a home', home({ private_metadata: '', callback_id: '', external_id: '' }), home({ title: plain() }), '/view'],
]

const holds = (check: typeof checkMessageBlocks | typeof checkView) => (fits: unknown, breaks: unknown, pointer: string) => {
  expect(check(fits)).toMatchObject({ ok: true })
  const verdict = check(breaks)
  expect(verdict.ok ? [] : verdict.messages).toEqual([expect.stringContaining(`[json-pointer:${pointer}]`)])
}

describe('a block', () => {
  it.each(inMessages)('holds to the limit of %s in a message', (_name, fits, breaks, pointer) => holds(checkMessageBlocks)(fits, breaks, pointer))
  it.each(inViews)('holds to the limit of %s in a view', (_name, fits, breaks, pointer) => holds(checkView)(fits, breaks, pointer))
})
