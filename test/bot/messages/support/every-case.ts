import type { Announcement } from '../../../../src/rack/announcement.ts'
import type { AppAnnouncement } from '../../../../src/rack/app-announcement.ts'
import type { Cause, CauseKind, LogExcerpt } from '../../../../src/rack/cause.ts'
import type { Wait } from '../../../../src/rack/gate/gate.ts'
import type { Phase, Progress, ServiceNote, ServiceProgress, Warning } from '../../../../src/rack/progress.ts'
import { appStatuses } from '../../../../src/rack/promotion.ts'
import type { ThreadLine } from '../../../../src/rack/thread-line.ts'
import { ana, at, bo, cancelled, command, crash, cy, edited, imageGone, iso, progress, refused, RP, service } from './views.ts'

/*
 * One of each of everything a message is made of. The compiler asks for a new one when a kind is added: `satisfies` names every kind there is.
 */

const cause = (kind: CauseKind, facts: Partial<Cause> = {}): Cause => ({ kind, rule: kind, service: 'web', process: 'web-5d88978c58-xd7nk', firstSeen: iso('14:05:14'), ...facts })

/** All that may be known of each kind of failure. */
export const causes = {
  image_not_found: imageGone,
  image_pull_refused: cause('image_pull_refused', { image: 'shop:1.4.2', message: '401 Unauthorized' }),
  image_not_pulled: cause('image_not_pulled', { message: '429 Too Many Requests' }),
  cannot_start: cause('cannot_start', { message: 'exec: "bin/web": executable file not found in $PATH' }),
  missing_object: cause('missing_object', { object: 'secret "nope"' }),
  crashed_at_start: crash,
  exits_once_ready: cause('exits_once_ready', { exitCode: 3, readyFor: 4, restarts: 1 }),
  liveness_restarts: cause('liveness_restarts', { message: 'HTTP probe failed with statuscode: 500', restarts: 2 }),
  out_of_memory: cause('out_of_memory', { memoryLimit: 512, restarts: 1 }),
  never_ready: cause('never_ready', { message: 'statuscode: 503', path: '/health' }),
  unschedulable: cause('unschedulable', { message: '0/3 nodes are available: 3 Insufficient cpu.' }),
  quota: cause('quota', { message: 'exceeded quota: q, requested: pods=1' }),
  init_failed: cause('init_failed', { exitCode: 1 }),
  refused,
  timed_out: cause('timed_out', { deadline: 600, ready: { ready: 1, of: 2 } }),
  changed_by: edited,
  deleted_by: { ...edited, kind: 'deleted_by' },
  namespace_deleted: cause('namespace_deleted'),
  paused: cause('paused', { manager: 'kubectl-rollout', deadline: 600 }),
  scaled_to_zero: cause('scaled_to_zero', { manager: 'kubectl', deadline: 600 }),
  timer_failed: cause('timer_failed', { service: 'clean', exitCode: 2 }),
  too_few: cause('too_few', { ready: { ready: 0, of: 2 }, minimum: 1 }),
  required_env: cause('required_env', { keys: ['A', 'B'] }),
  pull_secret: cause('pull_secret', { object: 'slipway/slipway-pull', reason: 'Forbidden', message: 'secrets "slipway-pull" is forbidden' }),
  not_possible: cause('not_possible', { message: 'no build for release: R' }),
  cancelled,
  release_command_failed: cause('release_command_failed', { command: 'bin/migrate', exitCode: 1 }),
  own_error: cause('own_error', { reason: '7f3a' }),
} as const satisfies { readonly [Kind in CauseKind]: Cause }

/** The same with nothing known but the kind. */
export const bareCauses = Object.values(causes).map(({ kind, rule, firstSeen }): Cause => ({ kind, rule, firstSeen }))

/** Each thing a card may warn of. */
export const warnings = {
  tag_not_pinned: { kind: 'tag_not_pinned', service: 'web', reference: 'shop:1.4.2' },
  older: { kind: 'older', active: RP },
  last_rollback_failed: { kind: 'last_rollback_failed' },
  passes_lock: { kind: 'passes_lock', owner: cy },
  passes_freeze: { kind: 'passes_freeze', reason: 'weekend' },
  approval_dropped: { kind: 'approval_dropped', by: bo, why: 'left', at: iso('14:20:00') },
  takes_over: { kind: 'takes_over', field: 'image', service: 'web', manager: 'kubectl-edit' },
  approvals_cleared: { kind: 'approvals_cleared', at: iso('14:20:00'), part: 'active', value: 'RLCQYWZTKFE' },
  not_removed: { kind: 'not_removed', object: 'Deployment cron', why: '403' },
  not_stopped: { kind: 'not_stopped', object: 'Deployment web', why: '403' },
  timer_suspended: { kind: 'timer_suspended', timer: 'clean', why: 'its namespace is full' },
  pull_secret_not_copied: { kind: 'pull_secret_not_copied', secret: 'slipway/slipway-pull', why: '403' },
  base_not_active: { kind: 'base_not_active', base: 'RLCQYWZTKFE', active: RP },
  dry_run_unsupported: { kind: 'dry_run_unsupported', object: 'Deployment web', why: 'the webhook does not support it' },
} as const satisfies { readonly [Kind in Warning['kind']]: Warning & { readonly kind: Kind } }

const restored = [service({ service: 'web', ready: 2, desired: 2, release: RP }), service({ service: 'worker', release: RP })]

/** Each step of a rollout or of the way back. */
export const phaseProgress = {
  checking: progress({ phase: 'checking', services: [], applied: { done: 0, total: 0 } }),
  release_command: progress({ phase: 'release_command', services: [], releaseCommand: { ...command, done: false } }),
  applying: progress({ phase: 'applying', applied: { done: 3, total: 7 }, releaseCommand: { ...command, done: true } }),
  services: progress({ phase: 'services' }),
  stable: progress({ phase: 'stable', stableUntil: iso('14:06:03'), services: restored }),
  removing: progress({ phase: 'removing', removing: 1, services: restored }),
  collecting: progress({ phase: 'collecting' }),
  restoring: progress({ phase: 'restoring', applied: { done: 1, total: 7 } }),
  services_back: progress({ phase: 'services_back', services: restored, verifiedAt: iso('14:05:24') }),
  scaling_down: progress({ phase: 'scaling_down', services: [service({ service: 'web', state: 'scaled_to_zero', ready: 0, desired: 0 })] }),
} as const satisfies { readonly [Name in Phase]: Progress }

/** Each way a service may stand. */
export const serviceStates = {
  waiting: service({ service: 'web', state: 'waiting', ready: 0, desired: 2 }),
  going: service({ service: 'web', state: 'going', ready: 1, desired: 2, oldRunning: 1 }),
  ready: service({ service: 'web', ready: 2, desired: 2, oldStopping: 1 }),
  failed: service({ service: 'web', state: 'failed', ready: 0, desired: 2, cause: crash }),
  unchanged: service({ service: 'web', state: 'unchanged' }),
  removed: service({ service: 'web', state: 'removed', ready: 0, desired: 0 }),
  scaled_to_zero: service({ service: 'web', state: 'scaled_to_zero', ready: 0, desired: 0 }),
} as const satisfies { readonly [State in ServiceProgress['state']]: ServiceProgress }

export const notes = { paused: { kind: 'paused', by: 'kubectl-rollout' }, scaled_to_zero: { kind: 'scaled_to_zero', by: 'kubectl' }, no_node: { kind: 'no_node' }, timer: { kind: 'timer' } } as const satisfies { readonly [Kind in ServiceNote['kind']]: ServiceNote }

/** What else a queued one may wait for. */
export const waits = {
  lock: { kind: 'lock', owner: cy, reason: 'migration', until: at('15:40') },
  freeze: { kind: 'freeze', reason: 'weekend', until: null },
} as const satisfies { readonly [Kind in Wait['kind']]: Wait & { readonly kind: Kind } }

const excerpt = { service: 'web', process: 'web-5d88978c58-xd7nk', container: 'main', previous: false } as const

/** A log, or why there is none. */
export const excerpts = {
  never_started: { ...excerpt, lines: [], none: 'never_started' },
  not_kept: { ...excerpt, lines: [], none: 'not_kept' },
  not_answered: { ...excerpt, lines: [], none: 'not_answered' },
  there: { ...excerpt, lines: ['Error: DATABASE_URL is not set'] },
} as const satisfies { readonly [None in NonNullable<LogExcerpt['none']> | 'there']: LogExcerpt }

const line = { at: iso('14:05:11') } as const

/** Each line a thread may have; the arrows, which are many, apart. */
export const threadLines = {
  status: { ...line, kind: 'status', from: 'Running', to: 'Pending' },
  event: { ...line, kind: 'event', object: 'web-5d88978c58', text: 'Scaled up replica set web-5d88978c58 from 0 to 2', count: 2 },
  output: { ...line, kind: 'output', process: 'release-x', text: 'migrating' },
  asked: { ...line, kind: 'asked', by: ana },
  approved: { ...line, kind: 'approved', by: bo, have: 1, need: 1 },
  votes_cleared: { ...line, kind: 'votes_cleared', part: 'active' },
  vote_dropped: { ...line, kind: 'vote_dropped', by: bo, why: 'role' },
  cause: { ...line, kind: 'cause', cause: crash },
  blind: { ...line, kind: 'blind' },
  sighted: { ...line, kind: 'sighted', seconds: 31 },
  cancelled: { ...line, kind: 'cancelled', by: cy },
  waits: { ...line, kind: 'waits', lock: cy },
  passes: { ...line, kind: 'passes', freeze: 'weekend' },
  overridden: { ...line, kind: 'overridden', by: cy },
  warning: { ...line, kind: 'warning', text: 'could not remove Deployment cron: 403' },
} as const satisfies { readonly [Kind in ThreadLine['kind']]: ThreadLine & { readonly kind: Kind } }

/** Every arrow between two statuses of an app. */
export const arrows = appStatuses.flatMap((from) => appStatuses.filter((to) => to !== from).map((to): ThreadLine => ({ ...line, kind: 'status', from, to })))

/** What the channel hears of while no promotion moves. */
export const told = {
  drift: { kind: 'drift', at: iso('14:06:20'), service: 'web', what: 'changed', manager: 'kubectl-edit' },
} as const satisfies { readonly [Kind in Announcement['kind']]: Announcement & { readonly kind: Kind } }


/** What an app's channel hears of its locks and freezes, with a text from outside as each reason. */
export const appTold = (reason: string) => ({
  locked: { kind: 'locked', by: cy, reason, until: iso('15:40:00'), anew: true },
  unlocked: { kind: 'unlocked', by: cy },
  lock_taken: { kind: 'lock_taken', by: ana, from: cy, reason, until: null },
  lock_over: { kind: 'lock_over', owner: cy, reason },
  freeze_added: { kind: 'freeze_added', by: cy, reason, everyApp: false, cron: '0 18 * * 5', seconds: 223_200, zone: 'Europe/Berlin', now: false, next: iso('18:00:00') },
  freeze_removed: { kind: 'freeze_removed', by: cy, reason, everyApp: true },
  freeze_overridden: { kind: 'freeze_overridden', by: cy, release: 'RMKPLXWQVTA', freezes: [reason, reason, reason, reason] },
  passed: { kind: 'passed', by: cy, release: 'RMKPLXWQVTA', lock: bo, freezes: [reason] },
} as const satisfies { readonly [Kind in AppAnnouncement['kind']]: AppAnnouncement & { readonly kind: Kind } })
