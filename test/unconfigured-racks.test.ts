import { sql } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { insertApp, markDeleting } from '../src/db/apps.ts'
import { promote } from '../src/rack/promote.ts'
import { unconfiguredRacks } from '../src/unconfigured-racks.ts'
import { actingAs, appWithRelease, booksOn } from './support/books.ts'
import { databaseHere } from './support/database.ts'
import { startTestWorld } from './support/world.ts'

describe('racks that the database has and the settings do not', () => {
  const database = databaseHere()
  const app = (rack: string, name: string) => insertApp(database.db, { rack, name, namespace: `${rack}-${name}`, createdBy: 'U0ANA' })
  const line = (what: string, rack: string): string =>
    `the database has ${what} on rack ${rack}, which is not configured: nobody looks after them. Give a rack of CONFIG_FILE this name (docs/config-file.md), or set RACK=${rack}`

  beforeEach(() => database.db.execute(sql`truncate apps, builds, releases, promotions cascade`))

  it('are named with how many apps and open promotions they have', async () => {
    await app('prod', 'mail')
    await app('convox', 'mail')
    const convox = booksOn(database.db, 'convox', { roles: new Map(), groups: new Map() })
    const { app: shop, release } = await appWithRelease(convox)
    await promote(convox, actingAs('U0ANA'), { app: shop, release, deadlineSeconds: null, confirmed: [] })
    expect(await unconfiguredRacks(database.db, ['convox', 'prod'])).toEqual([])
    expect(await unconfiguredRacks(database.db, ['prod'])).toEqual([line('2 apps and 1 open promotion', 'convox')])
    expect(await unconfiguredRacks(database.db, ['convox-eu'])).toEqual([line('2 apps and 1 open promotion', 'convox'), line('1 app', 'prod')])
    await markDeleting(database.db, 'convox', 'mail')
    await markDeleting(database.db, 'convox', shop)
    expect(await unconfiguredRacks(database.db, ['prod'])).toEqual([line('1 open promotion', 'convox')])
  })

  it('are not, when all that is left there is being deleted', async () => {
    await app('convox', 'mail')
    await markDeleting(database.db, 'convox', 'mail')
    expect(await unconfiguredRacks(database.db, ['prod'])).toEqual([])
  })

  it('are said by the log at start, and by readiness, which stays', async () => {
    const world = await startTestWorld()
    try {
      const readyz = async () => {
        const answer = await fetch(`http://127.0.0.1:${world.slipway().port}/readyz`)
        return { status: answer.status, text: await answer.text() }
      }
      const { db, name } = world.slipway().rack
      await insertApp(db, { rack: name, name: 'shop', namespace: `${name}-shop`, createdBy: 'U0ANA' })
      await world.stop()
      await world.start()
      expect([world.logged(), (await readyz()).text].join('\n')).not.toContain('not configured')
      await world.stop()
      await world.start({ RACK: 'other' })
      const said = line('1 app', name)
      expect(world.logged().split('\n').filter((one) => one.includes(said) && one.includes('"level":40'))).toHaveLength(1)
      await expect.poll(async () => (await readyz()).status, { timeout: 60_000 }).toBe(200)
      expect((await readyz()).text).toContain(`note: database: ${said}\n`)
    } finally {
      await world.close()
    }
  }, 120_000)
})
