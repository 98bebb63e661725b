import { describe, expect, test } from 'vitest'
import { dispatch } from '../../src/bot/dispatch.ts'
import { rememberRack } from '../../src/bot/on-rack.ts'
import type { Role } from '../../src/rack/actor.ts'
import type { AppInfo, Operations, ReleaseRow } from '../../src/rack/operations.ts'
import { refuse } from '../../src/rack/refusal.ts'
import { ana, buttonsOf, deskFor, rackThat } from './desk.ts'

const page = (rows: readonly ReleaseRow[]) => ({ rows, after: null, before: null, total: rows.length, more: false, above: 0, active: null })
const release: ReleaseRow = { id: 'RMKPLXWQVTA', status: '', build: 'BAAAAAAAAAA', created: new Date('2026-11-24T14:00:00Z'), description: '' }
const info = (app: string): AppInfo => ({
  app, status: 'running', release: null, namespace: `x-${app}`, params: { channel: 'C0SHOP', approvals: 1, approvers: [], deadline: 600, stability: 30, expiry: 3600 },
  moving: null, waiting: 0, lock: null, freezes: [],
})

/** A rack with these apps; what it is asked to promote is noted. */
const rackWith = (name: string, apps: readonly string[], asked: string[], here: readonly string[] = []): Operations => rackThat({
  rack: name,
  appsOfChannel: () => Promise.resolve(here),
  appInfo: (_caller, app) => (apps.includes(app) ? Promise.resolve(info(app)) : Promise.resolve().then(() => refuse({ code: 'app_not_found', app, nearest: [] }))),
  listReleases: (_caller, { app }) => {
    asked.push(`${name} list ${app}`)
    return Promise.resolve(page([release]))
  },
  promote: (_caller, { app, release: id }) => {
    asked.push(`${name} promote ${app} ${id}`)
    return Promise.resolve().then(() => refuse({ code: 'older_release', release: id ?? '', active: 'RA', app }))
  },
})

const texts = (answers: readonly { readonly text: string }[]): string[] => answers.map(({ text }) => text)

describe('several racks', () => {
  test('an app that only one of them has is found there', async () => {
    const asked: string[] = []
    const { desk } = deskFor({ racks: [rackWith('prod', [], asked), rackWith('staging', ['shop'], asked)] })
    await dispatch(desk, { kind: 'command', text: 'releases -a shop' })
    expect(asked).toEqual(['staging list shop'])
  })

  test('an app that several have is asked about, and each answer is a button', async () => {
    const asked: string[] = []
    const { desk, answers } = deskFor({ racks: [rackWith('prod', ['shop'], asked), rackWith('staging', ['shop'], asked)] })
    await dispatch(desk, { kind: 'command', text: 'releases -a shop' })
    expect(texts(answers)).toEqual(['shop is on prod and staging. Choose one, or add -r.'])
    const [first, second] = answers.flatMap((answer) => buttonsOf(answer))
    expect([first?.label, second?.label, asked]).toEqual(['prod', 'staging', []])
    await dispatch(desk, { kind: 'click', action: second?.action ?? '', value: second?.value ?? '', on: 'ephemeral' })
    expect(asked).toEqual(['staging list shop'])
  })

  test('the channel decides where it belongs to one of them', async () => {
    const asked: string[] = []
    const { desk } = deskFor({ racks: [rackWith('prod', ['shop'], asked), rackWith('staging', ['shop'], asked, ['shop'])] })
    await dispatch(desk, { kind: 'command', text: 'releases -a shop' })
    await dispatch(desk, { kind: 'command', text: 'releases' })
    await dispatch(desk, { kind: 'command', text: 'releases -a shop -r prod' })
    expect(asked).toEqual(['staging list shop', 'staging list shop', 'prod list shop'])
  })

  test('a channel with the same app of two racks asks which', async () => {
    const { desk, answers } = deskFor({ racks: [rackWith('prod', ['shop'], [], ['shop']), rackWith('staging', ['shop'], [], ['shop'])] })
    await dispatch(desk, { kind: 'command', text: 'releases' })
    expect(texts(answers)).toEqual(['shop is on prod and staging. Choose one, or add -r.'])
  })

  test('a button in a list promotes on the rack of the list, and so does the one of the refusal after it', async () => {
    const asked: string[] = []
    const { desk, answers } = deskFor({ racks: [rackWith('prod', ['shop'], asked), rackWith('staging', ['shop'], asked)] })
    await dispatch(desk, { kind: 'command', text: 'releases -a shop -r staging' })
    const button = answers.flatMap((answer) => buttonsOf(answer)).find(({ action }) => action === 'promote')
    expect(button?.value).toBe('@staging/shop:RMKPLXWQVTA')
    await dispatch(desk, { kind: 'click', action: 'promote', value: button?.value ?? '', on: 'ephemeral' })
    const anyway = answers.flatMap((answer) => buttonsOf(answer)).find(({ action }) => action === 'promote_anyway')
    expect(anyway?.value).toMatch(/^@staging\/shop:RMKPLXWQVTA/)
    await dispatch(desk, { kind: 'click', action: 'promote_anyway', value: anyway?.value ?? '', on: 'ephemeral' })
    expect(asked).toEqual(['staging list shop', 'staging promote shop RMKPLXWQVTA', 'staging promote shop RMKPLXWQVTA'])
  })

  test('values in a mention: the button opens the form of the app that the channel belongs to', async () => {
    const read: string[] = []
    const rack = (name: string, here: readonly string[]): Operations => ({
      ...rackWith(name, ['shop'], [], here), mayBegin: () => Promise.resolve(),
      readEnv: (_caller, { app }) => {
        read.push(`${name} ${app}`)
        return Promise.resolve({ app, release: 'RA', env: [] })
      },
    })
    const { desk, answers, modals } = deskFor({ racks: [rack('prod', []), rack('staging', ['shop'])] })
    await dispatch(desk, { kind: 'mention', text: 'env set A=1' })
    const [button] = answers.flatMap((answer) => buttonsOf(answer))
    await dispatch(desk, { kind: 'click', action: button?.action ?? '', value: button?.value ?? '', on: 'ephemeral' })
    expect([button?.value, read]).toEqual(['@staging/shop', ['staging shop']])
    expect(JSON.stringify(modals)).toContain('`shop` on `staging`')
  })

  test('a button of a rack that is gone says so', async () => {
    const { desk, answers } = deskFor({ racks: [rackWith('prod', ['shop'], []), rackWith('staging', ['shop'], [])] })
    await dispatch(desk, { kind: 'click', action: 'promote', value: '@gone/shop:RMKPLXWQVTA', on: 'ephemeral' })
    expect(texts(answers)).toEqual(['rack not found: gone Racks: prod, staging.'])
  })

  test('with one rack nothing is marked', () => {
    const { desk } = deskFor({})
    expect(rememberRack(desk.slack, 'convox', [1])).toBe(desk.slack)
  })

  test('a freeze of a whole rack says of which', async () => {
    const row = { id: 'FKWQZTVNPLA', app: null, cron: '0 18 * * 5', seconds: 3600, zone: 'UTC', reason: 'weekend', frozen: null, next: new Date('2026-11-27T18:00:00Z') }
    const frozen = (name: string) => rackThat({ rack: name, listFreezes: () => Promise.resolve([row]), addFreeze: () => Promise.resolve(row), removeFreeze: () => Promise.resolve(row) })
    const words = async (racks: readonly string[], text: string): Promise<string> => {
      const { desk, answers } = deskFor({ racks: racks.map(frozen) })
      await dispatch(desk, { kind: 'command', text })
      return JSON.stringify(answers.map(({ blocks }) => blocks)).replaceAll('`', '')
    }
    for (const typed of ['rack freezes', 'apps freeze remove FKWQZTVNPLA']) {
      expect(await words(['prod', 'staging'], `${typed} -r staging`)).toContain('every app on staging')
      expect(await words(['prod'], typed)).toMatch(/every app(?! on)/)
    }
    expect(await words(['prod', 'staging'], 'rack freeze add --cron "0 18 * * 5" --for 1h --reason weekend -r staging')).toContain('Every app on staging is frozen')
  })

  /** The audit that an admin asks these racks for, and the answer. */
  const audited = async (command: string, here: readonly string[], ...racks: readonly (readonly [name: string, apps: readonly string[]])[]) => {
    const asked: string[] = []
    const { desk, answers, files } = deskFor({
      identify: () => Promise.resolve({ ...ana, role: 'admin' }),
      racks: racks.map(([name, apps]) => ({
        ...rackWith(name, apps, [], apps.filter((app) => here.includes(`${name}/${app}`))),
        listAudit: (_caller, { app }) => {
          asked.push(`${name} ${app}`)
          return Promise.resolve({ rows: [], after: null, before: null })
        },
        exportAudit: (_caller, { app }) => {
          asked.push(`${name} ${app}`)
          return Promise.resolve({ rows: [], more: false })
        },
      })),
    })
    await dispatch(desk, { kind: 'command', text: command })
    return { asked, said: texts(answers), files, labels: answers.flatMap((answer) => buttonsOf(answer)).map(({ label }) => label) }
  }

  test.each<[what: string, command: string, here: readonly string[], prod: readonly string[], asked: readonly string[], said: string]>([
    ['where only the second rack has the app', 'audit -a shop', [], [], ['staging shop'], 'Nothing was done on shop on staging.'],
    ['of the rack whose app has this channel', 'audit -a shop', ['staging/shop'], ['shop'], ['staging shop'], 'Nothing was done on shop on staging.'],
    ['of the rack that was named', 'audit -a shop -r prod', [], ['shop'], ['prod shop'], 'Nothing was done on shop on prod.'],
    ['of an app by its channel', 'audit -a <#C0SHOP>', ['staging/shop'], [], ['staging shop'], 'Nothing was done on shop on staging.'],
    ['of an app that no rack has any more', 'audit -a gone', [], ['shop'], ['prod gone'], 'Nothing was done on gone on prod.'],
    ['of a whole rack', 'audit', [], ['shop'], ['prod null'], 'Nothing was done on prod.'],
  ])('the audit is read %s, and says its rack', async (_what, command, here, prod, asked, said) => {
    expect(await audited(command, here, ['prod', prod], ['staging', ['shop']])).toMatchObject({ asked, said: [said] })
  })

  test('the audit of an app that several have is asked about', async () => {
    expect(await audited('audit -a shop', [], ['prod', ['shop']], ['staging', ['shop']]))
      .toMatchObject({ asked: [], said: ['shop is on prod and staging. Choose one, or add -r.'], labels: ['prod', 'staging'] })
  })

  test('the file of an audit is called by its rack, where there are several', async () => {
    expect(await audited('audit -a shop --export', [], ['prod', []], ['staging', ['shop']]))
      .toMatchObject({ asked: ['staging shop'], files: ['audit-staging-shop.csv'], said: ['The audit of shop on staging, 0 rows, is a file in your direct messages.'] })
    expect(await audited('audit -a shop --export', [], ['prod', ['shop']])).toMatchObject({ files: ['audit-shop.csv'], said: ['The audit of shop, 0 rows, is a file in your direct messages.'] })
    expect(await audited('audit --export', [], ['prod', []], ['staging', []])).toMatchObject({ files: ['audit-prod.csv'] })
  })

  test.each<[what: string, typed: string, has: string, roles: Readonly<Record<string, Role>>, asked: readonly string[], said: RegExp]>([
    ['on the rack that has it', '', 'staging', {}, ['staging'], /^The freeze "weekend" of every app on staging is removed/],
    ['on the first rack too', '', 'prod', {}, ['staging', 'prod'], /^The freeze "weekend" of every app on prod is removed/],
    ['on none that has no such freeze', '', 'neither', {}, ['staging', 'prod'], /^freeze not found: FKWQZTVNPLA/],
    ['nowhere else when the rack is named', ' -r prod', 'staging', {}, ['prod'], /^freeze not found: FKWQZTVNPLA/],
    ['not where this person is no admin', '', 'staging', { staging: 'viewer' }, ['prod'], /^freeze not found: FKWQZTVNPLA/],
  ])('a freeze is removed by its id: %s', async (_what, typed, has, roles, asked, said) => {
    const seen: string[] = []
    const row = { id: 'FKWQZTVNPLA', app: null, cron: '0 18 * * 5', seconds: 3600, zone: 'UTC', reason: 'weekend', frozen: null, next: new Date('2026-11-27T18:00:00Z') }
    const { desk, answers } = deskFor({
      identify: () => Promise.resolve({ ...ana, role: 'admin', at: (rack) => ({ role: roles[rack] ?? 'admin', unread: [] }) }),
      racks: ['prod', 'staging'].map((name) => rackThat({
        rack: name,
        removeFreeze: (_caller, { freeze }) => {
          seen.push(name)
          return name === has ? Promise.resolve(row) : Promise.resolve().then(() => refuse({ code: 'freeze_not_found', freeze }))
        },
      })),
    })
    await dispatch(desk, { kind: 'command', text: `apps freeze remove FKWQZTVNPLA${typed}` })
    expect(seen).toEqual(asked)
    expect(texts(answers)[0]).toMatch(said)
  })
})
