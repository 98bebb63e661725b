import { randomBytes } from 'node:crypto'
import { pino, type Logger } from 'pino'
import { createBot, type Bot } from './bot/app.ts'
import { requestPath } from './bot/slack-manifest.ts'
import type { Config } from './config.ts'
import { forgetAppAnnouncements } from './db/app-announcements.ts'
import { openEmbedded, openPostgres, type Database } from './db/client.ts'
import { forgetSaid } from './db/conversations.ts'
import { forgetOld } from './db/deliveries.ts'
import { installationId, storedKeyIds } from './db/installation.ts'
import { forgetLanes } from './db/lanes.ts'
import { forgetRecordings } from './db/recordings.ts'
import { serveHealth } from './health.ts'
import { keyBeside } from './key-file.ts'
import { openRacks } from './open-rack.ts'
import type { Rack } from './rack/context.ts'
import { createAnnouncementStore } from './rack/app-announcements.ts'
import { auditRefusals } from './rack/audit-refusals.ts'
import { createOperations } from './rack/create-operations.ts'
import { createDeliveryStore } from './rack/deliver.ts'
import { createInbox } from './rack/inbox.ts'
import { peopleLater } from './rack/people.ts'
import { recordingDays } from './rack/recorder/bound.ts'
import { reencrypt, type Reencrypted } from './rack/reencrypt.ts'
import { resolveImage } from './rack/registry/resolve.ts'
import { tellingSealer } from './rack/release-env.ts'
import { createSealer, MissingKeyError, type Sealer } from './rack/seal.ts'
import { createWake } from './rack/wake.ts'
import { startSchedule, type Task } from './schedule.ts'
import { steadyClock } from './steady-clock.ts'
import { unconfiguredRacks } from './unconfigured-racks.ts'

/** A running process: what main starts, and what tests and the sandbox start in theirs. */
export interface Slipway {
  readonly port: number
  readonly bot: Bot
  /** The first rack: the one that is meant where none is named. */
  readonly rack: Rack
  readonly racks: readonly Rack[]
  /** What runs by the clock. */
  readonly tasks: readonly Task[]
  /** Takes nothing new, finishes what it said, gives its leases back. Rollouts go on where another process takes them up. */
  stop(): Promise<void>
}

const openDatabase = (config: Config): Promise<Database> => (config.database.kind === 'postgres' ? openPostgres(config.database.url) : openEmbedded(config.database.directory))

const openSealer = async (config: Config, database: Database, log: Logger): Promise<Sealer> => {
  let keys = config.secretKeys
  if (keys === null && config.database.kind === 'embedded') {
    const { key, path, made } = await keyBeside(`${config.database.directory}-key`)
    if (made) log.info({ path }, `made the key that encrypts env values: ${path} (keep a copy; without it they cannot be read)`)
    keys = [key]
  }
  if (keys === null) throw new Error('no SECRET_KEY')
  const sealer = createSealer(keys)
  for (const id of await storedKeyIds(database.db)) if (!sealer.keyIds.includes(id)) throw new MissingKeyError(id)
  return sealer
}

/** `npm run reencrypt`: seals what is stored with the first key of SECRET_KEY. */
export const reencryptAll = async (config: Config): Promise<Reencrypted> => {
  const database = await openDatabase(config)
  try {
    return await reencrypt(database.db, await openSealer(config, database, pino({ level: 'silent' })), config.roles)
  } finally {
    await database.close()
  }
}

/** `signal` stops a start that still waits for Slack. */
export interface StartOptions {
  readonly clock?: () => Date
  readonly signal?: AbortSignal
  /** Hears of every env value that is read or written, so that the log can hide it. */
  readonly learn?: (values: Iterable<string>) => void
}

/** Starts everything in order: database, keys, cluster, rollouts, Slack. Throws what makes starting pointless; what may pass is waited for. */
export const startSlipway = async (config: Config, log: Logger, { signal, ...options }: StartOptions = {}): Promise<Slipway> => {
  const closing: (() => Promise<void>)[] = []
  const closeAll = async (): Promise<void> => {
    for (const close of closing.splice(0).reverse()) await close()
  }
  try {
    const database = await openDatabase(config)
    closing.push(() => database.close())
    // Begun at the database's time: a deadline that one replica wrote down ends for the next one when it ends for this one, whatever their own clocks say.
    const clock = options.clock ?? steadyClock(await database.now())
    const opener = await openSealer(config, database, log)
    const sealer = options.learn === undefined ? opener : tellingSealer(opener, options.learn)
    const ownsInstance = await database.holdInstance(config.instance)
    const instance = ownsInstance ? config.instance : `${config.instance}-${randomBytes(4).toString('hex')}`
    if (!ownsInstance) log.warn({ instance }, `another process runs as ${config.instance}; this one runs as ${instance} and takes over only what has run out`)
    const people = peopleLater()
    const wakeDelivery = createWake()
    const opened = await openRacks(config.racks, {
      severalRacks: config.racks.length > 1, db: database.db, sealer, clock, instance, wakeDelivery, roles: config.roles, people: people.people,
      resolveImage: (reference) => resolveImage(reference, { credentials: config.registry.credentials, plainHttp: config.registry.plainHttp }),
      installation: await installationId(database.db, randomBytes(8).toString('hex')),
    }, log)
    const [{ rack }, ...others] = opened
    const unconfigured = await unconfiguredRacks(database.db, config.racks.map(({ name }) => name))
    for (const line of unconfigured) log.warn(line)
    for (const each of opened) closing.push(() => each.close())
    const supervisors = opened.map((each) => each.supervise({ takeOwn: ownsInstance }))
    closing.push(async () => void (await Promise.all(supervisors.map((each) => each.stop()))))
    const tasks: readonly Task[] = [
      ...opened.flatMap(({ tasks }) => tasks),
      { name: 'forget old deliveries', cronTime: '0 */5 * * * *', run: () => forgetOld(database.db) },
      { name: 'forget what was said', cronTime: '30 */5 * * * *', run: async () => void (await forgetSaid(database.db)) },
      { name: 'forget lanes', cronTime: '0 37 * * * *', run: () => forgetLanes(database.db) },
      { name: 'forget old announcements', cronTime: '0 27 * * * *', run: () => forgetAppAnnouncements(database.db) },
      { name: 'forget old recordings', cronTime: '0 17 * * * *', run: () => forgetRecordings(database.db, recordingDays) },
    ]
    const schedule = startSchedule(tasks, log)
    closing.push(() => schedule.stop())
    const bot = createBot({
      config: { botToken: config.slack.botToken, appToken: config.slack.appToken, signingSecret: config.slack.signingSecret, slackApiUrl: config.slack.apiUrl, roles: config.roles },
      racks: opened.map((each) => auditRefusals(each.rack, createOperations(each.rack))),
      inbox: createInbox(database.db, sealer, clock, (delivery, error) => log.error({ err: error, delivery }, 'a kept delivery cannot be opened')),
      store: createDeliveryStore(rack, ...others.map((each) => each.rack)), log, clock,
      announcements: opened.map((each) => createAnnouncementStore(each.rack)),
      // The embedded database has one process: what nobody handled is nobody else's work.
      alone: database.kind === 'embedded',
    })
    people.is(bot.people)
    const health = await serveHealth(config.port, [
      { name: 'database', common: 'first', trouble: () => database.ping(1_000).then(() => null, (error: unknown) => String(error)), notes: () => unconfigured },
      ...opened.map(({ check }) => check),
      { name: 'slack', trouble: async () => bot.trouble(), notes: bot.notes },
    ], bot.serve === null ? [] : [{ path: requestPath, serve: bot.serve }])
    closing.push(() => health.close())
    // Before the supervisor in the order of stopping: what a rollout says last is still sent.
    closing.push(() => bot.stop())
    const giveUp = (): void => void bot.stop()
    signal?.addEventListener('abort', giveUp, { once: true })
    await bot.start()
    signal?.removeEventListener('abort', giveUp)
    log.info({ port: health.port }, `ready: /healthz and /readyz on port ${health.port}`)
    return { port: health.port, bot, rack, racks: opened.map((each) => each.rack), tasks, stop: closeAll }
  } catch (error) {
    await closeAll().catch((trouble: unknown) => log.warn({ err: trouble }, 'closing after a failed start'))
    throw error
  }
}
