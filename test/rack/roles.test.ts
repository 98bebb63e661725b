import { describe, expect, it } from 'vitest'
import { approvalPolicy, groupsAt, groupsIn, idsOf, noGrants, plainPolicy, principalOf, standingIn, type Grants, type Membership, type RackGrants, type RolePolicy } from '../../src/rack/roles.ts'

const grants = (more: Partial<Grants>): Grants => ({ ...noGrants, ...more })
const rack = (more: Partial<RackGrants>): RackGrants => ({ ...noGrants, apps: {}, ...more })
const policy = (more: Partial<RolePolicy>): RolePolicy => ({ everywhere: noGrants, racks: {}, people: {}, ...more })

interface Case {
  readonly says: string
  readonly policy: RolePolicy
  readonly owner?: boolean
  readonly groups?: Readonly<Record<string, Membership>>
  readonly at?: readonly [rack: string, app: string | null]
  readonly role: string
  readonly unread?: readonly string[]
}

const cases: readonly Case[] = [
  { says: 'a full member deploys and approves where nothing is said', policy: policy({}), role: 'approver' },
  { says: 'an owner of the workspace is an admin where none is named', policy: policy({}), owner: true, role: 'admin' },
  { says: 'an owner of the workspace is like everybody where others are named', policy: plainPolicy(['U9'], []), owner: true, role: 'approver' },
  { says: 'who is named as a viewer only looks, an owner too', policy: plainPolicy([], ['U1']), owner: true, role: 'viewer' },
  { says: 'who is named gets that role', policy: policy({ everywhere: grants({ deployer: ['U1'] }) }), role: 'deployer' },
  { says: 'whom no place names gets what is otherwise given', policy: policy({ everywhere: grants({ admin: ['U9'], otherwise: 'viewer' }) }), role: 'viewer' },
  { says: 'the highest of several roles at one place holds', policy: policy({ everywhere: grants({ viewer: ['S1'], deployer: ['S2'] }) }), groups: { S1: 'in', S2: 'in' }, role: 'deployer' },
  { says: 'a member of a group gets its role', policy: policy({ everywhere: grants({ admin: ['S1'] }) }), groups: { S1: 'in' }, role: 'admin' },
  { says: 'who is not in the group does not', policy: policy({ everywhere: grants({ admin: ['S1'], otherwise: 'deployer' }) }), role: 'deployer' },
  { says: 'a rack takes away what everywhere gives', policy: policy({ everywhere: grants({ approver: ['U1'] }), racks: { prod: rack({ viewer: ['U1'] }) } }), role: 'viewer' },
  { says: 'an admin everywhere is one on every rack', policy: policy({ everywhere: grants({ admin: ['S1'] }), racks: { prod: rack({ viewer: ['U1'], approver: ['S2'] }) } }), groups: { S1: 'in', S2: 'unread' }, role: 'admin' },
  { says: 'a rack gives what everywhere does not', policy: policy({ everywhere: grants({ otherwise: 'viewer' }), racks: { prod: rack({ approver: ['U1'] }) } }), role: 'approver' },
  { says: 'a rack says nothing of another rack', policy: policy({ everywhere: grants({ otherwise: 'viewer' }), racks: { prod: rack({ approver: ['U1'] }) } }), at: ['staging', 'shop'], role: 'viewer' },
  { says: 'a rack has its own otherwise', policy: policy({ racks: { prod: rack({ otherwise: 'viewer' }) } }), role: 'viewer' },
  { says: 'who is named everywhere is not touched by the otherwise of a rack', policy: policy({ everywhere: grants({ deployer: ['U1'] }), racks: { prod: rack({ otherwise: 'viewer' }) } }), role: 'deployer' },
  { says: 'an app goes before its rack', policy: policy({ racks: { prod: rack({ viewer: ['U1'], apps: { shop: grants({ approver: ['U1'] }) } }) } }), role: 'approver' },
  { says: 'an app says nothing of another app', policy: policy({ racks: { prod: rack({ viewer: ['U1'], apps: { shop: grants({ approver: ['U1'] }) } }) } }), at: ['prod', 'mail'], role: 'viewer' },
  { says: 'an app says nothing where no app is meant', policy: policy({ racks: { prod: rack({ viewer: ['U1'], apps: { shop: grants({ admin: ['U1'] }) } }) } }), at: ['prod', null], role: 'viewer' },
  { says: 'a group that cannot be read grants nothing', policy: policy({ everywhere: grants({ admin: ['S1'], otherwise: 'viewer' }) }), groups: { S1: 'unread' }, role: 'viewer', unread: ['S1'] },
  { says: 'a group that cannot be read may be there to keep somebody out', policy: policy({ everywhere: grants({ viewer: ['S1'] }) }), groups: { S1: 'unread' }, role: 'viewer', unread: ['S1'] },
  { says: 'a group that cannot be read keeps an owner out too', policy: policy({ everywhere: grants({ viewer: ['S1'] }) }), owner: true, groups: { S1: 'unread' }, role: 'viewer', unread: ['S1'] },
  { says: 'a group of a narrower place that cannot be read holds down what a wider one gives', policy: policy({ everywhere: grants({ approver: ['U1'] }), racks: { prod: rack({ deployer: ['S1'] }) } }), groups: { S1: 'unread' }, role: 'deployer', unread: ['S1'] },
  { says: 'a group that cannot be read takes nothing from who is named beside it', policy: policy({ everywhere: grants({ deployer: ['U1'], admin: ['S1'] }) }), groups: { S1: 'unread' }, role: 'deployer', unread: ['S1'] },
  { says: 'an app named like a part of every object is no app', policy: policy({ racks: { prod: rack({ otherwise: 'viewer' }) } }), at: ['prod', 'constructor'], role: 'viewer' },
]

describe('the role of a full member', () => {
  it.each(cases)('$says', ({ policy: from, owner = false, groups = {}, at = ['prod', 'shop'], role, unread = [] }) => {
    expect(standingIn(from, { id: 'U1', owner, groups: (group) => groups[group] ?? 'out' }, ...at)).toEqual({ role, unread })
  })
})

describe('one person with several ids', () => {
  const people = { U1: 'bo', U2: 'bo', U3: 'cy' }
  it.each([
    ['is the same by each of them', 'U1', 'U2', true],
    ['is not somebody else', 'U1', 'U3', false],
    ['is not somebody whose id is their name', 'U1', 'bo', false],
    ['is not who is not listed', 'U1', 'U9', false],
  ])('%s', (_says, one, other, same) => {
    expect(principalOf({ people }, one) === principalOf({ people }, other)).toBe(same)
  })

  it.each([['U2', ['U2', 'U1']], ['U3', ['U3']], ['U9', ['U9']]])('has every id that %s has', (id, ids) => {
    expect(idsOf({ people }, id)).toEqual(ids)
  })
})

it('names every group of the policy once', () => {
  expect(groupsIn(policy({ everywhere: grants({ viewer: ['S1', 'U1'] }), racks: { prod: rack({ admin: ['S2'], apps: { shop: grants({ approver: ['S1', 'S3'] }) } }) } }))).toEqual(['S1', 'S2', 'S3'])
})

it('names the groups that matter at one place: its own and those of the wider ones', () => {
  const many = policy({
    everywhere: grants({ viewer: ['S1', 'U1'] }),
    racks: { prod: rack({ admin: ['S2'], apps: { shop: grants({ approver: ['S1', 'S3'] }), mail: grants({ approver: ['S4'] }) } }), staging: rack({ admin: ['S5'] }) },
  })
  expect([groupsAt(many, 'prod', 'shop').toSorted(), groupsAt(many, 'prod', null).toSorted(), groupsAt(many, 'other', 'shop')]).toEqual([['S1', 'S2', 'S3'], ['S1', 'S2'], ['S1']])
})

describe('the policy that was approved', () => {
  const named = policy({ everywhere: grants({ approver: ['U1'] }), racks: { prod: rack({ approver: ['U2'] }) } })
  it('is nothing where the settings name no approvers, so that old digests stay', () => {
    expect(approvalPolicy(plainPolicy(['U1'], ['U2']), 'prod', 'shop')).toBeUndefined()
  })
  it.each([
    ['an approver of the rack', policy({ ...named, racks: { prod: rack({ approver: ['U3'] }) } }), true],
    ['an approver everywhere', policy({ ...named, everywhere: grants({ approver: ['U4'] }) }), true],
    ['an approver of the app', policy({ ...named, racks: { prod: rack({ approver: ['U2'], apps: { shop: grants({ approver: ['U5'] }) } }) } }), true],
    ['an approver of another app', policy({ ...named, racks: { prod: rack({ approver: ['U2'], apps: { mail: grants({ approver: ['U5'] }) } }) } }), false],
    ['an approver of another rack', policy({ ...named, racks: { ...named.racks, staging: rack({ approver: ['U5'] }) } }), false],
    ['one person\'s second id', policy({ ...named, people: { U1: 'bo', U6: 'bo' } }), true],
    ['the order of a list alone', policy({ ...named, everywhere: grants({ approver: ['U1'] }) }), false],
  ])('changes, or not, with %s', (_what, other, changes) => {
    expect(JSON.stringify(approvalPolicy(other, 'prod', 'shop')) !== JSON.stringify(approvalPolicy(named, 'prod', 'shop'))).toBe(changes)
  })
})
