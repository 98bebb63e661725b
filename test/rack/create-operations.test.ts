import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { callerHere } from '../../src/rack/caller-here.ts'
import type { Caller } from '../../src/rack/operations.ts'
import { addFreeze } from '../../src/rack/freeze.ts'
import { promote } from '../../src/rack/promote.ts'
import { actingAs, appWithRelease, booksOn } from '../support/books.ts'
import { databaseHere } from '../support/database.ts'

const source = readFileSync(new URL('../../src/rack/create-operations.ts', import.meta.url), 'utf8')
/** One line each: `name: async (caller, input) => …`. */
const operations = [...source.matchAll(/^ {4}(\w+): (?:async )?\((caller[^)]*)\) => (.*),$/gm)].map(([, name = '', , body = '']) => ({ name, body }))

describe('every operation', () => {
  it.each(operations)('$name runs with the role that its caller has there', ({ body }) => {
    expect(body).toMatch(/^(\w+\(rack, |requireRight\()await here\(caller, (input|ask|\{ app \}|\{\})\)/)
  })

  it.each(operations.filter(({ body }) => body.endsWith(', input)')))('$name says what it is about', ({ body }) => {
    expect(body).toContain('await here(caller, input)')
  })

  it('is one that this test has read', () => {
    expect(operations.length).toBeGreaterThan(40)
    expect(source.match(/\bcaller\b(?=[,)])/g)?.length).toBe(2 * operations.length + 1)
  })
})

describe('the caller of an operation', () => {
  const database = databaseHere()

  /** A viewer everywhere, with a role of their own for one app. */
  const caller = (app: string): Caller => ({
    actor: { id: 'U0ANA', name: 'ana', role: 'viewer', at: (rack, of) => ({ role: rack === 'prod' && of === app ? 'approver' : 'viewer', unread: [] }) },
  })

  it('has the role of the app that is named, in any case', async () => {
    const rack = booksOn(database.db, 'prod', { roles: new Map(), groups: new Map() })
    const roles = await Promise.all([{ app: 'shop' }, { app: 'SHOP' }, { app: 'mail' }, { app: null }, {}].map(async (about) => (await callerHere(rack, caller('shop'), about)).actor.role))
    expect(roles).toEqual(['approver', 'approver', 'viewer', 'viewer', 'viewer'])
  })

  it('has the role of the app a promotion is of, whatever app is named beside it', async () => {
    const rack = booksOn(database.db, 'prod', { roles: new Map(), groups: new Map() })
    const { app, release } = await appWithRelease(rack)
    const { id } = await promote(rack, actingAs('U0BO'), { app, release, deadlineSeconds: null, confirmed: [] })
    const roleFor = async (about: Parameters<typeof callerHere>[2]): Promise<string> => (await callerHere(rack, caller('other'), about)).actor.role
    expect([await roleFor({ promotion: id, app: 'other' }), await roleFor({ promotion: id.toLowerCase(), app: 'other' }), await roleFor({ app: 'other' })]).toEqual(['viewer', 'viewer', 'approver'])
  })

  it('has the role of the app a freeze is of, and that of the rack for one of every app', async () => {
    const rack = booksOn(database.db, 'prod', { roles: new Map(), groups: new Map() })
    const { app } = await appWithRelease(rack)
    const window = { cron: '0 18 * * 5', seconds: 3600, zone: 'UTC', reason: 'weekend' }
    const [own, every] = [await addFreeze(rack, actingAs('U0BO', 'admin'), { app, ...window }), await addFreeze(rack, actingAs('U0BO', 'admin'), { app: null, ...window })]
    const roleFor = async (freeze: string): Promise<string> => (await callerHere(rack, caller(app), { freeze })).actor.role
    expect([await roleFor(own.id), await roleFor(own.id.toLowerCase()), await roleFor(every.id), await roleFor('FNONE')]).toEqual(['approver', 'approver', 'viewer', 'viewer'])
  })

  it('is left as it is where there are no roles of places', async () => {
    const rack = booksOn(database.db, 'prod', { roles: new Map(), groups: new Map() })
    const plain = actingAs('U0BO', 'deployer')
    expect(await callerHere(rack, plain, { app: 'shop' })).toBe(plain)
  })
})
