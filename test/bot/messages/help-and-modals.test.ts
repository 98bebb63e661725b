import { describe, expect, it } from 'vitest'
import type { CommandDoc } from '../../../src/bot/command-doc.ts'
import { readPageValue } from '../../../src/bot/page-value.ts'
import { moreOptions, promotionValue, readMoreValue, readPromotionValue, readReleaseValue, releaseValue } from '../../../src/bot/action-ids.ts'
import { helpOf, helpOverview, usageOf } from '../../../src/bot/messages/help.ts'
import { menuCommands, menuMessage, whichAppMessage } from '../../../src/bot/messages/menu.ts'
import { createReleaseView, envView, importManifestView, loadingView, rejectView } from '../../../src/bot/messages/modals.ts'
import { cutMrkdwn } from '../../../src/bot/messages/plain-text.ts'
import { drawn, strings } from './support/seen.ts'
import { at, byStatus, hostile, P } from './support/views.ts'

const promote: CommandDoc = {
  name: 'releases promote', summary: 'Promotes a release.', args: [{ name: 'id', what: 'The release; the newest without it.', required: false }],
  flags: [{ name: 'deadline', kind: 'duration', value: '10m', what: 'How long it may take.' }, { name: 'text', short: 't', kind: 'boolean', what: 'Plain.' }],
  role: 'deployer', example: 'releases promote RA -a shop', notes: ['An `older` release asks first.'],
}
const apps: CommandDoc = { name: 'apps', summary: 'Lists the apps.', args: [], flags: [], role: 'viewer', example: 'apps' }

const seenStrings = (view: { readonly blocks: readonly unknown[] }): string => strings(view.blocks).map(([, text]) => text).join('\n')

describe('help', () => {
  it('has a line per command, usage then what it does, grouped by noun (cards.md 5)', () => {
    expect(drawn(helpOverview([apps, promote, { ...apps, name: 'apps info', summary: 'Shows one.' }]).blocks)).toContain('`apps` Lists the apps.\n`apps info` Shows one.\n\n`releases promote [id]` Promotes a release.')
  })
  it('of one command has usage, sentence, flags, who may and an example (cards.md 5)', () => {
    expect(usageOf(promote)).toBe('releases promote [id] [--deadline <10m>] [--text]')
    expect(drawn(helpOf(promote).blocks)).toBe([
      '```', '/convox releases promote [id] [--deadline <10m>] [--text]', '```',
      'Promotes a release.', 'An `older` release asks first.',
      '`[id]` The release; the newest without it.', '`--deadline <10m>` How long it may take.', '`-t, --text` Plain.',
      'Who may: deployers, approvers and admins.', 'Example: `/convox releases promote RA -a shop`',
    ].join('\n'))
  })
  it('puts what may be left out in brackets, and only that (cards.md 5)', () => {
    const lock: CommandDoc = { ...apps, name: 'apps lock', flags: [{ name: 'reason', kind: 'text', value: '"why"', needed: true, what: 'Why.' }, { name: 'for', kind: 'duration', value: '2h', what: 'How long.' }] }
    expect(usageOf(lock)).toBe('apps lock --reason <"why"> [--for <2h>]')
    expect(drawn(helpOf(lock).blocks)).toContain('`--reason <"why">` Why. Needed.\n`--for <2h>` How long.')
  })
})

describe('nothing typed', () => {
  it.each([
    ['viewer', 0, ['Releases', 'Processes', 'Help']],
    ['deployer', 0, ['Releases', 'Promote newest', 'Environment']],
    ['approver', 2, ['Waiting for me: 2', 'Releases', 'Help']],
    ['admin', 0, ['Releases', 'Promote newest', 'Environment']],
  ] as const)('offers a %s what comes next (cards.md 5)', (role, waiting, labels) => {
    const forMe = Array.from({ length: waiting }, (_, index) => ({ promotion: `PA${index}`, release: 'RA', app: 'shop' }))
    expect(menuCommands(role, { app: 'shop', moving: null, forMe }).map(({ label }) => label)).toEqual(labels)
  })
  it('puts what moves first (cards.md 5)', () => {
    const facts = { app: 'shop', moving: { promotion: P, release: 'RA' }, forMe: [] }
    const offers = menuCommands('deployer', facts).map(({ label }, index) => ({ label, question: `q${index}` }))
    expect(drawn(menuMessage('deployer', facts, offers).blocks)).toBe('What next for `shop`?\n[actions] (Show card) (Releases) (Promote newest)')
  })
  it('asks which app where the channel does not say (cards.md 5)', () => {
    const apps = ['shop', 'mail'].map((app) => ({ label: app, value: app }))
    expect(drawn(whichAppMessage(apps, [], false).blocks)).toBe('Which app?\n[actions] <static_select>')
    expect(drawn(whichAppMessage(apps, [{ promotion: P, release: 'RA', app: 'shop' }, { promotion: 'PB', release: 'RB', app: 'mail' }], true).blocks))
      .toBe('Waiting for you: `RA` on `shop` and `RB` on `mail`. (Show card)\nWhich app?\n[actions] <static_select>\nAlso: `apps create`, `apps params`, `audit`')
    expect(drawn(whichAppMessage([], [], true).blocks)).toBe('no apps yet\nStart with `/convox apps create shop`, or see `/convox help`.')
    expect(drawn(whichAppMessage([], [], false).blocks)).toBe('no apps yet\nAsk an admin, or see `/convox help`.')
  })
  it('opens the one request that waits for this person by its card, below what moves', () => {
    const facts = { app: 'shop', moving: { promotion: P, release: 'RA' }, forMe: [{ promotion: 'PB', release: 'RB', app: 'shop' }] }
    const offers = menuCommands('approver', facts).map(({ label }, index) => ({ label, question: `q${index}` }))
    const { blocks } = menuMessage('approver', facts, offers)
    expect(drawn(blocks)).toBe('What next for `shop`?\n[actions] (Show card)\n[actions] (Waiting for me: 1) (Releases)')
    expect(JSON.stringify(blocks)).toContain('"value":"PB"')
  })
  it('asks before the newest release is promoted', () => {
    const dialogs = (['viewer', 'deployer', 'approver', 'admin'] as const).map((role) => menuCommands(role, { app: 'shop', moving: null, forMe: [] }).flatMap(({ label, dialog }) => (dialog === undefined ? [] : [label])))
    expect(dialogs).toEqual([[], ['Promote newest'], ['Promote newest'], ['Promote newest']])
  })
})

describe('modals (cards.md 6)', () => {
  it('Reject promotion asks for a reason of 1 to 500', () => {
    const view = rejectView(byStatus.awaiting_approval)
    expect([view.title.text, view.submit?.text, view.close?.text, view.callback_id]).toEqual(['Reject promotion', 'Reject', 'Close', 'reject_promotion'])
    expect(view.blocks[1]).toMatchObject({ block_id: 'reason', label: { text: 'Reason' }, hint: { text: 'The requester and the thread get it.' }, element: { min_length: 1, max_length: 500, multiline: true } })
    expect(view.private_metadata).toBe(`{"promotion":"${P}","rev":3}`)
  })
  it('Edit environment lists keys and takes lines, one value with line breaks, and removals', () => {
    const view = envView({ app: 'shop', release: 'RA', keys: ['FOO', 'BAR'] })
    expect([view.title.text, view.submit?.text]).toEqual(['Edit environment', 'Apply changes'])
    const text = seenStrings(view)
    for (const part of ['Set or change', 'One KEY=value per line, kept as typed.', 'For line breaks.', 'Remove', 'Create the release only', '*Keys now*\n`FOO` `BAR`']) expect(text).toContain(part)
    expect(seenStrings(envView({ app: 'shop', release: null, keys: [] }))).toContain('*Keys now* none')
  })
  it('Edit environment shows as many keys as Slack takes, whole, and says how many more there are', () => {
    const keys = Array.from({ length: 300 }, (_, index) => `KEY_OF_A_LONG_LIST_${index}`)
    const [text = ''] = strings(envView({ app: 'shop', release: 'RA', keys }).blocks).flatMap(([, each]) => (each.startsWith('*Keys now*') ? [each] : []))
    const shown = [...text.matchAll(/`([^`]+)`/g)].map(([, key]) => key)
    expect(text.length).toBeLessThanOrEqual(3000)
    expect(shown.length).toBeGreaterThan(100)
    expect(shown).toEqual(keys.slice(0, shown.length))
    expect(text).toMatch(new RegExp(` and ${300 - shown.length} more$`))
  })
  it('Create release offers builds and envs by id, status and description', () => {
    const rows = [{ id: 'RA', status: 'active', build: 'BA', created: at('14:02'), description: 'env add:FOO' }, { id: 'RB', status: '', build: null, created: at('14:02'), description: hostile }] as const
    const view = createReleaseView('shop', rows)
    expect(view === null ? '' : seenStrings(view)).toContain('RA active env add:FOO')
    expect(createReleaseView('shop', rows.slice(1))).toBeNull()
  })
  it('Import manifest takes up to 3,000 characters; loading says what is read', () => {
    expect(seenStrings(importManifestView('shop', { image: 'shop:1' }))).toContain('Up to 3,000 characters; longer as a file.')
    expect(seenStrings(loadingView('shop'))).toContain('Reading `shop` …')
  })
})

describe('values of buttons', () => {
  it('say what they were given, and nothing else reads', () => {
    expect(readPromotionValue(promotionValue(P, 3))).toEqual({ promotion: P, rev: 3 })
    expect(readPromotionValue(promotionValue(P, null))).toEqual({ promotion: P, rev: null })
    for (const option of moreOptions) expect(readMoreValue(`${option}:${P}:3`)).toEqual({ option, promotion: P, rev: 3 })
    expect(readReleaseValue(releaseValue('shop', 'RA'))).toEqual({ app: 'shop', release: 'RA' })
    for (const read of [readPromotionValue, readMoreValue, readReleaseValue, readPageValue]) for (const bad of ['', ':', 'x'.repeat(300), `${P}:3:4`, '<!channel>']) expect(read(bad), bad).toBeNull()
  })
})

describe('cutting escaped text', () => {
  it.each([['&amp;'.repeat(10), 20], ['a <@U0ANA> b', 8], ['a `code of some length` b', 15]])('tears no entity, mention or code: %s', (text, max) => {
    const kept = cutMrkdwn(text, max)
    expect(kept.length).toBeLessThanOrEqual(max)
    expect(kept).not.toMatch(/&[a-z]*…|<[^>]*…/)
    expect((kept.split('`').length - 1) % 2).toBe(0)
  })
})
