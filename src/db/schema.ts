import { sql } from 'drizzle-orm'
import { bigint, boolean, check, customType, foreignKey, index, integer, jsonb, pgTable, primaryKey, smallint, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core'
import { auditDecisions, deliveryStates, outboxKinds, promotionKinds, promotionStatuses, releaseOrigins } from './words.ts'

/*
 * Version N's schema serves N-1 (expand, then contract). Constraints hold the invariants, so that code that forgets a check
 * cannot break them: one moving promotion per app, one vote per person and digest, ids of one form, an end has a time.
 * Index order: plain ascending indexes are scanned backwards; `.desc()` would emit NULLS LAST and sort (reference/stack.md 2).
 */
const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date', precision: 3 })

/** One row: what this installation calls itself on clusters, and the newest schema major a replica has migrated to. */
export const installation = pgTable('installation', {
  one: smallint('one').primaryKey().default(1),
  id: text('id').notNull(),
  schemaMajor: integer('schema_major').notNull(),
  createdAt: at('created_at').notNull().defaultNow(),
}, (table) => [check('installation_one_row', sql`${table.one} = 1`)])

export const apps = pgTable('apps', {
  rack: text('rack').notNull(),
  name: text('name').notNull(),
  namespace: text('namespace').notNull(),
  /** Null until the cluster answered: intent is written first. Only this uid is ever deleted. */
  namespaceUid: text('namespace_uid'),
  createdBy: text('created_by').notNull(),
  createdAt: at('created_at').notNull().defaultNow(),
  deletingAt: at('deleting_at'),
}, (table) => [primaryKey({ columns: [table.rack, table.name] }), uniqueIndex('apps_namespace').on(table.rack, table.namespace)])

export const appParams = pgTable('app_params', {
  rack: text('rack').notNull(),
  app: text('app').notNull(),
  name: text('name').notNull(),
  value: text('value').notNull(),
}, (table) => [
  primaryKey({ columns: [table.rack, table.app, table.name] }),
  foreignKey({ columns: [table.rack, table.app], foreignColumns: [apps.rack, apps.name], name: 'app_params_app' }).onDelete('cascade'),
  index('app_params_value').on(table.name, table.value),
])

/** `images` is service -> { reference (as typed), resolved (`name:tag@sha256:…` or as typed), pinned }. */
export interface BuildImage { readonly reference: string; readonly resolved: string; readonly pinned: boolean }

export const builds = pgTable('builds', {
  id: text('id').primaryKey(),
  rack: text('rack').notNull(),
  app: text('app').notNull(),
  description: text('description').notNull(),
  manifest: text('manifest').notNull(),
  images: jsonb('images').$type<Readonly<Record<string, BuildImage>>>().notNull(),
  gitSha: text('git_sha'),
  message: text('message'),
  createdBy: text('created_by').notNull(),
  startedAt: at('started_at').notNull(),
  createdAt: at('created_at').notNull().defaultNow(),
}, (table) => [
  foreignKey({ columns: [table.rack, table.app], foreignColumns: [apps.rack, apps.name], name: 'builds_app' }).onDelete('cascade'),
  index('builds_newest').on(table.rack, table.app, table.createdAt, table.id),
  check('builds_id_form', sql`${table.id} ~ '^B[A-Z]{9,10}$'`),
])

export const releases = pgTable('releases', {
  id: text('id').primaryKey(),
  /** Creation order: two releases of one millisecond still have one newest. */
  seq: bigint('seq', { mode: 'number' }).generatedAlwaysAsIdentity().notNull(),
  rack: text('rack').notNull(),
  app: text('app').notNull(),
  buildId: text('build_id').references(() => builds.id),
  /** Sealed JSON object of strings (AES-256-GCM, bound to this table, row and column). */
  env: text('env').notNull(),
  description: text('description').notNull(),
  origin: text('origin', { enum: releaseOrigins }).notNull(),
  fromBuild: text('from_build'),
  fromEnv: text('from_env'),
  rollbackOf: text('rollback_of'),
  /** The delivery that made it and then goes on to promote it: done again after a crash, it finds its release instead of making another. */
  delivery: text('delivery'),
  createdBy: text('created_by').notNull(),
  createdAt: at('created_at').notNull().defaultNow(),
}, (table) => [
  foreignKey({ columns: [table.rack, table.app], foreignColumns: [apps.rack, apps.name], name: 'releases_app' }).onDelete('cascade'),
  index('releases_newest').on(table.rack, table.app, table.seq),
  uniqueIndex('releases_one_per_delivery').on(table.delivery).where(sql`delivery is not null`),
  check('releases_id_form', sql`${table.id} ~ '^R[A-Z]{9,10}$'`),
])

/** JSON columns whose shape the domain owns: the database neither reads nor decides on them. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined }

export const promotions = pgTable('promotions', {
  id: text('id').primaryKey(),
  seq: bigint('seq', { mode: 'number' }).generatedAlwaysAsIdentity().notNull(),
  rack: text('rack').notNull(),
  app: text('app').notNull(),
  kind: text('kind', { enum: promotionKinds }).notNull(),
  status: text('status', { enum: promotionStatuses }).notNull(),
  /** Grows with every change of the row; part of every button. */
  rev: integer('rev').notNull().default(1),
  /** How many facts its outbox holds: the next one's `seq` is one more. */
  facts: integer('facts').notNull().default(0),
  releaseId: text('release_id').notNull().references(() => releases.id),
  /** The release active when it was asked for, and again when it began to move. */
  fromReleaseId: text('from_release_id').references(() => releases.id),
  /** Where an automatic rollback goes: the promotion that proved it, fixed when this one begins to move. */
  targetReleaseId: text('target_release_id').references(() => releases.id),
  targetPromotionId: text('target_promotion_id'),
  requester: text('requester').notNull(),
  channel: text('channel'),
  requestedAt: at('requested_at').notNull().defaultNow(),
  approvalsNeeded: integer('approvals_needed').notNull(),
  waived: text('waived', { enum: ['policy', 'verified_before'] }),
  approvers: jsonb('approvers').$type<readonly string[]>().notNull(),
  digest: text('digest').notNull(),
  digestKeyId: text('digest_key_id').notNull(),
  /** What the digest was made of, part by part (hashes only), to say which part moved. */
  digestParts: jsonb('digest_parts').$type<Readonly<Record<string, string>>>().notNull(),
  deadlineSeconds: integer('deadline_seconds').notNull(),
  /** As asked for with this promotion; null: the app's param, also when that changes while the request waits. Seconds. */
  deadlineAsked: integer('deadline_asked'),
  stabilitySeconds: integer('stability_seconds').notNull(),
  expiresAt: at('expires_at'),
  queuedAt: at('queued_at'),
  startedAt: at('started_at'),
  failedAt: at('failed_at'),
  finishedAt: at('finished_at'),
  step: text('step'),
  /** Domain JSON: what a resumed rollout must know (baseline restarts, answers of the apply, blind seconds …). */
  state: jsonb('state').$type<Json>(),
  progress: jsonb('progress').$type<Json>(),
  change: jsonb('change').$type<Json>().notNull(),
  warnings: jsonb('warnings').$type<Json>().notNull(),
  cause: jsonb('cause').$type<Json>(),
  otherCauses: jsonb('other_causes').$type<Json>(),
  rollbackCause: jsonb('rollback_cause').$type<Json>(),
  logs: jsonb('logs').$type<Json>(),
  endedBy: text('ended_by'),
  endedReason: text('ended_reason'),
  /** Cancels what moves and goes before what is queued (`--force`). */
  force: boolean('force').notNull().default(false),
  /** A lock or a freeze keeps it from starting: others may go before it. Only of one that is queued. */
  held: boolean('held').notNull().default(false),
  /** What it waited for when its card was last told to be drawn again. */
  waits: jsonb('waits').$type<Json>(),
  /** Who let it pass the freezes, and for which digest: what is asked for anew does not pass. */
  overrideBy: text('override_by'),
  overrideAt: at('override_at'),
  overrideDigest: text('override_digest'),
  cancelBy: text('cancel_by'),
  cancelAt: at('cancel_at'),
  leaseOwner: text('lease_owner'),
  leaseUntil: at('lease_until'),
  epoch: integer('epoch').notNull().default(0),
}, (table) => [
  foreignKey({ columns: [table.rack, table.app], foreignColumns: [apps.rack, apps.name], name: 'promotions_app' }).onDelete('cascade'),
  uniqueIndex('promotions_one_moving').on(table.rack, table.app).where(sql`status in ('rolling_out', 'rolling_back')`),
  index('promotions_newest').on(table.rack, table.app, table.seq),
  index('promotions_open').on(table.rack, table.status).where(sql`finished_at is null`),
  index('promotions_release').on(table.releaseId, table.seq),
  check('promotions_id_form', sql`${table.id} ~ '^P[A-Z]{10}$'`),
  check('promotions_end_has_time', sql`(${table.finishedAt} is not null) = (${table.status} not in ('awaiting_approval', 'queued', 'rolling_out', 'rolling_back'))`),
  check('promotions_move_has_start', sql`${table.status} not in ('rolling_out', 'rolling_back', 'succeeded', 'rolled_back', 'rollback_failed') or ${table.startedAt} is not null`),
])

/** Who keeps an app to themselves: only their promotions begin. At most one per app; over when `until` is past. */
export const appLocks = pgTable('app_locks', {
  rack: text('rack').notNull(),
  app: text('app').notNull(),
  owner: text('owner').notNull(),
  reason: text('reason').notNull(),
  since: at('since').notNull(),
  /** Null: until it is unlocked. */
  until: at('until'),
}, (table) => [
  primaryKey({ columns: [table.rack, table.app] }),
  foreignKey({ columns: [table.rack, table.app], foreignColumns: [apps.rack, apps.name], name: 'app_locks_app' }).onDelete('cascade'),
])

/** Windows in which no promotion begins: each starts by `cron` on the clocks of `zone` and lasts `seconds` on them. */
export const freezes = pgTable('freezes', {
  id: text('id').primaryKey(),
  rack: text('rack').notNull(),
  /** Null: every app of the rack. */
  app: text('app'),
  cron: text('cron').notNull(),
  seconds: integer('seconds').notNull(),
  zone: text('zone').notNull(),
  reason: text('reason').notNull(),
  createdBy: text('created_by').notNull(),
  createdAt: at('created_at').notNull().defaultNow(),
}, (table) => [
  foreignKey({ columns: [table.rack, table.app], foreignColumns: [apps.rack, apps.name], name: 'freezes_app' }).onDelete('cascade'),
  index('freezes_of_rack').on(table.rack, table.app),
  check('freezes_id_form', sql`${table.id} ~ '^F[A-Z]{10}$'`),
])

/** Said once in an app's channel although no promotion may be there to say it under. */
export const appAnnouncements = pgTable('app_announcements', {
  id: bigint('id', { mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
  rack: text('rack').notNull(),
  app: text('app').notNull(),
  channel: text('channel').notNull(),
  fact: jsonb('fact').$type<Json>().notNull(),
  state: text('state', { enum: deliveryStates }).notNull().default('pending'),
  attempts: integer('attempts').notNull().default(0),
  notBefore: at('not_before'),
  leaseOwner: text('lease_owner'),
  leaseUntil: at('lease_until'),
  epoch: integer('epoch').notNull().default(0),
  /** Where it was tried last: its channel, or the direct message it went to instead; and looks in vain for a post whose answer was lost. */
  triedChannel: text('tried_channel'),
  looks: smallint('looks').notNull().default(0),
  ts: text('ts'),
  why: text('why'),
  createdAt: at('created_at').notNull().defaultNow(),
}, (table) => [
  foreignKey({ columns: [table.rack, table.app], foreignColumns: [apps.rack, apps.name], name: 'app_announcements_app' }).onDelete('cascade'),
  index('app_announcements_open').on(table.rack, table.channel, table.id).where(sql`state in ('pending', 'sending', 'unknown')`),
])

/** One row per step begun, written before its side effect. */
export const promotionStepRows = pgTable('promotion_steps', {
  promotionId: text('promotion_id').notNull().references(() => promotions.id, { onDelete: 'cascade' }),
  step: text('step').notNull(),
  epoch: integer('epoch').notNull(),
  startedAt: at('started_at').notNull().defaultNow(),
}, (table) => [primaryKey({ columns: [table.promotionId, table.step, table.epoch] })])

/** The objects as applied (Secrets by name only): what a rollback applies again. */
export const inventories = pgTable('inventories', {
  promotionId: text('promotion_id').primaryKey().references(() => promotions.id, { onDelete: 'cascade' }),
  objects: jsonb('objects').$type<Json>().notNull(),
  writtenAt: at('written_at').notNull().defaultNow(),
})

export const approvals = pgTable('approvals', {
  promotionId: text('promotion_id').notNull().references(() => promotions.id, { onDelete: 'cascade' }),
  digest: text('digest').notNull(),
  person: text('person').notNull(),
  at: at('at').notNull().defaultNow(),
}, (table) => [primaryKey({ columns: [table.promotionId, table.digest, table.person] })])

const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' })

/**
 * What the judge of a promotion saw, in gzipped parts of JSON lines (src/rack/recorder). A segment begins with all the facts, so that it can be
 * judged without the ones before it. An empty chunk is a part that was dropped for want of room.
 */
export const recordings = pgTable('recordings', {
  /** Chosen by the writer: a part whose answer was lost is written once. */
  id: text('id').primaryKey(),
  seq: bigint('seq', { mode: 'number' }).generatedAlwaysAsIdentity().notNull(),
  promotionId: text('promotion_id').notNull().references(() => promotions.id, { onDelete: 'cascade' }),
  segment: text('segment').notNull(),
  chunk: bytes('chunk').notNull(),
  /** Bytes of the chunk. */
  size: integer('size').notNull(),
  lines: integer('lines').notNull(),
  firstAt: at('first_at').notNull(),
  lastAt: at('last_at').notNull(),
  writtenAt: at('written_at').notNull().defaultNow(),
}, (table) => [index('recordings_order').on(table.promotionId, table.seq), index('recordings_age').on(table.writtenAt)])

/** The last verified good release of each app, and the promotion whose inventory proves it. */
export const goodReleases = pgTable('good_releases', {
  rack: text('rack').notNull(),
  app: text('app').notNull(),
  releaseId: text('release_id').notNull().references(() => releases.id),
  promotionId: text('promotion_id').notNull().references(() => promotions.id),
  verifiedAt: at('verified_at').notNull(),
}, (table) => [
  primaryKey({ columns: [table.rack, table.app] }),
  foreignKey({ columns: [table.rack, table.app], foreignColumns: [apps.rack, apps.name], name: 'good_releases_app' }).onDelete('cascade'),
])

/** Facts to be said, ordered per promotion. */
export const outbox = pgTable('outbox', {
  promotionId: text('promotion_id').notNull().references(() => promotions.id, { onDelete: 'cascade' }),
  seq: integer('seq').notNull(),
  kind: text('kind', { enum: outboxKinds }).notNull(),
  fact: jsonb('fact').$type<Json>().notNull(),
  state: text('state', { enum: ['pending', 'sending', 'sent', 'unknown', 'dead'] }).notNull().default('pending'),
  attempts: integer('attempts').notNull().default(0),
  notBefore: at('not_before'),
  /** Where it was tried last: a post whose answer was lost is looked for there, wherever the conversation is by then. */
  triedChannel: text('tried_channel'),
  triedThread: text('tried_thread'),
  ts: text('ts'),
  why: text('why'),
  createdAt: at('created_at').notNull().defaultNow(),
}, (table) => [
  primaryKey({ columns: [table.promotionId, table.seq] }),
  uniqueIndex('outbox_one_notice').on(table.promotionId).where(sql`kind = 'notice'`),
  index('outbox_open').on(table.promotionId).where(sql`state in ('pending', 'sending', 'unknown')`),
  // What is forgotten: without it every look for that reads the whole table (measured, 1,000,000 rows: 400 ms, with it 20 ms).
  index('outbox_said').on(table.createdAt).where(sql`state = 'sent'`),
])

/** The card and thread of one promotion, and who may write them now. */
export const conversations = pgTable('conversations', {
  promotionId: text('promotion_id').primaryKey().references(() => promotions.id, { onDelete: 'cascade' }),
  channel: text('channel').notNull(),
  cardTs: text('card_ts'),
  cardRev: integer('card_rev').notNull().default(0),
  cardHash: text('card_hash'),
  cardStatus: text('card_status', { enum: promotionStatuses }),
  cardState: text('card_state', { enum: ['none', 'sending', 'unknown', 'sent', 'dead'] }).notNull().default('none'),
  cardAt: at('card_at'),
  /** An earlier card in this channel that was left: no card up to this one is adopted (any more). */
  leftTs: text('left_ts'),
  /** Looks in vain for a post whose answer was lost, and the last of them: whichever replica looks next goes on from here. */
  looks: smallint('looks').notNull().default(0),
  lookedAt: at('looked_at'),
  continues: boolean('continues').notNull().default(false),
  /** True when the promotion or its outbox changed since the sender last found nothing to do. */
  dirty: boolean('dirty').notNull().default(true),
  leaseOwner: text('lease_owner'),
  leaseUntil: at('lease_until'),
  epoch: integer('epoch').notNull().default(0),
  why: text('why'),
  /** Nothing is due before: what changes meanwhile brings it forward. */
  wakeAt: at('wake_at'),
  /** Which process put it to sleep until then: that one looks first. */
  sleeper: text('sleeper'),
  /** What a person is still to be told of by direct message: what could not be said where. */
  telling: jsonb('telling').$type<Json>(),
  /** The last message has buttons until then. */
  buttonsUntil: at('buttons_until'),
}, (table) => [
  index('conversations_dirty').on(table.leaseUntil).where(sql`dirty`),
  index('conversations_buttons').on(table.buttonsUntil).where(sql`buttons_until is not null`),
])

/** What was used of Slack's budgets, by lane: one budget for all replicas (src/rack/lane.ts). Times are the database's, in milliseconds since 1970. */
export const lanes = pgTable('lanes', {
  name: text('name').primaryKey(),
  state: jsonb('state').$type<Json>().notNull(),
})

/** One row: when any sender was last in touch with Slack, and the last time that none was. */
export const presence = pgTable('presence', {
  one: smallint('one').primaryKey().default(1),
  at: at('at').notNull().defaultNow(),
  awayFrom: at('away_from'),
  awayUntil: at('away_until'),
}, (table) => [check('presence_one_row', sql`${table.one} = 1`)])

/** Slack deliveries taken; `payload` is sealed and emptied once handled. */
export const deliveries = pgTable('deliveries', {
  id: text('id').primaryKey(),
  payload: text('payload').notNull(),
  receivedAt: at('received_at').notNull().defaultNow(),
  handledAt: at('handled_at'),
  /** When its process last said that it is at it; null until it first does. */
  takenAt: at('taken_at'),
  /** How many processes have begun it. */
  attempts: smallint('attempts').notNull().default(1),
}, (table) => [
  index('deliveries_open').on(table.receivedAt).where(sql`handled_at is null`),
  // What is forgotten; partial, so that the insert in front of an acknowledgement does not write it (measured, 200,000 rows: 50 ms, with it 0.1 ms).
  index('deliveries_handled').on(table.receivedAt).where(sql`handled_at is not null`),
])

/** Commands behind a button, sealed. */
export const questions = pgTable('questions', {
  id: text('id').primaryKey(),
  command: text('command').notNull(),
  expiresAt: at('expires_at').notNull(),
})

/** Append-only: triggers refuse every other statement, whoever sends it. Outlives its app. */
export const audit = pgTable('audit', {
  id: bigint('id', { mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
  at: at('at').notNull().defaultNow(),
  rack: text('rack').notNull(),
  app: text('app'),
  /** Slack id; `system` for what nobody asked for in person. */
  actor: text('actor').notNull(),
  /** The actor's Slack workspace. */
  team: text('team'),
  action: text('action').notNull(),
  promotionId: text('promotion_id'),
  /** Of what was asked for or decided on. */
  digest: text('digest'),
  /** Where it was said: Slack channel, and the message when there was one. */
  channel: text('channel'),
  ts: text('ts'),
  decision: text('decision', { enum: auditDecisions }),
  /** As the person gave it. */
  reason: text('reason'),
  /** What came of it: the final state of a promotion, or the code of a refusal. */
  result: text('result'),
  /** Id of the Slack delivery that asked for it. */
  delivery: text('delivery'),
  /** Ids, names and keys; never a value. */
  detail: jsonb('detail').$type<Json>().notNull(),
}, (table) => [index('audit_newest').on(table.rack, table.app, table.id), index('audit_of_rack').on(table.rack, table.id)])
