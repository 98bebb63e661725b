import { describe, expect, test } from 'vitest'
import type { Directory, SlackChannel, SlackUser } from '../../src/bot/directory.ts'
import { createIdentity, describeRoles, isMember } from '../../src/bot/identify.ts'
import type { GroupMembers } from '../../src/rack/people.ts'
import { noGrants, plainPolicy, type RolePolicy } from '../../src/rack/roles.ts'

const home = { teamId: 'T1', enterpriseId: undefined }
const member1: SlackUser = { id: 'U1', team_id: 'T1', name: 'ana', profile: { display_name: 'Ana' } }

describe('isMember', () => {
  test.each([
    ['a full member', {}, true],
    ['an owner', { is_owner: true }, true],
    ['a deactivated person', { deleted: true }, false],
    ['a bot', { is_bot: true }, false],
    ['a workflow', { is_workflow_bot: true }, false],
    ['a guest of several channels', { is_restricted: true }, false],
    ['a guest of one channel', { is_ultra_restricted: true, is_restricted: true }, false],
    ['an owner who is a guest', { is_owner: true, is_restricted: true }, false],
    ['a stranger of a shared channel', { is_stranger: true }, false],
    ['somebody who was only invited', { is_invited_user: true }, false],
    ['somebody of another team', { team_id: 'T2' }, false],
    ['somebody without a team', { team_id: undefined }, false],
    ['Slackbot', { id: 'USLACKBOT' }, false],
    ['somebody of the same organisation in this workspace', { team_id: 'E1', enterprise_user: { teams: ['T1', 'T2'] } }, true],
    ['somebody of the same organisation elsewhere', { team_id: 'E1', enterprise_user: { teams: ['T2'] } }, false],
  ] as const)('%s', (_name, change, member) => {
    expect(isMember({ ...member1, ...change, enterprise_user: 'enterprise_user' in change ? { teams: [...change.enterprise_user.teams] } : undefined }, home)).toBe(member)
  })
})

const directory = (user: SlackUser | null, channel: SlackChannel | null = null, groups: Readonly<Record<string, GroupMembers>> = {}): Directory => ({
  user: () => Promise.resolve(user), channel: () => Promise.resolve(channel), channelAsHeard: () => Promise.resolve(channel), handle: () => Promise.resolve(undefined), forget: () => undefined,
  members: (group) => Promise.resolve(groups[group] ?? { ok: false, why: 'no_such_subteam' }),
})
const place = { channel: 'C1', direct: false, shared: false, deciding: false }
const plain = plainPolicy([], [])
const withGroups: RolePolicy = {
  everywhere: { ...noGrants, admin: ['S1'], otherwise: 'viewer' }, people: {},
  racks: { prod: { ...noGrants, apps: { shop: { ...noGrants, deployer: ['U1'] } } } },
}

describe('identify', () => {
  test('tells name, workspace and role', async () => {
    await expect(createIdentity(directory(member1), () => home, plain).identify('U1', place)).resolves.toMatchObject({ id: 'U1', name: 'Ana', role: 'approver', team: 'T1' })
  })

  test.each([
    ['who is unknown to Slack', directory(null), place, 'not_a_member'],
    ['a guest', directory({ ...member1, is_restricted: true }), place, 'not_a_member'],
    ['a channel shared with another company', directory(member1, { is_ext_shared: true }), place, 'shared_channel'],
    ['a channel about to be shared', directory(member1, { is_pending_ext_shared: true }), place, 'shared_channel'],
    ['a shared channel that only Slack\'s event tells of', directory(member1), { ...place, shared: true }, 'shared_channel'],
  ] as const)('refuses %s', async (_name, asked, where, code) => {
    await expect(createIdentity(asked, () => home, plain).identify('U1', where)).rejects.toMatchObject({ refusal: { code } })
  })

  test('nobody is anybody while Slack cannot be asked', async () => {
    const away: Directory = { ...directory(null), user: () => Promise.reject(new Error('away')) }
    await expect(createIdentity(away, () => home, plainPolicy(['U1'], [])).identify('U1', place)).rejects.toThrow('away')
    await expect(createIdentity(away, () => home, plainPolicy(['U1'], [])).people.roleOf('U1', 'prod', 'shop')).rejects.toThrow('away')
  })

  test('a direct message is not asked about: it has no members but two', async () => {
    const asked: Directory = { ...directory(member1), channel: () => Promise.reject(new Error('missing_scope')), channelAsHeard: () => Promise.reject(new Error('missing_scope')) }
    await expect(createIdentity(asked, () => home, plain).identify('U1', { channel: 'D1', direct: true, shared: false, deciding: true })).resolves.toMatchObject({ role: 'approver' })
  })

  test('a channel that cannot be asked about now keeps nobody from anything but deciding', async () => {
    const identity = createIdentity({ ...directory(member1), channel: () => Promise.reject(new Error('ratelimited')) }, () => home, plain)
    await expect(identity.identify('U1', place)).resolves.toMatchObject({ role: 'approver' })
    await expect(identity.identify('U1', { ...place, deciding: true })).rejects.toThrow('ratelimited')
  })

  test('a channel that was shared lately is taken for shared', async () => {
    const asked = { ...directory(member1, { is_ext_shared: true }), channel: () => Promise.reject(new Error('ratelimited')) }
    await expect(createIdentity(asked, () => home, plain).identify('U1', place)).rejects.toMatchObject({ refusal: { code: 'shared_channel' } })
  })

  test('gives the role of each place, and the least of them where none is meant', async () => {
    const actor = await createIdentity(directory(member1, null, { S1: { ok: true, members: ['U9'] } }), () => home, withGroups).identify('U1', place)
    expect([actor.role, actor.at?.('prod', 'shop'), actor.at?.('prod', 'mail'), actor.at?.('staging', null)]).toEqual([
      'viewer', { role: 'deployer', unread: [] }, { role: 'viewer', unread: [] }, { role: 'viewer', unread: [] },
    ])
  })

  test('names the group that could not be read, and why', async () => {
    const actor = await createIdentity(directory(member1, null, { S1: { ok: false, why: 'plan_upgrade_required' } }), () => home, withGroups).identify('U1', place)
    expect(actor.at?.('prod', 'mail')).toEqual({ role: 'viewer', unread: [{ group: 'S1', why: 'plan_upgrade_required' }] })
  })
})

test('names every group of the settings that cannot be read', async () => {
  const ofTwo: RolePolicy = { ...withGroups, racks: { prod: { ...noGrants, viewer: ['S2'], apps: {} } } }
  const identity = createIdentity(directory(null, null, { S1: { ok: true, members: [] }, S2: { ok: false, why: 'missing_scope' } }), () => home, ofTwo)
  await expect(identity.unreadGroups()).resolves.toEqual([{ group: 'S2', why: 'missing_scope' }])
})

describe('people who do not act just now', () => {
  test.each([
    ['a member of a group', directory(member1, null, { S1: { ok: true, members: ['U1'] } }), { role: 'admin', unread: [] }],
    ['who is no member of the workspace any more', directory({ ...member1, deleted: true }, null, { S1: { ok: true, members: ['U1'] } }), null],
    ['whom Slack does not know', directory(null), null],
    ['a member of a group that is gone', directory(member1), { role: 'viewer', unread: [{ group: 'S1', why: 'no_such_subteam' }] }],
  ])('%s', async (_who, asked, role) => {
    await expect(createIdentity(asked, () => home, withGroups).people.roleOf('U1', 'prod', 'mail')).resolves.toEqual(role)
  })
})

test('a decision reads anew the groups that matter for its place alone', async () => {
  const read: string[] = []
  const asked: Directory = { ...directory(member1), members: (group) => {
    read.push(group)
    return Promise.resolve({ ok: true, members: [] })
  } }
  const many: RolePolicy = {
    everywhere: { ...noGrants, admin: ['S1'] }, people: {},
    racks: { prod: { ...noGrants, deployer: ['S2'], apps: { shop: { ...noGrants, approver: ['S3'] }, mail: { ...noGrants, approver: ['S4'] } } }, staging: { ...noGrants, deployer: ['S5'], apps: {} } },
  }
  await createIdentity(asked, () => home, many).people.roleOf('U1', 'prod', 'shop')
  expect(read.toSorted()).toEqual(['S1', 'S2', 'S3'])
})

test('describeRoles names the admins, or says who they are', () => {
  expect([describeRoles(plainPolicy(['U1', 'U2'], [])), describeRoles(plain), describeRoles({ ...withGroups, everywhere: { ...noGrants, admin: ['S1'], deployer: ['U3'], otherwise: 'viewer' } })]).toEqual([
    'admins: U1, U2; deployers and approvers: every other full member; guests, bots, deactivated and foreign users: nothing',
    'admins: the owners and admins of the workspace (set ADMINS to name others); deployers and approvers: every other full member; guests, bots, deactivated and foreign users: nothing',
    'admins: S1; deployers: U3; viewers: every other full member; guests, bots, deactivated and foreign users: nothing; with roles of their own: prod',
  ])
})
