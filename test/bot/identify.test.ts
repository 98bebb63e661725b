import { describe, expect, test } from 'vitest'
import type { Directory, SlackChannel, SlackUser } from '../../src/bot/directory.ts'
import { createIdentity, describeRoles, roleOf } from '../../src/bot/identify.ts'

const home = { teamId: 'T1', enterpriseId: undefined }
const member: SlackUser = { id: 'U1', team_id: 'T1', name: 'ana', profile: { display_name: 'Ana' } }

describe('roleOf', () => {
  test.each([
    ['a full member', {}, [], 'approver'],
    ['an owner', { is_owner: true }, [], 'admin'],
    ['an admin of the workspace', { is_admin: true }, [], 'admin'],
    ['the primary owner', { is_primary_owner: true }, [], 'admin'],
    ['who is named in ADMINS', {}, ['U1'], 'admin'],
    ['an owner where ADMINS names others', { is_owner: true }, ['U9'], 'approver'],
    ['who is named as a viewer', { is_owner: true }, [], 'viewer', ['U1']],
    ['a guest named as a viewer', { is_restricted: true }, [], null, ['U1']],
    ['a deactivated person', { deleted: true }, ['U1'], null],
    ['a bot', { is_bot: true }, ['U1'], null],
    ['a guest of several channels', { is_restricted: true }, ['U1'], null],
    ['a guest of one channel', { is_ultra_restricted: true, is_restricted: true }, ['U1'], null],
    ['a stranger of a shared channel', { is_stranger: true }, ['U1'], null],
    ['somebody of another team', { team_id: 'T2' }, ['U1'], null],
    ['somebody without a team', { team_id: undefined }, ['U1'], null],
    ['Slackbot', { id: 'USLACKBOT' }, [], null],
    ['somebody of the same organisation in this workspace', { team_id: 'E1', enterprise_user: { teams: ['T1', 'T2'] } }, [], 'approver'],
    ['somebody of the same organisation elsewhere', { team_id: 'E1', enterprise_user: { teams: ['T2'] } }, [], null],
  ] as const)('%s', (_name, change, admins, role, viewers: readonly string[] = []) => {
    expect(roleOf({ ...member, ...change, enterprise_user: 'enterprise_user' in change ? { teams: [...change.enterprise_user.teams] } : undefined }, home, admins, viewers)).toBe(role)
  })
})

const directory = (user: SlackUser | null, channel: SlackChannel | null = null): Directory => ({ user: () => Promise.resolve(user), channel: () => Promise.resolve(channel) })
const place = { channel: 'C1', direct: false, shared: false }

describe('identify', () => {
  test('tells name and role', async () => {
    await expect(createIdentity(directory(member), () => home, []).identify('U1', place)).resolves.toEqual({ id: 'U1', name: 'Ana', role: 'approver', team: 'T1' })
  })

  test.each([
    ['who is unknown to Slack', directory(null), place, 'not_a_member'],
    ['a guest', directory({ ...member, is_restricted: true }), place, 'not_a_member'],
    ['a channel shared with another company', directory(member, { is_ext_shared: true }), place, 'shared_channel'],
    ['a channel about to be shared', directory(member, { is_pending_ext_shared: true }), place, 'shared_channel'],
    ['a shared channel that only Slack\'s event tells of', directory(member), { ...place, shared: true }, 'shared_channel'],
  ] as const)('refuses %s', async (_name, asked, where, code) => {
    await expect(createIdentity(asked, () => home, []).identify('U1', where)).rejects.toMatchObject({ refusal: { code } })
  })

  test('nobody is anybody while Slack cannot be asked', async () => {
    const away: Directory = { user: () => Promise.reject(new Error('away')), channel: () => Promise.resolve(null) }
    await expect(createIdentity(away, () => home, ['U1']).identify('U1', place)).rejects.toThrow('away')
  })

  test('a direct message is not asked about: it has no members but two', async () => {
    const asked: Directory = { user: () => Promise.resolve(member), channel: () => Promise.reject(new Error('missing_scope')) }
    await expect(createIdentity(asked, () => home, []).identify('U1', { channel: 'D1', direct: true, shared: false })).resolves.toMatchObject({ role: 'approver' })
  })
})

test('describeRoles names the admins, or says who they are', () => {
  expect([describeRoles(['U1', 'U2']), describeRoles([])]).toEqual([
    'admins: U1, U2; deployers and approvers: every other full member; guests, bots, deactivated and foreign users: nothing',
    'admins: the owners and admins of the workspace (set ADMINS to name others); deployers and approvers: every other full member; guests, bots, deactivated and foreign users: nothing',
  ])
})
