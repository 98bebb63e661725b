import { expect, it } from 'vitest'
import { dispatch } from '../../src/bot/dispatch.ts'
import type { AppInfo, Operations } from '../../src/rack/operations.ts'
import { RefusalError } from '../../src/rack/refusal.ts'
import { buttonsOf, deskFor, rackThat } from './desk.ts'
import { waiting } from './messages/support/views.ts'

const info = (status: AppInfo['status'] = 'running'): Operations['appInfo'] => (_caller, app) =>
  Promise.resolve({
    app, status, release: 'RB', namespace: `convox-${app}`, moving: null, waiting: 0,
    params: { channel: 'C0SHOP', approvals: 1, approvers: [], deadline: 600, stability: 30, expiry: 3600 },
  })

it('asks what next for the only app of the channel, and each button runs what it says', async () => {
  const asked: string[] = []
  const racks = [rackThat({
    appInfo: info(),
    listReleases: (_caller, { app }) => {
      asked.push(app)
      return Promise.resolve({ rows: [], total: 0, more: false, above: 0, after: null, before: null, active: null })
    },
  })]
  const { desk, answers } = deskFor({ racks })
  await dispatch(desk, { kind: 'command', text: '' })
  expect(answers[0]?.text).toBe('What next for shop?')
  const releases = buttonsOf(answers[0] ?? { blocks: [] }).find(({ label }) => label === 'Releases')
  await dispatch(desk, { kind: 'click', action: releases?.action ?? '', value: releases?.value ?? '', on: 'ephemeral' })
  expect(asked).toEqual(['shop'])
})

it('asks which app where the channel does not say, and goes on with the chosen one', async () => {
  const racks = [rackThat({ appsOfChannel: () => Promise.resolve(['shop', 'mail']), appInfo: info() })]
  const { desk, answers } = deskFor({ racks })
  await dispatch(desk, { kind: 'mention', text: '' })
  expect(answers[0]?.text).toBe('Which app?')
  await dispatch(desk, { kind: 'click', action: 'pick_app', value: 'mail', on: 'ephemeral' })
  expect(answers[1]?.text).toBe('What next for mail?')
})

it('shows every app where the channel has none', async () => {
  const racks = [rackThat({ appsOfChannel: () => Promise.resolve([]), listApps: () => Promise.resolve([{ app: 'far', status: 'running', release: null }]) })]
  const { desk, answers } = deskFor({ racks, direct: true })
  await dispatch(desk, { kind: 'command', text: '  ' })
  expect(JSON.stringify(answers[0]?.blocks)).toContain('far')
})

it('turns the list\'s page in place', async () => {
  const asked: unknown[] = []
  const racks = [rackThat({
    listReleases: (_caller, input) => {
      asked.push(input)
      return Promise.resolve({ rows: [], total: 0, more: false, above: 0, after: null, before: null, active: null })
    },
  })]
  const { desk, replaced } = deskFor({ racks })
  await dispatch(desk, { kind: 'click', action: 'older', value: 'releases:convox:shop::10:after:RABCDEFGHIJ', on: 'ephemeral' })
  expect(asked).toEqual([{ app: 'shop', limit: 10, after: 'RABCDEFGHIJ' }])
  expect(replaced).toEqual([true])
})

it('opens the environment of the channel\'s app where the button did not say which', async () => {
  const asked: string[] = []
  const racks = [rackThat({
    readEnv: (_caller, { app }) => {
      asked.push(app)
      return Promise.resolve({ release: null, env: [] })
    },
  })]
  const { desk, modals } = deskFor({ racks })
  await dispatch(desk, { kind: 'click', action: 'edit_env', value: '-', on: 'message' })
  expect(asked).toEqual(['shop'])
  expect(modals.at(-1)?.callback_id).toBe('edit_env')
})

it('finds the rack that a promotion is on', async () => {
  const unknown = (): Promise<never> => Promise.reject(new RefusalError({ code: 'promotion_not_found', promotion: 'PX', nearest: [], app: '' }))
  const approved: string[] = []
  const racks = [
    rackThat({ rack: 'staging', promotionInfo: unknown }),
    rackThat({
      rack: 'prod',
      promotionInfo: () => Promise.resolve(waiting),
      approve: (_caller, { promotion, rev }) => {
        approved.push(`${promotion} ${rev}`)
        return Promise.resolve(waiting)
      },
    }),
  ]
  const { desk, answers } = deskFor({ racks })
  await dispatch(desk, { kind: 'click', action: 'approve', value: 'PX:4', on: 'message' })
  expect(approved).toEqual(['PX 4'])
  expect(answers).toHaveLength(1)
})

it('says of a left queue and of a cancelled request which it was', async () => {
  const cancelled = rackThat({ cancel: () => Promise.resolve({ ...waiting, status: 'cancelled' }) })
  const { desk, answers } = deskFor({ racks: [cancelled] })
  await dispatch(desk, { kind: 'click', action: 'leave_queue', value: 'PX:4', on: 'message' })
  await dispatch(desk, { kind: 'click', action: 'more', value: 'cancel_request:PX:4', on: 'message' })
  expect(answers.map(({ text }) => text)).toEqual([expect.stringContaining('left the queue.'), expect.stringContaining('You cancelled')])
})

it.each([['leave_queue', 'PX:4'], ['more', 'cancel_request:PX:4']])('does not roll back by %s on a card that was overtaken, and offers to with its dialog', async (action, value) => {
  const asked: unknown[] = []
  const begun = rackThat({
    cancel: (_caller, input) => {
      asked.push(input)
      if (input.onlyWaiting !== true) return Promise.resolve({ ...waiting, status: 'rolling_out' })
      return Promise.reject(new RefusalError({ code: 'app_busy', app: 'shop', promotion: 'PX', release: 'RX', requester: 'U0ANA', since: new Date('2026-11-24T14:00:00Z'), asked: 'rollback', status: 'rolling_out' }))
    },
  })
  const { desk, answers } = deskFor({ racks: [begun] })
  await dispatch(desk, { kind: 'click', action, value, on: 'message' })
  const button = buttonsOf(answers[0] ?? { blocks: [] }).find(({ label }) => label === 'Cancel and roll back')
  expect(button).toMatchObject({ action: 'cancel_rollout', value: 'PX' })
  expect(JSON.stringify(answers[0]?.blocks)).toContain('Keep rolling out')
  await dispatch(desk, { kind: 'click', action: button?.action ?? '', value: button?.value ?? '', on: 'ephemeral' })
  expect(asked).toEqual([{ promotion: 'PX', onlyWaiting: true }, { promotion: 'PX', onlyWaiting: false }])
})
