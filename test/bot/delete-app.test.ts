import { expect, it } from 'vitest'
import { dispatch, submit } from '../../src/bot/dispatch.ts'
import type { DeletionTrouble } from '../../src/rack/delete-app.ts'
import type { Operations, ProcessRow, ReleaseInfo } from '../../src/rack/operations.ts'
import { refuse } from '../../src/rack/refusal.ts'
import type { Actor } from '../../src/rack/actor.ts'
import { ana, buttonsOf, deskFor, rackThat } from './desk.ts'
import { drawn } from './messages/support/seen.ts'

const bo: Actor = { ...ana, id: 'U0BO', name: 'bo', role: 'admin' }
const process = (id: string): ProcessRow => ({ id, service: 'web', status: 'running', release: 'RA', started: null, command: '' })
const env: ReleaseInfo['env'] = [{ key: 'FOO', value: null }, { key: 'BAR', value: null }]

const rackWith = (answers: Partial<Operations>): Operations => rackThat({
  rack: 'prod',
  appInfo: (_caller, app) => Promise.resolve({
    app, status: 'running', release: 'RA', namespace: `prod-${app}`, moving: null, waiting: 0,
    params: { channel: 'C0SHOP', approvals: 1, approvers: [], deadline: 600, stability: 30, expiry: 3600 },
  }),
  listProcesses: () => Promise.resolve([process('web-1'), process('web-2'), process('worker-1')]),
  listReleases: () => Promise.resolve({ rows: [], total: 12, more: false, above: 0, after: null, before: null, active: 'RA' }),
  readEnv: () => Promise.resolve({ release: 'RA', env }),
  ...answers,
})

it('says what goes and what stays, and asks for the name', async () => {
  const { desk, modals, answers } = deskFor({ racks: [rackWith({})], identify: () => Promise.resolve(bo) })
  await dispatch(desk, { kind: 'command', text: 'apps delete shop' })
  expect(answers).toEqual([])
  const form = modals.at(-1)
  expect([form?.callback_id, form?.submit?.text, form?.private_metadata]).toEqual(['delete_app', 'Delete app', '{"app":"shop","rack":"prod"}'])
  expect(drawn(form?.blocks ?? [])).toBe([
    'Deletes `shop` and its namespace `prod-shop`; no way back.',
    '*Goes* 3 processes, 12 releases with builds and promotions, its env of 2 keys and every other object in `prod-shop`.',
    '*Stays* the audit, the cards in Slack, the images in their registry.',
    "[input  ] Type the app's name (shop)",
  ].join('\n'))
})

it('asks nobody but an admin', async () => {
  const { desk, modals, answers } = deskFor({ racks: [rackWith({})] })
  await dispatch(desk, { kind: 'command', text: 'apps delete shop' })
  expect(modals).toEqual([])
  expect(answers[0]?.text).toContain('deleting an app needs an admin')
})

it('offers the same as a button where no modal can be opened', async () => {
  const { desk, modals, answers } = deskFor({ racks: [rackWith({})], identify: () => Promise.resolve(bo), trigger: false })
  await dispatch(desk, { kind: 'mention', text: 'apps delete shop' })
  expect(modals).toEqual([])
  expect(buttonsOf(answers[0] ?? { blocks: [] }).map(({ label }) => label)).toEqual(['apps delete'])
})

const typed = (name: string) => ({ kind: 'submission' as const, view: 'delete_app', metadata: '{"app":"shop","rack":"prod"}', fields: { name } })

it.each([[' Shop ', 'shop'], ['`shop`', 'shop'], ['shop.', 'shop'], ['web', 'web']])('takes the name as it was typed: %j', async (name, confirm) => {
  const asked: unknown[] = []
  const deleteApp: Operations['deleteApp'] = (_caller, input) => {
    asked.push(input)
    return Promise.resolve({ namespace: 'prod-shop', trouble: null })
  }
  const { desk, answers } = deskFor({ racks: [rackThat({ rack: 'staging' }), rackWith({ deleteApp })], identify: () => Promise.resolve(bo) })
  await submit(desk, typed(name)).done
  expect(asked).toEqual([{ app: 'shop', confirm }])
  expect(answers[0]?.text).toBe('Deleted shop.')
})

it.each<[string, string, Operations['deleteApp'], string]>([
  ['no name', ' ', () => Promise.reject(new Error('not asked')), "Type the app's name."],
  ['another name', 'mail', async () => refuse({ code: 'confirm_delete', app: 'shop', namespace: 'prod-shop' }), 'Type shop to delete it.'],
  ['an app that moves', 'shop', async () => refuse({ code: 'app_not_empty', app: 'shop', release: 'RA', promotion: 'PA', moving: true }), 'Cancel the rollout of RA first.'],
  ['an open request', 'shop', async () => refuse({ code: 'app_not_empty', app: 'shop', release: 'RA', promotion: 'PA', moving: false }), 'RA waits: reject or cancel it first.'],
])('keeps the form open for %s', async (_what, name, deleteApp, error) => {
  const { desk, answers } = deskFor({ racks: [rackWith({ deleteApp })], identify: () => Promise.resolve(bo) })
  const { errors, done } = submit(desk, typed(name))
  expect(await errors).toEqual({ name: error })
  await done
  expect(answers).toEqual([])
})

it.each<[string, DeletionTrouble, string]>([
  ['is away', { code: 'cluster_unreachable', since: null }, '`shop` is being deleted, but the cluster does not answer.\nIt goes on by itself when the cluster answers.'],
  ['does not let us', { code: 'cluster_refused', object: 'namespace prod-shop', message: 'namespaces "prod-shop" is forbidden: User "bot" cannot delete resource "namespaces" in API group ""' },
    '`shop` is being deleted, but not yet its namespace. The bot may not delete `namespaces`.\nA platform engineer grants it: README, "Rights". Then it goes on by itself.'],
  ['has a webhook that denies it', { code: 'cluster_refused', object: 'namespace prod-shop', message: 'denied by keep.example.com' },
    '`shop` is being deleted, but not yet its namespace. The cluster refused `namespace prod-shop`: `denied by keep.example.com`.\nChange what it names, or ask who owns it. Then it goes on by itself.'],
])('says that the deletion is under way where the cluster %s', async (_what, trouble, says) => {
  const { desk, answers } = deskFor({ racks: [rackWith({ deleteApp: () => Promise.resolve({ namespace: 'prod-shop', trouble }) })], identify: () => Promise.resolve(bo) })
  await submit(desk, typed('shop')).done
  expect(answers.map(({ text, blocks }) => [text, drawn(blocks)])).toEqual([['shop is being deleted.', says]])
})
