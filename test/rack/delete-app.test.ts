import { and, eq, lte, sql } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { findApp } from '../../src/db/apps.ts'
import { insertConversation } from '../../src/db/conversations.ts'
import { findPromotion, insertPromotion } from '../../src/db/promotions.ts'
import { conversations } from '../../src/db/schema.ts'
import { ClusterRefusal, ClusterUnreachable } from '../../src/rack/cluster/cluster-error.ts'
import { appsOfChannel } from '../../src/rack/apps.ts'
import type { AppRack } from '../../src/rack/context.ts'
import { createApp } from '../../src/rack/create-app.ts'
import { deleteApp, finishDeletions } from '../../src/rack/delete-app.ts'
import { newId } from '../../src/rack/ids.ts'
import { actingAs, booksOn, releaseOf } from '../support/books.ts'
import { databaseHere } from '../support/database.ts'
import { createNamespaces, type Namespaces } from '../support/namespaces.ts'

const admin = actingAs('U0BO', 'admin')

describe('an app that is deleted', () => {
  const here = databaseHere()
  let cluster: Namespaces
  let rack: AppRack
  let apps = 0

  beforeEach(() => {
    cluster = createNamespaces()
    rack = { ...booksOn(here.db, 'prod', { roles: new Map(), groups: new Map() }), objects: cluster.objects, whoAmI: () => Promise.resolve(null) }
  })

  const newApp = async (): Promise<string> => {
    apps += 1
    const app = `shop-${apps}`
    await createApp(rack, admin, { app, channel: `C0${apps}` })
    return app
  }
  /** A promotion of it that was cancelled, with its card and thread as `conversation` (SQL) says. */
  const cancelled = async (app: string, conversation: string): Promise<string> => {
    const id = newId('P')
    await insertPromotion(rack.db, {
      id, rack: rack.name, app, kind: 'promote', status: 'cancelled', releaseId: await releaseOf(rack, app), requester: 'U1', approvalsNeeded: 0, approvers: [], digest: 'd', digestKeyId: 'a', digestParts: {},
      deadlineSeconds: 600, stabilitySeconds: 30, change: {}, warnings: [], finishedAt: new Date(),
    })
    await insertConversation(rack.db, id, 'C1')
    await rack.db.execute(sql`update conversations set ${sql.raw(conversation)} where promotion_id = ${id}`)
    return id
  }
  const buttonsDue = async (id: string): Promise<boolean> => (await rack.db.select().from(conversations).where(and(eq(conversations.promotionId, id), lte(conversations.buttonsUntil, sql`now()`)))).length === 1
  const remove = (app: string) => deleteApp(rack, admin, { app, confirm: app })
  const isThere = async (app: string): Promise<boolean> => await findApp(rack.db, rack.name, app) !== undefined

  it('is gone at once where everything is said', async () => {
    const app = await newApp()
    const id = await cancelled(app, 'dirty = false')
    await remove(app)
    expect([await isThere(app), await findPromotion(rack.db, id), cluster.names()]).toEqual([false, undefined, []])
  })

  it.each<[what: string, conversation: string]>([
    ['its last word is not said', 'dirty = true'],
    ['its last word has buttons', "dirty = false, buttons_until = now() + interval '20 hours'"],
    ['the buttons of its last word are about to go', "dirty = false, buttons_until = now() - interval '1 second'"],
  ])('is kept in the database, while its namespace goes, as long as %s', async (_what, conversation) => {
    const app = await newApp()
    const id = await cancelled(app, conversation)
    await remove(app)
    expect([cluster.names(), await isThere(app), (await findPromotion(rack.db, id))?.status]).toEqual([[], true, 'cancelled'])
    expect(await appsOfChannel(rack, `C0${apps}`)).toEqual([])
    await finishDeletions(rack)
    expect(await isThere(app)).toBe(true)
    await rack.db.execute(sql`update conversations set dirty = false, buttons_until = null where promotion_id = ${id}`)
    await finishDeletions(rack)
    expect([await isThere(app), await findPromotion(rack.db, id)]).toEqual([false, undefined])
  })

  it('takes the buttons of its last words, also of one that was being said when it was deleted', async () => {
    const app = await newApp()
    const [early, late] = [await cancelled(app, "dirty = false, buttons_until = now() + interval '20 hours'"), await cancelled(app, 'dirty = true')]
    await remove(app)
    expect([await buttonsDue(early), await buttonsDue(late)]).toEqual([true, false])
    await rack.db.execute(sql`update conversations set dirty = false, buttons_until = now() + interval '24 hours' where promotion_id = ${late}`)
    await finishDeletions(rack)
    expect(await buttonsDue(late)).toBe(true)
  })

  it('is gone after a day, whatever could not be said', async () => {
    const app = await newApp()
    await cancelled(app, 'dirty = true')
    await remove(app)
    await rack.db.execute(sql`update apps set deleting_at = now() - interval '25 hours' where name = ${app}`)
    await finishDeletions(rack)
    expect(await isThere(app)).toBe(false)
  })

  it.each<[what: string, failure: Error, trouble: unknown]>([
    ['does not answer', new ClusterUnreachable('GET namespace', new Error('ECONNREFUSED')), { code: 'cluster_unreachable', since: null }],
    ['says no', new ClusterRefusal(403, 'Forbidden', 'not yours'), { code: 'cluster_refused', object: expect.stringMatching(/^namespace prod-shop-/), message: 'not yours' }],
  ])('is being deleted from the moment it was asked for, and a new one waits, also where the cluster %s', async (_what, failure, trouble) => {
    const app = await newApp()
    cluster.fail(failure)
    expect(await remove(app)).toEqual({ namespace: `prod-${app}`, trouble })
    cluster.fail(null)
    await expect(createApp(rack, admin, { app, channel: null })).rejects.toMatchObject({ refusal: { code: 'app_deleting', app } })
    expect([await isThere(app), cluster.names()]).toEqual([true, [`prod-${app}`]])
    await finishDeletions(rack)
    expect([await isThere(app), cluster.names()]).toEqual([false, []])
    await createApp(rack, admin, { app, channel: null })
    expect((await findApp(rack.db, rack.name, app))?.deletingAt).toBeNull()
  })

  it('is not taken up again by a new one where it was never finished', async () => {
    const app = await newApp()
    await rack.db.execute(sql`update apps set namespace_uid = null, deleting_at = now() where name = ${app}`)
    await expect(createApp(rack, admin, { app, channel: null })).rejects.toMatchObject({ refusal: { code: 'app_deleting', app } })
    expect(await isThere(app)).toBe(true)
  })

  it('fails with what is no trouble of the cluster', async () => {
    const app = await newApp()
    cluster.fail(new Error('ours'))
    await expect(remove(app)).rejects.toThrow('ours')
  })
})
