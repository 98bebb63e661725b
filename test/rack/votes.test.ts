import { beforeEach, describe, expect, it } from 'vitest'
import { setParam } from '../../src/db/apps.ts'
import { findPromotion, movePromotion, type PromotionRecord, votesOf } from '../../src/db/promotions.ts'
import type { Role } from '../../src/rack/actor.ts'
import { setAppParams } from '../../src/rack/app-params.ts'
import { appParams } from '../../src/rack/apps.ts'
import { approve, isStillApproved, mayDecide, renewIfChanged } from '../../src/rack/approve.ts'
import { cancel } from '../../src/rack/cancel.ts'
import type { Books } from '../../src/rack/context.ts'
import type { RoleHere } from '../../src/rack/people.ts'
import { promote, requestAgain } from '../../src/rack/promote.ts'
import { promotionView } from '../../src/rack/promotions.ts'
import { reject } from '../../src/rack/reject.ts'
import { noGrants, plainPolicy, type RolePolicy } from '../../src/rack/roles.ts'
import { actingAs, appWithRelease, booksOn, type Staff } from '../support/books.ts'
import { databaseHere } from '../support/database.ts'

const [ana, bo, cy, dee] = ['U0ANA', 'U0BO', 'U0CY', 'U0DEE'] as const

describe('votes', () => {
  const database = databaseHere()
  const staff: Staff = { roles: new Map(), groups: new Map() }
  let rack: Books

  beforeEach(() => {
    staff.roles.clear()
    staff.groups.clear()
    for (const id of [ana, bo, cy, dee]) staff.roles.set(id, 'approver')
    rack = booksOn(database.db, 'prod', staff)
  })

  const set = (app: string, params: Readonly<Record<string, string>>) => setAppParams(rack, actingAs(ana, 'admin'), { app, params: Object.entries(params) })
  /** A request of Ana's for a new app. */
  const ask = async (params: Readonly<Record<string, string>> = {}, deadlineSeconds: number | null = null): Promise<{ id: string; app: string }> => {
    const { app, release } = await appWithRelease(rack)
    if (Object.keys(params).length > 0) await set(app, params)
    const { id } = await promote(rack, actingAs(ana), { app, release, deadlineSeconds, confirmed: [] })
    return { id, app }
  }
  const vote = (promotion: string, id: string, role: Role = 'approver') => approve(rack, actingAs(id, role), { promotion, rev: null })
  const voteOn = (promotion: string, id: string, rev: number) => approve(rack, actingAs(id), { promotion, rev })
  const record = async (id: string): Promise<PromotionRecord> => {
    const found = await findPromotion(rack.db, id)
    if (found === undefined) throw new Error('no promotion')
    return found
  }
  const voters = async (id: string): Promise<string[]> => (await votesOf(rack.db, id, (await record(id)).digest)).map(({ person }) => person)
  const refused = (code: string, more: object = {}) => ({ refusal: { code, ...more } })

  describe('of distinct people', () => {
    const twoIds: RolePolicy = { ...plainPolicy([], []), people: { [ana]: 'ana', U0ANATWO: 'ana', [bo]: 'bo', U0BOTWO: 'bo' } }

    it('nobody approves their own request through a second account', async () => {
      staff.roles.set('U0ANATWO', 'approver')
      rack = booksOn(database.db, 'prod', staff, twoIds)
      const { id } = await ask()
      await expect(vote(id, 'U0ANATWO')).rejects.toMatchObject(refused('own_request'))
      await expect(mayDecide(rack, actingAs('U0ANATWO'), { promotion: id })).rejects.toMatchObject(refused('own_request'))
      await expect(reject(rack, actingAs('U0ANATWO'), { promotion: id, reason: 'x' })).rejects.toMatchObject(refused('own_request'))
      expect(await voters(id)).toEqual([])
    })

    it('two ids of one person are one vote', async () => {
      rack = booksOn(database.db, 'prod', staff, twoIds)
      staff.roles.set('U0BOTWO', 'approver')
      const { id } = await ask({ approvals: '2' })
      await vote(id, bo)
      await expect(vote(id, 'U0BOTWO')).rejects.toMatchObject(refused('already_voted', { have: 1, need: 2 }))
      expect((await vote(id, cy)).status).toBe('queued')
    })

    it('whose ids became one person\'s only later is one vote then', async () => {
      const { id } = await ask({ approvals: '2' })
      staff.roles.set('U0BOTWO', 'approver')
      await vote(id, bo)
      rack = booksOn(database.db, 'prod', staff, twoIds)
      // Who is one person is part of what was approved: the vote before is void.
      await expect(vote(id, 'U0BOTWO')).rejects.toMatchObject(refused('changed_since', { part: 'policy', value: 'approvers' }))
      await vote(id, 'U0BOTWO')
      await expect(vote(id, bo)).rejects.toMatchObject(refused('already_voted'))
      expect((await record(id)).status).toBe('awaiting_approval')
    })

    it('two last votes in the same instant both count, and the one that falls first is looked at too', async () => {
      const { id } = await ask({ approvals: '3' })
      await vote(id, bo)
      const looked: string[] = []
      const { people } = rack
      rack = { ...rack, people: { ...people, roleOf: (person, ...at) => (looked.push(person), people.roleOf(person, ...at)) } }
      const both = await Promise.all([vote(id, cy), vote(id, dee)])
      expect(both.map(({ status }) => status).toSorted()).toEqual(['awaiting_approval', 'queued'])
      const [, first] = await voters(id)
      // Each of the two themselves, and with the last one those before it.
      expect(looked.toSorted()).toEqual([bo, cy, dee, first].toSorted())
    })
  })

  describe('when the last one falls', () => {
    it.each<[string, Role | RoleHere | undefined, string]>([
      ['who has left the workspace', undefined, 'left'],
      ['who is no approver any more', 'deployer', 'role'],
    ])('the vote of %s counts no more, and the card says whose', async (_who, now, why) => {
      const { id } = await ask({ approvals: '2' })
      await vote(id, bo)
      if (now === undefined) staff.roles.delete(bo)
      else staff.roles.set(bo, now)
      const view = await vote(id, cy)
      expect([view.status, view.approvals.votes.map(({ by }) => by)]).toEqual(['awaiting_approval', [cy]])
      expect(view.warnings).toEqual([expect.objectContaining({ kind: 'approval_dropped', by: bo, why })])
      expect((await vote(id, dee)).status).toBe('queued')
    })

    it('a vote counts again once its owner may approve again and says so', async () => {
      const { id } = await ask({ approvals: '2' })
      await vote(id, bo)
      staff.roles.set(bo, 'viewer')
      await vote(id, cy)
      staff.roles.set(bo, 'approver')
      const view = await vote(id, bo)
      expect([view.status, view.approvals.votes.map(({ by }) => by), view.warnings]).toEqual(['queued', [cy, bo], []])
    })

    it('nobody is looked at before: what comes between may be put right', async () => {
      const { id } = await ask({ approvals: '3' })
      await vote(id, bo)
      staff.roles.set(bo, 'viewer')
      expect((await vote(id, cy)).approvals.votes).toHaveLength(2)
      staff.roles.set(bo, 'approver')
      expect((await vote(id, dee)).status).toBe('queued')
    })

    it('a vote that cannot be looked at decides nothing, and is kept', async () => {
      const { id } = await ask({ approvals: '2' })
      await vote(id, bo)
      staff.roles.set(bo, { role: 'viewer', unread: [{ group: 'S0TEAM', why: 'unreachable' }] })
      await expect(vote(id, cy)).rejects.toMatchObject(refused('votes_unconfirmed', { by: bo, unread: [{ group: 'S0TEAM', why: 'unreachable' }] }))
      expect(await voters(id)).toEqual([bo])
      staff.roles.set(bo, 'approver')
      expect((await vote(id, cy)).status).toBe('queued')
    })

    it.each([['who has left just now', undefined, 'not_a_member'], ['who is no approver since', 'deployer', 'forbidden']] as const)('the vote and the no of %s do not count, whatever was known of them a minute ago', async (_who, now, code) => {
      const { id } = await ask()
      if (now === undefined) staff.roles.delete(bo)
      else staff.roles.set(bo, now)
      await expect(vote(id, bo)).rejects.toMatchObject(refused(code))
      await expect(reject(rack, actingAs(bo), { promotion: id, reason: 'x' })).rejects.toMatchObject(refused(code))
      expect([(await record(id)).status, await voters(id)]).toEqual(['awaiting_approval', []])
    })

    it('nothing is decided while nobody can be asked about', async () => {
      const { id } = await ask({ approvals: '2' })
      await vote(id, bo)
      rack = { ...rack, people: { ...rack.people, roleOf: () => Promise.reject(new Error('Slack is away')) } }
      await expect(vote(id, cy)).rejects.toThrow('Slack is away')
      expect(await voters(id)).toEqual([bo])
    })
  })

  describe('through a user group', () => {
    const group = { approvers: 'S0TEAM' }
    beforeEach(() => void staff.groups.set('S0TEAM', { ok: true, members: [ana, bo, cy] }))

    it('its members may approve, whatever their role, and nobody else', async () => {
      const { id } = await ask(group)
      await expect(vote(id, dee)).rejects.toMatchObject(refused('not_an_approver', { approvers: ['S0TEAM'] }))
      await expect(vote(id, ana)).rejects.toMatchObject(refused('own_request'))
      expect((await vote(id, cy, 'viewer')).status).toBe('queued')
    })

    it('who has left it meanwhile has no vote', async () => {
      const { id } = await ask({ ...group, approvals: '2' })
      await vote(id, bo)
      staff.groups.set('S0TEAM', { ok: true, members: [cy, dee] })
      const view = await vote(id, cy)
      expect([view.status, view.warnings]).toEqual(['awaiting_approval', [expect.objectContaining({ by: bo, why: 'list' })]])
    })

    it.each(['plan_upgrade_required', 'no_such_subteam', 'missing_scope', 'unreachable'] as const)('one that cannot be read (%s) grants nothing, and says why', async (why) => {
      const { id } = await ask(group)
      staff.groups.set('S0TEAM', { ok: false, why })
      await expect(vote(id, bo)).rejects.toMatchObject(refused('not_an_approver', { unread: [{ group: 'S0TEAM', why }] }))
      expect(await voters(id)).toEqual([])
    })

    it('one that cannot be read takes nothing from who is named beside it', async () => {
      const { id } = await ask({ approvers: 'S0TEAM,U0DEE' })
      staff.groups.set('S0TEAM', { ok: false, why: 'unreachable' })
      expect((await vote(id, dee)).status).toBe('queued')
    })

    it.each([
      ['plan_upgrade_required', { ok: false, why: 'plan_upgrade_required' }], ['no_such_subteam', { ok: false, why: 'no_such_subteam' }],
      ['missing_scope', { ok: false, why: 'missing_scope' }], ['unreachable', { ok: false, why: 'unreachable' }], ['empty', { ok: true, members: [] }],
    ] as const)('one nobody could approve through (%s) is refused when it is set', async (why, members) => {
      const { app } = await appWithRelease(rack)
      staff.groups.set('S0TEAM', members)
      await expect(set(app, { ...group, approvals: '2' })).rejects.toMatchObject(refused('group_unreadable', { group: 'S0TEAM', why }))
      // Nothing of it was set.
      await expect(set(app, { approvers: 'none', approvals: '1' })).rejects.toMatchObject(refused('params_unchanged'))
    })
  })

  describe('of as many as there can be', () => {
    const samePerson: RolePolicy = { ...plainPolicy([], []), people: { [bo]: 'bo', U0BOTWO: 'bo' } }
    beforeEach(() => {
      staff.groups.set('S0TEAM', { ok: true, members: [ana, bo, cy] })
      rack = booksOn(database.db, 'prod', staff, samePerson)
    })
    type Params = Readonly<Record<string, string>>

    it.each<[what: string, steps: readonly [Params, ...Params[]], needs: readonly [approvals: number, people: number] | null]>([
      ['as many as are listed', [{ approvers: 'U0BO,U0CY', approvals: '2' }], null],
      ['more than are listed, in one line', [{ approvers: 'U0BO,U0CY', approvals: '3' }], [3, 2]],
      ['more than are listed, the list first', [{ approvers: 'U0BO,U0CY' }, { approvals: '3' }], [3, 2]],
      ['more than are listed, the number first', [{ approvals: '3' }, { approvers: 'U0BO,U0CY' }], [3, 2]],
      ['as many as a group has and one beside it', [{ approvers: 'S0TEAM,U0DEE' }, { approvals: '4' }], null],
      ['more than a group has, one of them listed too', [{ approvers: 'S0TEAM,U0BO' }, { approvals: '4' }], [4, 3]],
      ['two of one person with two ids', [{ approvers: 'U0BO,U0BOTWO' }, { approvals: '2' }], [2, 1]],
      ['many, where the role decides', [{ approvals: '10' }], null],
      ['many, once the role decides again', [{ approvers: 'U0BO' }, { approvers: 'none', approvals: '10' }], null],
    ])('%s: taken, or refused with both numbers and nothing set', async (_what, steps, needs) => {
      const { app } = await appWithRelease(rack)
      const last = steps.at(-1)
      for (const step of steps.slice(0, -1)) await set(app, step)
      const before = await appParams(rack.db, rack.name, app)
      const asked = set(app, last ?? {})
      if (needs === null) {
        await asked
        return
      }
      await expect(asked).rejects.toMatchObject(refused('approvers_too_few', { approvals: needs[0], people: needs[1] }))
      expect(await appParams(rack.db, rack.name, app)).toEqual(before)
    })

    it('a group that has shrunk or cannot be read is looked at when it matters alone', async () => {
      const { app } = await appWithRelease(rack)
      await set(app, { approvers: 'S0TEAM', approvals: '2' })
      staff.groups.set('S0TEAM', { ok: false, why: 'unreachable' })
      await expect(set(app, { approvals: '3' })).rejects.toMatchObject(refused('group_unreadable', { group: 'S0TEAM', why: 'unreachable' }))
      await set(app, { deadline: '20m' })
      staff.groups.set('S0TEAM', { ok: true, members: [] })
      await set(app, { deadline: '21m' })
      await expect(set(app, { approvals: '3' })).rejects.toMatchObject(refused('group_unreadable', { group: 'S0TEAM', why: 'empty' }))
      expect((await set(app, { approvals: '0' })).approvals).toBe(0)
    })

    it('what somebody else sets in the same moment is counted too', async () => {
      const { app } = await appWithRelease(rack)
      let meanwhile: Promise<unknown> | null = null
      const asking: Books = {
        ...rack,
        people: {
          ...rack.people,
          membersOf: async (group) => {
            meanwhile ??= set(app, { approvals: '4' })
            await meanwhile
            return rack.people.membersOf(group)
          },
        },
      }
      const list = setAppParams(asking, actingAs(ana, 'admin'), { app, params: [['approvers', 'S0TEAM']] })
      await expect(list).rejects.toMatchObject(refused('approvers_too_few', { approvals: 4, people: 3 }))
      expect(await appParams(rack.db, rack.name, app)).toMatchObject({ approvals: 4, approvers: [] })
    })
  })

  describe('and who no longer wants it', () => {
    const begun = async (): Promise<string> => {
      const { id } = await ask()
      await vote(id, bo)
      await movePromotion(rack.db, id, { from: ['queued'], set: { status: 'rolling_out', startedAt: new Date() } })
      return id
    }

    it.each(['awaiting_approval', 'queued'] as const)('takes back what is %s', async (status) => {
      const { id } = await ask()
      if (status === 'queued') await vote(id, bo)
      expect((await cancel(rack, actingAs(ana), { promotion: id, onlyWaiting: true })).status).toBe('cancelled')
    })

    it('does not roll back what has begun meanwhile, unless that is what was asked', async () => {
      const id = await begun()
      await expect(cancel(rack, actingAs(ana), { promotion: id, onlyWaiting: true })).rejects.toMatchObject(refused('app_busy', { promotion: id, asked: 'rollback', status: 'rolling_out' }))
      expect(await record(id)).toMatchObject({ status: 'rolling_out', cancelBy: null })
      await cancel(rack, actingAs(ana), { promotion: id })
      expect(await record(id)).toMatchObject({ cancelBy: ana })
    })
  })

  describe('and what was asked for', () => {
    it.each<[string, Readonly<Record<string, string>>, string, string]>([
      ['the deadline', { deadline: '20m' }, 'deadline', '1200'],
      ['the time it is watched', { stability: '50s' }, 'deadline', 'stability:50'],
      ['how many have to approve', { approvals: '3' }, 'policy', '3'],
      ['who may approve', { approvers: 'U0BO,U0CY' }, 'policy', 'approvers'],
    ])('%s voids them when it changes, says so, and starts expiry anew', async (_what, params, part, value) => {
      const { id, app } = await ask({ approvals: '2', expiry: '1h' })
      await vote(id, bo)
      await movePromotion(rack.db, id, { from: ['awaiting_approval'], set: { expiresAt: new Date(Date.now() + 60_000) } })
      const { rev } = await record(id)
      await set(app, params)
      await expect(voteOn(id, cy, rev)).rejects.toMatchObject(refused('changed_since', { part, value }))
      const now = await record(id)
      expect([await voters(id), now.status, (now.expiresAt?.getTime() ?? 0) > Date.now() + 3_000_000]).toEqual([[], 'awaiting_approval', true])
      const view = await promotionView(rack, now)
      expect(view.warnings).toEqual([expect.objectContaining({ kind: 'approvals_cleared', part, value })])
      expect(view.approvals.voided).toEqual([bo])
    })

    it('shows and uses the deadline that is approved now', async () => {
      const { id, app } = await ask()
      await set(app, { deadline: '20m', stability: '50s' })
      expect((await vote(id, cy)).status).toBe('queued')
      expect(await record(id)).toMatchObject({ deadlineSeconds: 1200, stabilitySeconds: 50 })
    })

    it('a deadline that was asked for stays when the app gets another one', async () => {
      const { id, app } = await ask({}, 300)
      await set(app, { deadline: '20m' })
      expect((await vote(id, bo)).status).toBe('queued')
      expect(await record(id)).toMatchObject({ deadlineSeconds: 300, deadlineAsked: 300 })
    })

    it('asked for again it has the app\'s deadline of then, or the one that was asked for', async () => {
      for (const [asked, then] of [[null, 1200], [300, 300]] as const) {
        const { id, app } = await ask({ approvals: '2' }, asked)
        await vote(id, bo)
        await reject(rack, actingAs(cy), { promotion: id, reason: 'not now' })
        await set(app, { deadline: '20m' })
        const again = await requestAgain(rack, actingAs(ana), { promotion: id })
        expect([again.id === id, again.status, again.approvals.votes, again.deadlineSeconds]).toEqual([false, 'awaiting_approval', [], then])
      }
    })

    it('other approvers in the settings void them too', async () => {
      const { id } = await ask({ approvals: '2' })
      await vote(id, bo)
      rack = booksOn(database.db, 'prod', staff, { ...plainPolicy([], []), racks: { prod: { ...noGrants, approver: [bo, cy], apps: {} } } })
      await expect(vote(id, cy)).rejects.toMatchObject(refused('changed_since', { part: 'policy', value: 'approvers' }))
    })

    it('nothing else in the settings does', async () => {
      const { id } = await ask({ approvals: '2' })
      await vote(id, bo)
      rack = booksOn(database.db, 'prod', staff, { ...plainPolicy(['U9'], ['U8']), racks: { staging: { ...noGrants, approver: [dee], apps: {} } } })
      expect((await vote(id, cy)).status).toBe('queued')
    })

    it('is looked at once more before anything is written', async () => {
      const { id, app } = await ask()
      await vote(id, bo)
      expect(await isStillApproved(rack, rack.db, await record(id))).toBe(true)
      await setParam(rack.db, rack.name, app, 'approvals', '2')
      expect(await isStillApproved(rack, rack.db, await record(id))).toBe(false)
      expect(await rack.db.transaction(async (tx) => renewIfChanged(rack, tx, await record(id)))).toEqual({ part: 'policy', value: '2' })
      expect(await record(id)).toMatchObject({ status: 'awaiting_approval', approvalsNeeded: 2, queuedAt: null })
    })

    it('a void vote stays void when what was asked for becomes what it was', async () => {
      const { id, app } = await ask({ approvals: '2', deadline: '10m' })
      await vote(id, bo)
      const { digest } = await record(id)
      await set(app, { deadline: '20m' })
      await vote(id, cy)
      await set(app, { deadline: '10m' })
      expect([(await record(id)).digest, await voters(id)]).toEqual([digest, []])
      expect((await promotionView(rack, await record(id))).approvals.voided?.toSorted()).toEqual([bo, cy])
      expect((await vote(id, bo)).status).toBe('awaiting_approval')
      expect((await vote(id, cy)).status).toBe('queued')
    })

    it('who may approve by the new params may approve what is open, and who no longer may not', async () => {
      const { id, app } = await ask({ approvers: bo })
      const { rev } = await record(id)
      let drawn = 0
      rack = { ...rack, wakeDelivery: { ...rack.wakeDelivery, call: () => void (drawn += 1) } }
      await set(app, { approvers: cy })
      expect([(await record(id)).approvers, drawn > 0]).toEqual([[cy], true])
      await expect(vote(id, bo)).rejects.toMatchObject(refused('not_an_approver', { approvers: [cy] }))
      await expect(voteOn(id, cy, rev)).rejects.toMatchObject(refused('changed_since', { part: 'policy', value: 'approvers' }))
      expect((await vote(id, cy)).status).toBe('queued')
    })

    it('what is approved and waits for its turn asks anew at once', async () => {
      const { id, app } = await ask()
      await vote(id, bo)
      await set(app, { approvers: cy })
      expect(await record(id)).toMatchObject({ status: 'awaiting_approval', approvers: [cy], queuedAt: null })
      expect((await vote(id, cy)).status).toBe('queued')
    })

    it('other params change nothing of it, and what has expired is not asked for anew', async () => {
      const { id, app } = await ask({ approvals: '2' })
      await vote(id, bo)
      await set(app, { expiry: '2h' })
      expect(await voters(id)).toEqual([bo])
      const past = new Date(Date.now() - 1000)
      await movePromotion(rack.db, id, { from: ['awaiting_approval'], set: { expiresAt: past } })
      await set(app, { approvals: '3' })
      expect(await record(id)).toMatchObject({ approvalsNeeded: 2, expiresAt: past })
    })

    it('where nobody had to approve, somebody may have to before it begins', async () => {
      const { id, app } = await ask({ approvals: '0' })
      expect([(await record(id)).waived, await isStillApproved(rack, rack.db, await record(id))]).toEqual(['policy', true])
      await set(app, { approvals: '1' })
      expect(await isStillApproved(rack, rack.db, await record(id))).toBe(false)
    })
  })
})
