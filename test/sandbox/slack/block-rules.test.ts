import { describe, expect, it } from 'vitest'
import { checkMessageBlocks, checkView, withIds } from '../../../sandbox/slack/block-rules.ts'

const plain = (length: number) => ({ type: 'plain_text', text: 'x'.repeat(length) })
const md = (length: number) => ({ type: 'mrkdwn', text: 'x'.repeat(length) })
const button = (more: object = {}) => ({ type: 'button', text: plain(5), ...more })
const address = (length: number) => 'https://x.test/'.padEnd(length, 'x')
const option = (more: object = {}) => ({ text: plain(5), value: 'v', ...more })
const cell = (length: number) => ({ type: 'raw_text', text: 'x'.repeat(length) })
const grouped = (count: number) => ({
  type: 'static_select',
  option_groups: many(count, (index) => ({ label: plain(5), options: [option({ value: `v${index}` })] })),
})
const actions = (...elements: object[]) => [{ type: 'actions', elements }]
const confirm = (more: object = {}) => ({ title: plain(5), text: plain(5), confirm: plain(5), deny: plain(5), ...more })
const many = (count: number, make: (index: number) => object) => Array.from({ length: count }, (_, index) => make(index))
const section = (more: object = {}) => [{ type: 'section', text: md(5), ...more }]

/** Each limit of reference/slack.md 3.3: what just fits, what just does not, and where Slack points. */
const limits: [string, unknown, unknown, string][] = [
  ['section text', section({ text: md(3000) }), section({ text: md(3001) }), '/blocks/0/text/text'],
  ['section fields', [{ type: 'section', fields: many(10, () => md(1)) }], [{ type: 'section', fields: many(11, () => md(1)) }], '/blocks/0/fields'],
  ['field text', [{ type: 'section', fields: [md(2000)] }], [{ type: 'section', fields: [md(2001)] }], '/blocks/0/fields/0/text'],
  ['header', [{ type: 'header', text: plain(150) }], [{ type: 'header', text: plain(151) }], '/blocks/0/text/text'],
  ['header kind', [{ type: 'header', text: plain(5) }], [{ type: 'header', text: md(5) }], '/blocks/0/text/type'],
  ['context elements', [{ type: 'context', elements: many(10, () => md(1)) }], [{ type: 'context', elements: many(11, () => md(1)) }], '/blocks/0/elements'],
  ['actions elements', actions(...many(25, () => button())), actions(...many(26, () => button())), '/blocks/0/elements'],
  ['message blocks', many(50, () => ({ type: 'divider' })), many(51, () => ({ type: 'divider' })), '/blocks'],
  ['button text', actions(button({ text: plain(75) })), actions(button({ text: plain(76) })), '/blocks/0/elements/0/text/text'],
  ['button text kind', actions(button()), actions(button({ text: md(5) })), '/blocks/0/elements/0/text/type'],
  ['button value', actions(button({ value: 'x'.repeat(2000) })), actions(button({ value: 'x'.repeat(2001) })), '/blocks/0/elements/0/value'],
  ['button url', actions(button({ url: address(3000) })), actions(button({ url: address(3001) })), '/blocks/0/elements/0/url'],
  ['button address', actions(button({ url: 'https://x.test' })), actions(button({ url: 'javascript:alert(1)' })), '/blocks/0/elements/0/url'],
  [
    'image address',
    [{ type: 'image', image_url: address(3000), alt_text: 'x' }],
    [{ type: 'image', image_url: 'x.png', alt_text: 'x' }],
    '/blocks/0/image_url',
  ],
  [
    'option text kind in a menu',
    actions({ type: 'overflow', options: [option()] }),
    actions({ type: 'overflow', options: [option({ text: md(5) })] }),
    '/blocks/0/elements/0/options/0/text/type',
  ],
  [
    'option address',
    actions({ type: 'overflow', options: [option({ url: 'https://x.test' })] }),
    actions({ type: 'radio_buttons', options: [option({ url: 'https://x.test' })] }),
    '/blocks/0/elements/0/options/0',
  ],
  ['option groups', section({ accessory: grouped(100) }), section({ accessory: grouped(101) }), '/blocks/0/accessory/option_groups'],
  [
    'placeholder',
    section({ accessory: { type: 'users_select', placeholder: plain(150) } }),
    section({ accessory: { type: 'users_select', placeholder: plain(151) } }),
    '/blocks/0/accessory/placeholder/text',
  ],
  [
    'radio buttons',
    actions({ type: 'radio_buttons', options: many(10, (index) => option({ value: `v${index}`, text: md(5) })) }),
    actions({ type: 'radio_buttons', options: many(11, (index) => option({ value: `v${index}` })) }),
    '/blocks/0/elements/0/options',
  ],
  ['context element kind', [{ type: 'context', elements: [md(1)] }], [{ type: 'context', elements: [button()] }], '/blocks/0/elements/0'],
  ['table rows', [{ type: 'table', rows: many(100, () => [cell(1)]) }], [{ type: 'table', rows: many(101, () => [cell(1)]) }], '/blocks/0/rows'],
  ['table text', [{ type: 'table', rows: [[cell(5000), cell(5000)]] }], [{ type: 'table', rows: [[cell(5000), cell(5001)]] }], '/blocks/0/rows'],
  ['button style', actions(button({ style: 'danger' })), actions(button({ style: 'default' })), '/blocks/0/elements/0/style'],
  [
    'accessibility_label',
    actions(button({ accessibility_label: 'x'.repeat(75) })),
    actions(button({ accessibility_label: 'x'.repeat(76) })),
    '/blocks/0/elements/0/accessibility_label',
  ],
  ['action_id', actions(button({ action_id: 'x'.repeat(255) })), actions(button({ action_id: 'x'.repeat(256) })), '/blocks/0/elements/0/action_id'],
  ['block_id', section({ block_id: 'x'.repeat(255) }), section({ block_id: 'x'.repeat(256) }), '/blocks/0/block_id'],
  [
    'confirm title',
    actions(button({ confirm: confirm({ title: plain(100) }) })),
    actions(button({ confirm: confirm({ title: plain(101) }) })),
    '/blocks/0/elements/0/confirm/title/text',
  ],
  [
    'confirm text',
    actions(button({ confirm: confirm({ text: md(300) }) })),
    actions(button({ confirm: confirm({ text: md(301) }) })),
    '/blocks/0/elements/0/confirm/text/text',
  ],
  [
    'confirm button',
    actions(button({ confirm: confirm({ deny: plain(30) }) })),
    actions(button({ confirm: confirm({ deny: plain(31) }) })),
    '/blocks/0/elements/0/confirm/deny/text',
  ],
  [
    'overflow options',
    actions({ type: 'overflow', options: many(5, (index) => option({ value: `v${index}` })) }),
    actions({ type: 'overflow', options: many(6, (index) => option({ value: `v${index}` })) }),
    '/blocks/0/elements/0/options',
  ],
  [
    'select options',
    section({ accessory: { type: 'static_select', options: many(100, (index) => option({ value: `v${index}` })) } }),
    section({ accessory: { type: 'static_select', options: many(101, (index) => option({ value: `v${index}` })) } }),
    '/blocks/0/accessory/options',
  ],
  [
    'checkboxes',
    actions({ type: 'checkboxes', options: many(10, (index) => option({ value: `v${index}` })) }),
    actions({ type: 'checkboxes', options: many(11, (index) => option({ value: `v${index}` })) }),
    '/blocks/0/elements/0/options',
  ],
  [
    'option text',
    actions({ type: 'overflow', options: [option({ text: plain(75) })] }),
    actions({ type: 'overflow', options: [option({ text: plain(76) })] }),
    '/blocks/0/elements/0/options/0/text/text',
  ],
  [
    'option value',
    actions({ type: 'overflow', options: [option({ value: 'x'.repeat(150) })] }),
    actions({ type: 'overflow', options: [option({ value: 'x'.repeat(151) })] }),
    '/blocks/0/elements/0/options/0/value',
  ],
  [
    'image alt text',
    [{ type: 'image', image_url: 'https://x.test/a.png', alt_text: 'x'.repeat(2000) }],
    [{ type: 'image', image_url: 'https://x.test/a.png', alt_text: 'x'.repeat(2001) }],
    '/blocks/0/alt_text',
  ],
  ['markdown in all', [{ type: 'markdown', text: 'x'.repeat(12_000) }], many(2, () => ({ type: 'markdown', text: 'x'.repeat(6001) })), '/blocks'],
  [
    'tables',
    [{ type: 'table', rows: [[{ type: 'raw_text', text: 'a' }]] }],
    many(2, () => ({ type: 'table', rows: [[{ type: 'raw_text', text: 'a' }]] })),
    '/blocks',
  ],
  [
    'table columns',
    [{ type: 'table', rows: [many(20, () => ({ type: 'raw_text', text: 'a' }))] }],
    [{ type: 'table', rows: [many(21, () => ({ type: 'raw_text', text: 'a' }))] }],
    '/blocks/0/rows/0',
  ],
  ['empty text', section(), section({ text: md(0) }), '/blocks/0/text/text'],
  ['section without text', section(), [{ type: 'section' }], '/blocks/0'],
  ['block type', [{ type: 'divider' }], [{ type: 'alert' }], '/blocks/0/type'],
  ['element type', actions(button()), actions({ type: 'plain_text_input' }), '/blocks/0/elements/0/type'],
  ['missing type', [{ type: 'divider' }], [{}], '/blocks/0'],
  ['unknown property', section(), section({ txt: 'x' }), '/blocks/0'],
  [
    'unique block_id',
    [...section({ block_id: 'a' }), ...section({ block_id: 'b' })],
    [...section({ block_id: 'a' }), ...section({ block_id: 'a' })],
    '/blocks/1/block_id',
  ],
  [
    'unique action_id',
    actions(button({ action_id: 'a' }), button({ action_id: 'b' })),
    actions(button({ action_id: 'a' }), button({ action_id: 'a' })),
    '/blocks/0/elements/1/action_id',
  ],
  [
    'unique option values',
    actions({ type: 'overflow', options: [option({ value: 'a' }), option({ value: 'b' })] }),
    actions({ type: 'overflow', options: [option(), option()] }),
    '/blocks/0/elements/0/options',
  ],
  [
    'initial option',
    section({ accessory: { type: 'static_select', options: [option()], initial_option: option() } }),
    section({ accessory: { type: 'static_select', options: [option()], initial_option: option({ value: 'w' }) } }),
    '/blocks/0/accessory',
  ],
  [
    'options or groups',
    section({ accessory: { type: 'static_select', options: [option()] } }),
    section({ accessory: { type: 'static_select' } }),
    '/blocks/0/accessory',
  ],
]

describe('blocks of a message', () => {
  it.each(limits)('hold to the limit of %s', (_name, fits, breaks, pointer) => {
    expect(checkMessageBlocks(fits)).toMatchObject({ ok: true })
    const verdict = checkMessageBlocks(breaks)
    expect(verdict.ok).toBe(false)
    expect(verdict.ok ? [] : verdict.messages).toEqual([expect.stringContaining(`[json-pointer:${pointer}]`)])
  })

  it('are not a place for file inputs', () => {
    const input = [{ type: 'input', label: plain(5), element: { type: 'file_input' } }]
    expect(checkMessageBlocks(input).ok).toBe(false)
  })

  it('get ids of Slack where they have none', () => {
    const verdict = checkMessageBlocks([...section(), ...actions(button(), button({ action_id: 'mine' }))])
    if (!verdict.ok) throw new Error(verdict.messages.join())
    const [first, second] = withIds(verdict.value)
    expect(first?.block_id).toMatch(/^s/)
    expect(second?.type === 'actions' ? second.elements.map((one) => one.action_id) : []).toEqual([expect.stringMatching(/^s/), 'mine'])
  })
})

const modal = (more: object = {}) => ({ type: 'modal', title: plain(5), blocks: section(), ...more })
const input = (element: object) => [{ type: 'input', label: plain(5), element }]

const focusing = (...flags: boolean[]) =>
  flags.map((focus_on_load) => ({ type: 'input', label: plain(5), element: { type: 'plain_text_input', focus_on_load } }))
const labelled = (length: number) => [{ type: 'input', label: plain(length), element: { type: 'plain_text_input' } }]

const viewLimits: [string, unknown, unknown, string][] = [
  ['title', modal({ title: plain(24) }), modal({ title: plain(25) }), '/view/title/text'],
  ['submit', modal({ submit: plain(24) }), modal({ submit: plain(25) }), '/view/submit/text'],
  ['close', modal({ close: plain(24) }), modal({ close: plain(25) }), '/view/close/text'],
  ['private_metadata', modal({ private_metadata: 'x'.repeat(3000) }), modal({ private_metadata: 'x'.repeat(3001) }), '/view/private_metadata'],
  ['callback_id', modal({ callback_id: 'x'.repeat(255) }), modal({ callback_id: 'x'.repeat(256) }), '/view/callback_id'],
  ['blocks', modal({ blocks: many(100, () => ({ type: 'divider' })) }), modal({ blocks: many(101, () => ({ type: 'divider' })) }), '/view/blocks'],
  [
    'input needs submit',
    modal({ blocks: input({ type: 'plain_text_input' }), submit: plain(5) }),
    modal({ blocks: input({ type: 'plain_text_input' }) }),
    '/view/submit',
  ],
  [
    'input length',
    modal({ blocks: input({ type: 'plain_text_input', max_length: 3000 }), submit: plain(5) }),
    modal({ blocks: input({ type: 'plain_text_input', max_length: 3001 }), submit: plain(5) }),
    '/view/blocks/0/element/max_length',
  ],
  [
    'initial value',
    modal({ blocks: input({ type: 'plain_text_input', initial_value: 'ab', max_length: 2 }), submit: plain(5) }),
    modal({ blocks: input({ type: 'plain_text_input', initial_value: 'abc', max_length: 2 }), submit: plain(5) }),
    '/view/blocks/0/element/initial_value',
  ],
  ['focus', modal({ blocks: focusing(true, false), submit: plain(5) }), modal({ blocks: focusing(true, true), submit: plain(5) }), '/view/blocks'],
  ['external_id', modal({ external_id: 'x'.repeat(255) }), modal({ external_id: 'x'.repeat(256) }), '/view/external_id'],
  ['input label', modal({ blocks: labelled(2000), submit: plain(5) }), modal({ blocks: labelled(2001), submit: plain(5) }), '/view/blocks/0/label/text'],
  ['blocks at all', modal(), modal({ blocks: [] }), '/view/blocks'],
  ['table', modal(), modal({ blocks: [{ type: 'table', rows: [[cell(1)]] }] }), '/view/blocks/0/type'],
  ['markdown', modal(), modal({ blocks: [{ type: 'markdown', text: 'x' }] }), '/view/blocks/0/type'],
  ['type', modal(), modal({ type: 'dialog' }), '/view/type'],
]

describe('a view', () => {
  it.each(viewLimits)('holds to the limit of %s', (_name, fits, breaks, pointer) => {
    expect(checkView(fits)).toMatchObject({ ok: true })
    const verdict = checkView(breaks)
    expect(verdict.ok ? [] : verdict.messages).toEqual([expect.stringContaining(`[json-pointer:${pointer}]`)])
  })
})
