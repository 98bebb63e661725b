import { expect, it } from 'vitest'
import { peopleInLines, peopleOf, withNames } from '../../src/bot/people.ts'
import { ana, bo, cancelled, cy, moving, waiting } from './messages/support/views.ts'
import { deskFor } from './desk.ts'

it('finds everybody a promotion names, once', () => {
  expect(peopleOf({ ...waiting, approvals: { needed: 1, votes: [], approvers: [] } })).toEqual([ana])
  expect(peopleOf({
    ...moving, requester: ana, cause: cancelled, ended: { by: cy, at: new Date(0) },
    approvals: { needed: 2, votes: [{ by: bo, at: new Date(0) }], approvers: [bo, ana] },
    queue: { position: 1, of: 1, behind: 'RX', behindRequester: 'U0DI' },
  })).toEqual([ana, bo, cy, 'U0DI'])
})

it('lets names that are there already win over asked ones', async () => {
  const { desk } = deskFor({})
  expect((await withNames(desk, { ...waiting, names: { [ana]: 'Ana B.' } })).names).toMatchObject({ [ana]: 'Ana B.', C0SHOP: 'shop-releases' })
})

it('finds everybody the lines of a thread name, once', () => {
  const at = '2026-11-21T12:00:00Z'
  expect(peopleInLines([
    { at, kind: 'asked', by: ana }, { at, kind: 'waits', lock: bo }, { at, kind: 'passes', freeze: 'weekend' }, { at, kind: 'passes', lock: bo }, { at, kind: 'blind' },
  ])).toEqual([ana, bo])
})
