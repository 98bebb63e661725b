import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appStandings } from '../../src/db/app-standings.ts'
import { insertApp } from '../../src/db/apps.ts'
import { openEmbedded, type Database } from '../../src/db/client.ts'
import { insertLock } from '../../src/db/locks.ts'
import { insertPromotion, setGoodRelease } from '../../src/db/promotions.ts'
import { insertRelease } from '../../src/db/releases.ts'
import type { PromotionStatus } from '../../src/db/words.ts'
import { freshDatabase } from '../support/database.ts'

const at = new Date('2026-11-24T14:00:00Z')
const open: readonly PromotionStatus[] = ['awaiting_approval', 'queued', 'rolling_out', 'rolling_back']
const letters = (index: number): string => `${'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[Math.floor(index / 26)]}${'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[index % 26]}`

const standings = (openDatabase: () => Promise<{ database: Database; close: () => Promise<void> }>): void => {
  let database: Database
  let close: () => Promise<void>
  beforeAll(async () => {
    ({ database, close } = await openDatabase())
    const { db } = database
    let index = 0
    const promote = async (app: string, status: PromotionStatus): Promise<string> => {
      const id = `PAAAAAAAA${letters(index)}`
      index += 1
      await insertPromotion(db, {
        id, rack: 'prod', app, kind: 'promote', status, releaseId: `R${app.toUpperCase().padEnd(10, 'A')}`, requester: 'U1', approvalsNeeded: 0, approvers: [], digest: '', digestKeyId: 'k1', digestParts: {},
        deadlineSeconds: 600, stabilitySeconds: 30, change: {}, warnings: [], startedAt: at, ...(open.includes(status) ? {} : { finishedAt: at }),
      })
      return id
    }
    for (const app of ['fresh', 'busy', 'broken', 'good']) {
      await insertApp(db, { rack: 'prod', name: app, namespace: `prod-${app}`, createdBy: 'U1' })
      await insertRelease(db, { id: `R${app.toUpperCase().padEnd(10, 'A')}`, rack: 'prod', app, env: '', description: '', origin: 'env', createdBy: 'U1' })
    }
    await promote('busy', 'succeeded')
    await promote('busy', 'rolling_out')
    // However many wait behind it.
    for (let time = 0; time < 25; time += 1) await promote('busy', 'awaiting_approval')
    await promote('broken', 'rolled_back')
    await promote('broken', 'rollback_failed')
    await promote('broken', 'rejected')
    const proof = await promote('good', 'succeeded')
    await setGoodRelease(db, { rack: 'prod', app: 'good', releaseId: 'RGOODAAAAAA', promotionId: proof, verifiedAt: at })
    await insertLock(db, { rack: 'prod', app: 'good', owner: 'U2', reason: 'why', since: at, until: null })
  })
  afterAll(() => close())

  it('tells of each app what moves, what ended last, what is active and who locked it', async () => {
    const rows = await appStandings(database.db, 'prod', ['good', 'fresh', 'busy', 'broken'])
    expect(rows.map(({ app, moving, ended, active, lock }) => [app, moving?.status ?? null, ended?.status ?? null, active, lock?.owner ?? null])).toEqual([
      ['broken', null, 'rollback_failed', null, null],
      ['busy', 'rolling_out', 'succeeded', null, null],
      ['fresh', null, null, null, null],
      ['good', null, 'succeeded', 'RGOODAAAAAA', 'U2'],
    ])
  })

  it('leaves out what was not asked for, and other racks', async () => {
    expect((await appStandings(database.db, 'prod', ['fresh', 'nosuch'])).map(({ app }) => app)).toEqual(['fresh'])
    expect(await appStandings(database.db, 'staging', ['fresh'])).toEqual([])
    expect(await appStandings(database.db, 'prod', [])).toEqual([])
  })
}

describe('where apps stand, on PostgreSQL', () => standings(async () => {
  const fresh = await freshDatabase()
  const database = await fresh.open()
  return {
    database,
    close: async () => {
      await database.close()
      await fresh.drop()
    },
  }
}))

describe('where apps stand, in the embedded database', () => standings(async () => {
  const database = await openEmbedded(null)
  return { database, close: () => database.close() }
}))
