import { pino } from 'pino'
import { expect, test } from 'vitest'
import { readDelivery, writeDelivery } from '../../../src/bot/receive/delivery.ts'
import { tellListeners } from '../../../src/bot/receive/on-event.ts'
import { readBody } from '../../../src/bot/receive/read-body.ts'
import { readSlackEvent, slackEventScopes, type SlackEvent } from '../../../src/bot/receive/slack-events.ts'
import { scopes } from '../../../src/bot/scopes.ts'

test.each([
  [{ type: 'user_change', user: { id: 'U1', deleted: true, profile: { email: 'ana@example.com' } }, cache_ts: 1 }, { type: 'user_change', user: 'U1' }],
  [{ type: 'subteam_members_changed', subteam_id: 'S1', team_id: 'T1', added_users: ['U1'], removed_users: ['U2'] }, { type: 'subteam_members_changed', group: 'S1', added: ['U1'], removed: ['U2'] }],
  [{ type: 'subteam_members_changed', subteam_id: 'S1' }, { type: 'subteam_members_changed', group: 'S1', added: [], removed: [] }],
  [{ type: 'subteam_updated', subteam: { id: 'S1', name: 'oncall' } }, { type: 'subteam_updated', group: 'S1' }],
  [{ type: 'channel_archive', channel: 'C1', user: 'U1' }, { type: 'channel_archive', channel: 'C1' }],
  [{ type: 'group_left', channel: 'G1' }, { type: 'group_left', channel: 'G1' }],
  [{ type: 'channel_shared', connected_team_id: 'E1', channel: 'C1' }, { type: 'channel_shared', channel: 'C1' }],
  [{ type: 'member_left_channel', user: 'U1', channel: 'C1', channel_type: 'C' }, { type: 'member_left_channel', user: 'U1', channel: 'C1' }],
  [{ type: 'tokens_revoked', tokens: { bot: ['U1'] } }, { type: 'tokens_revoked' }],
  [{ type: 'reaction_added', user: 'U1' }, null],
  [{ type: 'channel_archive' }, null],
  ['nothing', null],
])('reads %j', (event, expected) => {
  expect(readSlackEvent(event)).toEqual(expected)
})

test('an event is kept by its own id, holds ids only and reads back', () => {
  const body = { type: 'event_callback', event_id: 'Ev7', event: { type: 'user_change', user: { id: 'U1', profile: { email: 'ana@example.com' } } } }
  const delivery = readBody('E1', body, 'UBOT')?.delivery
  if (delivery === undefined) throw new Error('not read')
  expect(delivery).toMatchObject({ id: 'Ev7', incoming: { kind: 'event', event: { type: 'user_change', user: 'U1' } } })
  expect(writeDelivery(delivery)).not.toContain('example.com')
  expect(readDelivery(writeDelivery(delivery))).toEqual(delivery)
})

test.each(Object.entries(slackEventScopes).flatMap(([name, scope]) => (scope === null ? [] : [[name, scope] as const])))('%s has its scope, %s', (_name, scope) => {
  expect(Object.keys(scopes)).toContain(scope)
})

test('a listener that fails is logged and keeps nobody else from hearing', async () => {
  const lines: string[] = []
  const heard: SlackEvent[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) })
  const event: SlackEvent = { type: 'channel_archive', channel: 'C1' }
  await tellListeners([() => { throw new Error('a bug') }, () => Promise.reject(new Error('another')), (one) => void heard.push(one)], event, log)
  expect(heard).toEqual([event])
  expect(lines.filter((line) => line.includes('a listener failed'))).toHaveLength(2)
})
