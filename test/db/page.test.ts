import { beforeAll, describe, expect, it } from 'vitest'
import { insertApp, pageOfApps } from '../../src/db/apps.ts'
import { insertBuild, pageOfBuilds } from '../../src/db/builds.ts'
import type { Db } from '../../src/db/client.ts'
import { readPage, type PageAsk, type Paged, type Walk } from '../../src/db/page.ts'
import { insertPromotion, pageOfPromotions } from '../../src/db/promotions.ts'
import { insertRelease, pageOfReleases, totalsOfReleases } from '../../src/db/releases.ts'
import { databaseHere } from '../support/database.ts'

describe('readPage', () => {
  const list = ['f', 'e', 'd', 'c', 'b', 'a']
  const read = (walk: Walk, limit: number): Promise<string[]> => {
    const at = walk.from === null ? -1 : list.indexOf(walk.from)
    return Promise.resolve(walk.way === 'down' ? list.slice(at + 1, at + 1 + limit) : list.slice(0, at).toReversed().slice(0, limit))
  }
  it.each<[PageAsk, Paged<string>]>([
    [{ limit: 2 }, { rows: ['f', 'e'], after: 'e', before: null }],
    [{ limit: 2, after: 'e' }, { rows: ['d', 'c'], after: 'c', before: 'd' }],
    [{ limit: 2, after: 'c' }, { rows: ['b', 'a'], after: null, before: 'b' }],
    [{ limit: 2, before: 'b' }, { rows: ['d', 'c'], after: 'c', before: 'd' }],
    [{ limit: 2, before: 'd' }, { rows: ['f', 'e'], after: 'e', before: null }],
    [{ limit: 6 }, { rows: list, after: null, before: null }],
    [{ limit: 2, after: 'a' }, { rows: [], after: null, before: null }],
    [{ limit: 2, before: 'f' }, { rows: [], after: null, before: null }],
  ])('gives %j the rows and the keys of its edges', async (ask, page) => {
    expect(await readPage(ask, read, (row) => row)).toEqual(page)
  })
})

const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const idOf = (prefix: string, index: number): string => `${prefix}AAAAAAAA${capitals[Math.floor(index / 26)]}${capitals[index % 26]}`

/** The lists of one app; `add` appends a row and tells its key. */
const lists: readonly (readonly [name: string, page: (db: Db, ask: PageAsk) => Promise<Paged<string>>, add: (db: Db, index: number) => Promise<string>])[] = [
  ['releases', async (db, ask) => {
    const page = await pageOfReleases(db, 'prod', 'shop', ask)
    return { ...page, rows: page.rows.map(({ id }) => id) }
  }, async (db, index) => (await insertRelease(db, { id: idOf('R', index), rack: 'prod', app: 'shop', env: '', description: '', origin: 'env', createdBy: 'U1' })).id],
  ['builds', async (db, ask) => {
    const page = await pageOfBuilds(db, 'prod', 'shop', ask)
    return { ...page, rows: page.rows.map(({ id }) => id) }
  }, async (db, index) => {
    // Several of one millisecond: the id settles their order.
    const createdAt = new Date(Date.UTC(2026, 0, 1) + Math.floor(index / 3))
    await insertBuild(db, { id: idOf('B', index), rack: 'prod', app: 'shop', description: '', manifest: '', images: {}, createdBy: 'U1', startedAt: createdAt, createdAt })
    return idOf('B', index)
  }],
  ['promotions', async (db, ask) => {
    const page = await pageOfPromotions(db, 'prod', 'shop', ask)
    return { ...page, rows: page.rows.map(({ id }) => id) }
  }, async (db, index) => {
    const { id } = await insertPromotion(db, {
      id: idOf('P', index), rack: 'prod', app: 'shop', kind: 'promote', status: 'awaiting_approval', releaseId: idOf('R', 0), requester: 'U1', approvalsNeeded: 1, approvers: [],
      digest: '', digestKeyId: 'k1', digestParts: {}, deadlineSeconds: 600, stabilitySeconds: 30, change: {}, warnings: [],
    })
    return id
  }],
]

describe('a page of the database', () => {
  const database = databaseHere()
  beforeAll(async () => {
    for (const name of ['shop', 'mail', 'api', 'web', 'jobs']) await insertApp(database.db, { rack: 'prod', name, namespace: `prod-${name}`, createdBy: 'U1' })
    await insertApp(database.db, { rack: 'other', name: 'lone', namespace: 'other-lone', createdBy: 'U1' })
  })

  it.each(lists)('of %s has no row twice and none too few while new ones come in', async (_name, page, add) => {
    const { db } = database
    const all: string[] = []
    for (let index = 0; index < 25; index += 1) all.unshift(await add(db, index))
    const seen: string[] = []
    let key: string | null = null
    let added = 25
    do {
      const { rows, after }: Paged<string> = await page(db, { limit: 10, ...(key === null ? {} : { after: key }) })
      seen.push(...rows)
      key = after
      for (let time = 0; time < 3; time += 1) all.unshift(await add(db, added++))
    } while (key !== null)
    expect(seen).toEqual(all.slice(-25))
    // And back up to what has come meanwhile.
    const back: string[] = []
    let edge: string | null = seen.at(-1) ?? null
    while (edge !== null) {
      const { rows, before }: Paged<string> = await page(db, { limit: 10, before: edge })
      back.unshift(...rows)
      edge = before
    }
    expect(back).toEqual(all.slice(0, -1))
  })

  it('of apps goes by name, on one rack', async () => {
    const first = await pageOfApps(database.db, 'prod', { limit: 2 })
    expect([first.rows.map(({ name }) => name), first.before]).toEqual([['api', 'jobs'], null])
    const next = await pageOfApps(database.db, 'prod', { limit: 2, after: 'jobs' })
    expect(next.rows.map(({ name }) => name)).toEqual(['mail', 'shop'])
    expect((await pageOfApps(database.db, 'prod', { limit: 2, before: 'mail' })).rows).toEqual(first.rows)
  })

  it('counts releases no further than it is told', async () => {
    const totals = (most: number, above: number | null) => totalsOfReleases(database.db, 'prod', 'shop', most, above)
    expect(await totals(10, null)).toMatchObject({ total: 10, above: 0 })
    expect((await totals(1_000, null)).total).toBeGreaterThan(25)
    const [newest] = (await pageOfReleases(database.db, 'prod', 'shop', { limit: 3 })).rows.slice(2)
    expect((await totals(1_000, newest?.seq ?? null)).above).toBe(2)
    expect((await totals(1, newest?.seq ?? null)).above).toBe(1)
  })
})
