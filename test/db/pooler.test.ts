import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openPostgres, PoolerError } from '../../src/db/client.ts'
import { installation } from '../../src/db/schema.ts'
import { freshDatabase } from '../support/database.ts'
import { openPooler } from '../support/pooler.ts'

describe('a database behind a pooler', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>
  const closing: (() => Promise<void>)[] = []
  beforeEach(async () => {
    fresh = await freshDatabase()
    closing.push(fresh.drop)
  })
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })
  const pooled = async (mode: 'session' | 'transaction'): Promise<{ url: string; asked: ReadonlySet<string> }> => {
    const url = new URL(fresh.url)
    const pooler = await openPooler(Number(url.port), mode)
    closing.push(pooler.close)
    url.port = String(pooler.port)
    return { url: url.toString(), asked: pooler.asked }
  }

  it('in session mode is used as one without, and keeps the limit of a transaction', async () => {
    const { url, asked } = await pooled('session')
    const database = await openPostgres(url, { max: 3 })
    closing.push(() => database.close())
    const twin = await fresh.open()
    closing.push(() => twin.close())
    expect(await database.holdInstance('a')).toBe(true)
    expect(await twin.holdInstance('a')).toBe(false)
    const limit = sql`select current_setting('idle_in_transaction_session_timeout') as limit`
    const inside = await database.db.transaction(async (tx) => {
      await tx.insert(installation).values({ id: 'kept', schemaMajor: 1 })
      return tx.execute(limit)
    })
    expect(inside).toMatchObject([{ limit: '8s' }])
    expect(await database.db.select({ id: installation.id }).from(installation)).toEqual([{ id: 'kept' }])
    expect([...asked].sort()).toEqual(['application_name', 'client_encoding', 'database', 'user'])
  })

  it('in transaction mode is refused, although nobody else takes a server between two statements', async () => {
    const { url } = await pooled('transaction')
    for (let time = 0; time < 2; time += 1) {
      const opened = openPostgres(url, { max: 3 }).then((database) => closing.push(() => database.close()))
      await expect(opened).rejects.toThrow(PoolerError)
    }
  })
})
