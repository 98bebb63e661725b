import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api'
import { eq } from 'drizzle-orm'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAnnouncer, type Announcer, type AnnouncerParts } from '../../../src/bot/delivery/announcer.ts'
import { createSlackCalls } from '../../../src/bot/delivery/slack-calls.ts'
import { createSlackClients } from '../../../src/bot/slack-clients.ts'
import { forgetAppAnnouncements } from '../../../src/db/app-announcements.ts'
import type { Database } from '../../../src/db/client.ts'
import { appAnnouncements } from '../../../src/db/schema.ts'
import { createAnnouncementStore, type AnnouncementStore, type ToSay } from '../../../src/rack/app-announcements.ts'
import { setAppParams } from '../../../src/rack/app-params.ts'
import type { Books } from '../../../src/rack/context.ts'
import { addFreeze } from '../../../src/rack/freeze.ts'
import { lockTheApp, takeLock, unlockTheApp } from '../../../src/rack/lock.ts'
import type { SimulatedSlack } from '../../../sandbox/slack/start.ts'
import { actingAs, appWithRelease, booksOn } from '../../support/books.ts'
import { freshDatabase } from '../../support/database.ts'
import { startWorkspace, tokens } from './support/workspace.ts'

const [ana, bo] = [actingAs('U1ANA'), actingAs('U2BO', 'admin')]

describe('what is said of an app', () => {
  let databases: readonly [Database, Database]
  let drop: () => Promise<void>
  let rack: Books
  let slack: SimulatedSlack
  let announcers: Announcer[] = []

  beforeAll(async () => {
    const fresh = await freshDatabase()
    databases = [await fresh.open(), await fresh.open()]
    drop = fresh.drop
    rack = booksOn(databases[0].db, 'prod', { roles: new Map(), groups: new Map() })
  })
  afterAll(async () => {
    for (const database of databases) await database.close()
    await drop()
  })
  beforeEach(async () => {
    slack = await startWorkspace({ limits: { posting: { perMinute: 6_000, burst: 100 } } })
  })
  afterEach(async () => {
    await Promise.all(announcers.map((announcer) => announcer.stop()))
    announcers = []
    await slack.close()
  })

  const go = (of: Database = databases[0], instance = 'one'): void => {
    const clients = createSlackClients({ botToken: tokens.botToken, slackApiUrl: slack.apiUrl }, pino({ level: 'silent' }))
    const announcer = createAnnouncer({
      stores: [createAnnouncementStore({ ...rack, db: of.db, instance })], calls: createSlackCalls(clients), mayPost: () => Promise.resolve(0), pause: () => Promise.resolve(),
      names: () => Promise.resolve({ U1ANA: 'ana', U2BO: 'bo' }), admins: () => Promise.resolve(['U2BO']), isShared: (channel) => Promise.resolve(slack.workspace.channel(channel)?.shared === true), botId: () => 'BCONVOX01', log: pino({ level: 'silent' }), timings: { poll: 50, look: 60, backoff: 1_000, backoffMost: 30_000 },
    })
    announcers.push(announcer)
    announcer.start()
  }
  const newApp = async (channel: string): Promise<string> => {
    const { app } = await appWithRelease(rack)
    await setAppParams(rack, bo, { app, params: [['channel', channel]] })
    return app
  }
  const said = (channel: string): string[] => slack.messages(channel).map(({ text }) => text)
  const states = async (app: string): Promise<string[]> =>
    (await databases[0].db.query.appAnnouncements.findMany({ where: (row, { eq }) => eq(row.app, app), orderBy: (row, { asc }) => asc(row.id) })).map(({ state }) => state)
  const settled = (app: string): Promise<unknown> =>
    slack.until(async () => ((await states(app)).every((state) => state === 'sent' || state === 'dead') ? true : undefined), 20_000)
  const lockTwice = async (app: string): Promise<void> => {
    await lockTheApp(rack, ana, { app, reason: 'first', seconds: null })
    await lockTheApp(rack, ana, { app, reason: 'second', seconds: null })
    await unlockTheApp(rack, ana, { app })
  }

  it('is said once and in order, also by two replicas', async () => {
    const app = await newApp('C1REL')
    await lockTwice(app)
    go()
    go(databases[1], 'two')
    await settled(app)
    expect(said('C1REL')).toEqual([
      `Locked: ${app} by ana, no end set: "first". Promotions of others wait.`, `Locked anew: ${app} by ana, no end set: "second". Promotions of others wait.`,
      `Unlocked: ${app} by ana. What waited for the lock goes on.`,
    ])
  })

  it.each(['storeThenDrop', 'drop'] as const)('is found again, or said again, when the answer is lost: %s', async (how) => {
    const app = await newApp('C1REL')
    slack.fail('chat.postMessage', { [how]: true })
    await lockTwice(app)
    go()
    await settled(app)
    expect(said('C1REL')).toHaveLength(3)
    expect(new Set(said('C1REL')).size).toBe(3)
  })

  it.each([{ status: 429, retryAfter: 1 }, { status: 500, times: 2 }, { error: 'internal_error' }])('goes on after %o', async (failure) => {
    const app = await newApp('C1REL')
    slack.fail('chat.postMessage', failure)
    await lockTwice(app)
    go()
    await settled(app)
    expect(said('C1REL').map((text) => text.split(':')[0])).toEqual(['Locked', 'Locked anew', 'Unlocked'])
  })

  it('is said as plain text where Slack does not take its blocks', async () => {
    const app = await newApp('C1REL')
    await lockTheApp(rack, ana, { app, reason: 'x', seconds: null })
    slack.fail('chat.postMessage', { error: 'invalid_blocks' })
    go()
    await settled(app)
    expect(await states(app)).toEqual(['sent'])
    expect(slack.messages('C1REL')).toMatchObject([{ text: `Locked: ${app} by ana, no end set: "x". Promotions of others wait.` }])
    expect(slack.messages('C1REL')[0]?.blocks ?? []).toEqual([])
  })

  it('is found again where the process died between the post and its receipt, and forgotten after a month', async () => {
    const { db } = databases[0]
    const app = await newApp('C1REL')
    await lockTheApp(rack, ana, { app, reason: 'x', seconds: null })
    go()
    await settled(app)
    await Promise.all(announcers.splice(0).map((announcer) => announcer.stop()))
    await db.update(appAnnouncements).set({ state: 'sending', ts: null, leaseOwner: 'one', leaseUntil: new Date(Date.now() - 1_000) }).where(eq(appAnnouncements.app, app))
    go(databases[1], 'two')
    await settled(app)
    expect(said('C1REL')).toHaveLength(1)
    await forgetAppAnnouncements(db)
    expect(await states(app)).toEqual(['sent'])
    await db.update(appAnnouncements).set({ createdAt: new Date(Date.now() - 31 * 24 * 3_600_000) }).where(eq(appAnnouncements.app, app))
    await forgetAppAnnouncements(db)
    expect(await states(app)).toEqual([])
  })

  it('is put off for a minute at most, and not for as long as the clock of the database was set back', async () => {
    const { db } = databases[0]
    const app = await newApp('C1REL')
    await lockTheApp(rack, ana, { app, reason: 'x', seconds: null })
    const store = createAnnouncementStore({ ...rack, db, instance: 'one' })
    const claim = async (): Promise<readonly ToSay[]> => (await store.claim(50)).filter((said) => said.app === app)
    const later = async (seconds: number): Promise<void> => {
      for (const said of await claim()) await store.later(said, seconds)
    }
    await later(600)
    expect(await claim()).toEqual([])
    await db.update(appAnnouncements).set({ notBefore: new Date(Date.now() + 600_000) }).where(eq(appAnnouncements.app, app))
    const [said] = await claim()
    expect(said).toMatchObject({ app, state: 'pending' })
    if (said !== undefined) await store.dead(said, 'the test is over')
  })

  it('is said in a public channel that the bot is not in: it joins', async () => {
    const app = await newApp('C2OPS')
    await lockTheApp(rack, ana, { app, reason: 'x', seconds: null })
    go()
    await settled(app)
    expect(said('C2OPS')).toHaveLength(1)
  })

  it('reaches whoever did it, or lost the lock, where the channel takes nothing, and keeps nobody waiting', async () => {
    const app = await newApp('C3SECRET')
    await lockTheApp(rack, ana, { app, reason: 'x', seconds: null })
    await takeLock(rack, bo, { app, from: 'U1ANA' })
    await addFreeze(rack, bo, { app, cron: '0 0 * * *', seconds: 3600, zone: 'UTC', reason: 'night' })
    go()
    await settled(app)
    expect(await states(app)).toEqual(['dead', 'dead', 'dead'])
    const direct = (person: string) => slack.workspace.channels().filter(({ im }) => im === person).map(({ id }) => slack.seenBy(person, id)).join('\n')
    expect(direct('U1ANA')).toContain(`Locked: ${app} by ana, no end set: "x". Promotions of others wait.`)
    expect(direct('U1ANA')).toMatch(/bo has the lock of @ana now/)
    expect(direct('U1ANA').split("I'm not in #secret, so this was not said there. Type /invite @convox there.")).toHaveLength(3)
    expect(direct('U2BO')).toMatch(new RegExp(`Frozen: ${app} "night" by bo`))
    expect(direct('U2BO')).not.toContain('Locked:')
  })

  it('reaches an admin where whoever did it cannot be written to, with the reason and what to do', async () => {
    const app = await newApp('C1REL')
    slack.setChannel('C1REL', { archived: true })
    slack.misbehave(({ method, args }) => (method === 'conversations.open' && args['users'] === 'U1ANA' ? { error: 'user_disabled' } : undefined))
    await lockTheApp(rack, ana, { app, reason: 'x', seconds: null })
    go()
    await settled(app)
    expect(await states(app)).toEqual(['dead'])
    const told = slack.workspace.channels().filter(({ im }) => im === 'U2BO').map(({ id }) => slack.seenBy('U2BO', id)).join('\n')
    expect(told).toContain(`I can't post in #releases (archived), so this was not said there. Another channel: /convox apps params set channel=#x -a ${app}`)
    expect(told.split('Locked:')).toHaveLength(2)
  })

  it('is not said in a channel shared with another company, and said there again once it is ours alone', async () => {
    const app = await newApp('C1REL')
    slack.setChannel('C1REL', { shared: true })
    await lockTheApp(rack, ana, { app, reason: 'x', seconds: null })
    go()
    await settled(app)
    expect(said('C1REL')).toEqual([])
    const told = slack.workspace.channels().filter(({ im }) => im === 'U1ANA').map(({ id }) => slack.seenBy('U1ANA', id)).join('\n')
    expect(told).toContain("I can't post in #releases (shared with another company), so this was not said there.")
    slack.setChannel('C1REL', { shared: false })
    await unlockTheApp(rack, ana, { app })
    await settled(app)
    expect([await states(app), said('C1REL').map((text) => text.split(':')[0])]).toEqual([['dead', 'sent'], ['Unlocked']])
  })

  it('is told to one person once, though the answer to telling it is lost', async () => {
    const app = await newApp('C1REL')
    slack.setChannel('C1REL', { archived: true })
    let lost = 0
    slack.misbehave(({ method, args }) => (method === 'chat.postMessage' && args['channel'] !== 'C1REL' && lost++ === 0 ? { storeThenDrop: true } : undefined))
    await lockTheApp(rack, ana, { app, reason: 'x', seconds: null })
    go()
    await settled(app)
    const told = slack.workspace.channels().filter(({ im }) => im).flatMap(({ id }) => slack.messages(id))
    expect([lost, told.length]).toEqual([1, 1])
  })

  it('notifies nobody but whose lock was taken over', async () => {
    const app = await newApp('C1REL')
    await lockTheApp(rack, ana, { app, reason: '<!channel> <@U3CY> ', seconds: null })
    await takeLock(rack, bo, { app, from: 'U1ANA' })
    await addFreeze(rack, bo, { app, cron: '0 0 * * *', seconds: 3600, zone: 'UTC', reason: '<!here>' })
    go()
    await settled(app)
    expect(said('C1REL')).toHaveLength(3)
    expect(slack.messages('C1REL').map(({ blocks }) => [...JSON.stringify(blocks).matchAll(/<[@!](?!date)[^>]+>/g)].map(([found]) => found))).toEqual([[], ['<@U1ANA>'], []])
  })

  it('is nobody’s to hear where an app has no channel, and said once where two apps share one', async () => {
    const { app } = await appWithRelease(rack)
    await lockTheApp(rack, ana, { app, reason: 'x', seconds: null })
    expect(await states(app)).toEqual([])
    const shared = [await newApp('C1REL'), await newApp('C1REL')]
    const known = new Set((await databases[0].db.query.appAnnouncements.findMany()).map(({ id }) => id))
    await addFreeze(rack, bo, { app: null, cron: '0 0 * * *', seconds: 3600, zone: 'UTC', reason: 'all' })
    const added = (await databases[0].db.query.appAnnouncements.findMany()).filter(({ id }) => !known.has(id))
    expect(added.filter(({ channel }) => channel === 'C1REL')).toHaveLength(1)
    expect(shared).toHaveLength(2)
  })
})

describe('one announcement in trouble', () => {
  const running: Announcer[] = []
  afterEach(async () => void await Promise.all(running.splice(0).map((announcer) => announcer.stop())))

  interface Row { said: ToSay; state: string; leased: boolean; waits: number[] }
  type Calls = AnnouncerParts['calls']

  /** Slack and database as tables; every row that is put back comes again at once. */
  const start = (rows: readonly Partial<ToSay>[], change: { calls?: Partial<Calls>; parts?: Partial<AnnouncerParts>; store?: Partial<AnnouncementStore> } = {}) => {
    const kept = new Map<number, Row>()
    const add = (row: Partial<ToSay>): void => {
      const id = kept.size + 1
      const said: ToSay = {
        id, epoch: 1, rack: 'prod', severalRacks: false, app: 'shop', channel: `C${id}`, state: 'pending', attempts: 0, tried: null, looks: 0, createdAt: new Date(),
        told: { kind: 'unlocked', by: 'U1ANA' }, ...row,
      }
      kept.set(id, { said, state: said.state, leased: false, waits: [] })
    }
    rows.forEach(add)
    const put = (state: string) => ({ id }: ToSay, after: unknown): Promise<boolean> => {
      const row = kept.get(id)
      if (typeof after === 'number') row?.waits.push(after)
      if (row !== undefined) Object.assign(row, { state, leased: state === 'sending' })
      return Promise.resolve(true)
    }
    const know = (id: number, more: Partial<ToSay>): void => {
      const row = kept.get(id)
      if (row !== undefined) Object.assign(row, { said: { ...row.said, ...more } })
    }
    const store: AnnouncementStore = {
      claim: (limit) => {
        const free = [...kept.values()].filter(({ state, leased }) => !leased && (state === 'pending' || state === 'unknown')).slice(0, limit)
        for (const row of free) row.leased = true
        return Promise.resolve(free.map(({ said, state }) => ({ ...said, state: state === 'pending' ? 'pending' : 'unknown' })))
      },
      sending: (said, tried) => {
        know(said.id, { tried, looks: 0 })
        return put('sending')(said, null)
      },
      unknown: (said, seconds, looks) => {
        if (looks !== undefined) know(said.id, { looks })
        return put('unknown')(said, seconds)
      },
      sent: put('sent'), later: put('pending'), dead: put('dead'), onWork: () => () => undefined, ...change.store,
    }
    const posted: string[] = []
    const joins: string[] = []
    const announcer = createAnnouncer({
      stores: [store],
      calls: {
        post: ({ channel }) => Promise.resolve(`${posted.push(channel)}.0`), read: () => Promise.resolve([]), openDirect: (user) => Promise.resolve(`D${user}`),
        join: (channel) => Promise.resolve(void joins.push(channel)), ...change.calls,
      },
      mayPost: () => Promise.resolve(0), pause: () => Promise.resolve(), names: () => Promise.resolve({}), admins: () => Promise.resolve(['U2BO']), isShared: () => Promise.resolve(false), botId: () => 'B1', log: pino({ level: 'silent' }),
      timings: { poll: 20, look: 0, backoff: 1_000, backoffMost: 30_000 },
      ...change.parts,
    })
    running.push(announcer)
    announcer.start()
    return { announcer, add, posted, joins, state: (id: number) => kept.get(id)?.state, waits: (id: number) => kept.get(id)?.waits ?? [], leased: (id: number) => kept.get(id)?.leased }
  }
  const answered = (error: string): WebAPIPlatformError => new WebAPIPlatformError({ ok: false, error })

  it('keeps no other channel waiting when it fails for a reason of ours, however often', async () => {
    let asked = 0
    const one = start([{}, {}], { parts: { mayPost: (channel) => (channel === 'C1' ? Promise.reject(new Error(`bug ${asked++}`)) : Promise.resolve(0)) } })
    await vi.waitFor(() => expect(asked).toBeGreaterThan(2))
    expect(one.posted).toEqual(['C2'])
    expect([one.state(1), one.leased(1)]).toEqual(['pending', false])
  })

  it('waits longer and longer when it fails before anything is written down, and the log says each step once', async () => {
    const said: string[] = []
    const log = pino({ level: 'warn' }, { write: (line: string) => void said.push(line) })
    const one = start([{}], { parts: { mayPost: () => Promise.reject(new Error('a bug')), log } })
    await vi.waitFor(() => expect(one.waits(1).length).toBeGreaterThan(8), 5_000)
    expect(one.waits(1).slice(0, 8)).toEqual([1, 2, 4, 8, 16, 30, 30, 30])
    expect(said).toHaveLength(6)
  })

  it('waits longer and longer also while it cannot be looked for', async () => {
    const one = start([{ state: 'unknown', attempts: 1 }], {
      calls: { read: () => Promise.reject(new WebAPIRequestError(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }))) },
    })
    await vi.waitFor(() => expect(one.waits(1).length).toBeGreaterThan(3), 5_000)
    expect([one.posted, one.waits(1).slice(0, 3)]).toEqual([[], [2, 4, 8]])
  })

  it('is looked for once the token is good again, not posted a second time', async () => {
    let reads = 0
    const one = start([{ state: 'unknown' }], { calls: { read: () => {
      reads += 1
      return Promise.reject(answered('token_revoked'))
    } } })
    await vi.waitFor(() => expect(reads).toBeGreaterThan(1))
    expect([one.posted, one.state(1)]).toEqual([[], 'unknown'])
  })

  it('goes on from the look of another replica', async () => {
    let reads = 0
    const one = start([{ state: 'unknown', attempts: 1, looks: 1 }], { calls: { read: () => {
      reads += 1
      return Promise.resolve([])
    } } })
    await vi.waitFor(() => expect(one.state(1)).toBe('sent'))
    expect([reads, one.posted]).toEqual([1, ['C1']])
  })

  it('is looked for where it was tried: in the direct message it went to instead', async () => {
    const places: string[] = []
    const one = start([{ state: 'unknown', attempts: 1, tried: 'D9' }], { calls: { read: ({ channel }) => {
      places.push(channel)
      return Promise.resolve([{ ts: '5.5', botId: 'B1', metadata: { event_type: 'convox_announcement', event_payload: { k: 'prod:1' } } }])
    } }, parts: { botId: () => 'B1' } })
    await vi.waitFor(() => expect(one.state(1)).toBe('sent'))
    expect([places, one.posted]).toEqual([['D9'], []])
  })

  it('says once that the database does not answer, until it does', async () => {
    const said: string[] = []
    const log = pino({ level: 'info' }, { write: (line: string) => void said.push(line) })
    let asked = 0
    start([], { parts: { log }, store: { claim: () => {
      asked += 1
      return asked < 4 ? Promise.reject(new Error('away')) : Promise.resolve([])
    } } })
    await vi.waitFor(() => expect(asked).toBeGreaterThan(5))
    expect(said.map((line) => String(JSON.parse(line).msg))).toEqual(['announcements wait: the database does not answer', 'announcements go on: the database answers again'])
  })

  it('is looked for once it may have been posted, whatever failed after that', async () => {
    let receipts = 0
    let reads = 0
    const one = start([{}], {
      store: { sent: () => Promise.reject(new Error(`not written ${receipts++}`)) },
      calls: { read: () => Promise.reject(new Error(`a bug in reading ${reads++}`)) },
    })
    await vi.waitFor(() => expect(reads).toBeGreaterThan(2))
    expect([receipts, one.posted, one.state(1)]).toEqual([1, ['C1'], 'unknown'])
  })

  it('stays one to look for while Slack does not let us look', async () => {
    let reads = 0
    const one = start([{ state: 'unknown' }], { calls: { read: () => {
      reads += 1
      return Promise.reject(answered('ratelimited'))
    } } })
    await vi.waitFor(() => expect(reads).toBeGreaterThan(2))
    expect([one.posted, one.state(1)]).toEqual([[], 'unknown'])
  })

  it('ends with the one that is under way when it is stopped, and gives the others back', async () => {
    let answer = (): void => undefined
    const one = start([{}, {}, { state: 'unknown' }], {
      calls: {
        post: () => new Promise((resolve) => {
          answer = () => resolve('1.0')
        }),
      },
    })
    await vi.waitFor(() => expect(one.state(1)).toBe('sending'))
    const stopped = one.announcer.stop()
    answer()
    await stopped
    expect([1, 2, 3].map((id) => [one.state(id), one.leased(id)])).toEqual([['sent', false], ['pending', false], ['unknown', false]])
  })

  it('joins again where it was taken out of the channel after a post', async () => {
    let inside = false
    const one = start([{ channel: 'C9' }], {
      calls: {
        post: () => (inside ? Promise.resolve('1.0') : Promise.reject(answered('not_in_channel'))),
        join: () => Promise.resolve(void (inside = true)),
      },
    })
    await vi.waitFor(() => expect(one.state(1)).toBe('sent'))
    inside = false
    one.add({ channel: 'C9' })
    await vi.waitFor(() => expect(one.state(2)).toMatch(/sent|dead/))
    expect(one.state(2)).toBe('sent')
  })

  it.each([
    ['too many calls', new WebAPIRateLimitedError(7), 7], ['no answer', new WebAPIHTTPError(503, 'x', {}), 1],
  ] as const)('tries to join again where joining failed: %s', async (_, error, after) => {
    let joins = 0
    const one = start([{ channel: 'C9' }], {
      calls: {
        post: () => (joins > 1 ? Promise.resolve('1.0') : Promise.reject(answered('not_in_channel'))),
        join: () => (joins++ === 0 ? Promise.reject(error) : Promise.resolve()),
      },
    })
    await vi.waitFor(() => expect(one.state(1)).toMatch(/sent|dead/))
    expect([one.state(1), one.waits(1)]).toEqual(['sent', [after, 0]])
  })

  it.each([
    ['too many calls', new WebAPIRateLimitedError(7), 'pending', 7], ['no answer', new WebAPIHTTPError(503, 'x', {}), 'pending', 1],
    ['a definite no to everybody', answered('user_not_found'), 'dead', null],
  ] as const)('to whoever lost the lock is given up only after a definite no: %s', async (_, error, state, after) => {
    let asked = 0
    const one = start([{ told: { kind: 'lock_taken', by: 'U2BO', from: 'U1ANA', reason: 'x', until: null } }], {
      calls: {
        post: () => Promise.reject(answered('is_archived')),
        openDirect: () => {
          asked += 1
          return Promise.reject(error)
        },
      },
    })
    await vi.waitFor(() => expect(asked).toBeGreaterThan(0))
    await one.announcer.stop()
    expect(one.state(1)).toBe(state)
    if (after !== null) expect(one.waits(1)[0]).toBe(after)
  })
})
