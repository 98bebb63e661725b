import type { Cause } from '../../../../src/rack/cause.ts'
import type { Progress, ServiceProgress } from '../../../../src/rack/progress.ts'
import type { PromotionView } from '../../../../src/rack/promotion-view.ts'

/** The people, releases and times of reference/cards.md: 2026-11-24, UTC. */
export const ana = 'U0ANA'
export const bo = 'U0BO'
export const cy = 'U0CY'
export const names = { [ana]: 'ana', [bo]: 'bo', [cy]: 'cy' } as const
export const R = 'RMKPLXWQVTA'
export const RP = 'RHBTZQNCEDS'
export const P = 'PABCDEFGHIJ'

export const at = (time: string): Date => new Date(`2026-11-24T${time.length === 5 ? `${time}:00` : time}Z`)
export const iso = (time: string): string => `2026-11-24T${time}Z`

export const service = (facts: Partial<ServiceProgress> & Pick<ServiceProgress, 'service'>): ServiceProgress =>
  ({ state: 'ready', ready: 1, desired: 1, oldRunning: 0, oldStopping: 0, ...facts })

export const progress = (facts: Partial<Progress>): Progress => ({
  phase: 'services', applied: { done: 7, total: 7 }, lastChangeAt: iso('14:05:21'), deadlineAt: iso('14:15:11'),
  services: [service({ service: 'web', state: 'going', ready: 1, desired: 2, oldRunning: 1 }), service({ service: 'worker' })],
  ...facts,
})

export const crash: Cause = {
  kind: 'crashed_at_start', rule: 'crash-loop', service: 'web', process: 'web-5d88978c58-xd7nk', container: 'main', reason: 'CrashLoopBackOff',
  exitCode: 1, restarts: 1, affected: { failing: 2, of: 2 }, firstSeen: iso('14:05:14'),
}
export const refused: Cause = {
  kind: 'refused', rule: 'refused', message: 'admission webhook "policy.example.com" denied the request: runAsNonRoot is required', firstSeen: iso('14:05:12'),
}
export const cancelled: Cause = { kind: 'cancelled', rule: 'cancelled', by: cy, firstSeen: iso('14:06:30') }
export const edited: Cause = { kind: 'changed_by', rule: 'not-ours', service: 'web', manager: 'kubectl-edit', firstSeen: iso('14:06:20') }
export const imageGone: Cause = {
  kind: 'image_not_found', rule: 'image-pull', service: 'web', image: `shop:1.4.1@sha256:9f3c1a7be042${'0'.repeat(52)}`, firstSeen: iso('14:05:30'),
}

/** Before anything moves, as in cards.md 2.2. */
export const waiting: PromotionView = {
  id: P, rack: 'prod', app: 'shop', severalRacks: false, kind: 'promote', status: 'awaiting_approval', rev: 3,
  release: { id: R, description: 'env add:FOO', build: 'BXKQWMNVDTR' }, from: RP, target: RP,
  requester: ana, requestedAt: at('14:02'),
  approvals: { needed: 1, votes: [], approvers: [bo, cy] },
  expiresAt: at('15:02'), deadlineSeconds: 600, stabilitySeconds: 30,
  change: {
    images: [{ services: ['web', 'worker'], from: 'shop:1.4.1', to: 'shop:1.4.2', digest: `sha256:b71aa04c55d1${'0'.repeat(52)}`, gitSha: '0a1b2c3d4e', message: 'my commit message' }],
    env: { added: ['FOO'], changed: ['DATABASE_URL'], removed: [] },
    manifest: [{ text: 'web scale 2 → 3', important: true }, { text: 'worker no change', important: false, unchanged: 'worker' }],
  },
  warnings: [], startedAt: null, failedAt: null, finishedAt: null, progress: null, cause: null, otherCauses: [], rollbackCause: null, logs: [],
  ended: null, last: { status: 'succeeded', at: at('12:10') }, queue: null, continuesEarlier: false, ref: '7f3a', names,
}

const approvedBy = { ...waiting.approvals, votes: [{ by: bo, at: at('14:05') }] }
export const moving: PromotionView = { ...waiting, status: 'rolling_out', approvals: approvedBy, startedAt: at('14:05:11'), progress: progress({}) }
const ended: PromotionView = { ...moving, finishedAt: at('14:05:24'), failedAt: at('14:05:15') }

const back = [service({ service: 'web', ready: 2, desired: 2, release: RP }), service({ service: 'worker', release: RP })]
const mixed = [service({ service: 'web', state: 'failed', ready: 0, desired: 2, release: R, cause: imageGone }), service({ service: 'worker', release: RP })]

export const command = { command: 'bin/migrate', startedAt: iso('14:05:11'), until: iso('14:15:11') }
const commandFailed: Cause = { kind: 'release_command_failed', rule: 'release-command', service: 'web', process: 'release-pabcdefghij-x7k2p', command: 'bin/migrate', exitCode: 1, firstSeen: iso('14:05:15') }

/** One view for every state of cards.md 2.1, in its order. */
export const byStatus = {
  awaiting_approval: waiting,
  queued: { ...waiting, status: 'queued', approvals: approvedBy, queue: { position: 1, of: 2, behind: 'RLCQYWZTKFE', behindRequester: cy } },
  rolling_out: moving,
  rolling_back: {
    ...moving, status: 'rolling_back', failedAt: at('14:05:15'), cause: crash,
    progress: progress({ phase: 'services_back', deadlineAt: iso('14:15:16'), services: [service({ service: 'web', state: 'going', ready: 1, desired: 2 }), service({ service: 'worker' })] }),
  },
  succeeded: { ...moving, status: 'succeeded', finishedAt: at('14:06:03'), progress: progress({ phase: 'removing', services: [service({ service: 'web', ready: 2, desired: 2 }), service({ service: 'worker' })] }) },
  rejected: { ...waiting, status: 'rejected', finishedAt: at('14:06'), ended: { by: bo, at: at('14:06'), reason: 'wait for the migration' } },
  expired: { ...waiting, status: 'expired', finishedAt: at('15:02') },
  cancelled: { ...waiting, status: 'cancelled', finishedAt: at('14:03'), ended: { by: ana, at: at('14:03') } },
  failed: { ...ended, status: 'failed', finishedAt: at('14:05:15'), cause: refused, progress: progress({ phase: 'checking', services: [] }) },
  superseded: {
    ...ended, status: 'superseded', failedAt: null, cause: edited,
    progress: progress({ services: [service({ service: 'worker', release: R }), service({ service: 'web', release: R })] }),
  },
  rolled_back: {
    ...ended, status: 'rolled_back', cause: crash, progress: progress({ phase: 'services_back', services: back, verifiedAt: iso('14:05:24') }),
    logs: [{ service: 'web', process: 'web-5d88978c58-xd7nk', container: 'main', previous: true, lines: ['Error: DATABASE_URL is not set', '    at start (/app/server.js:12:9)'] }],
  },
  rollback_failed: { ...ended, status: 'rollback_failed', cause: { ...crash, restarts: undefined, affected: undefined }, rollbackCause: imageGone, progress: progress({ services: mixed }) },
} as const satisfies Record<PromotionView['status'], PromotionView>

const first = { from: null, target: null } as const

/** Further situations of cards.md 2-4, by what is special about them. */
export const situations = {
  'no approval needed': { ...waiting, status: 'queued', approvals: { needed: 0, waived: 'policy', votes: [], approvers: [] } },
  'verified good before': { ...moving, approvals: { needed: 1, waived: 'verified_before', votes: [], approvers: [] } },
  'one of two votes': { ...waiting, approvals: { needed: 2, votes: [{ by: bo, at: at('14:05') }], approvers: [] } },
  'approvers by role': { ...waiting, approvals: { needed: 1, votes: [], approvers: [] } },
  'left the queue': { ...byStatus.queued, status: 'cancelled', queue: null, ended: { by: ana, at: at('14:11') }, finishedAt: at('14:11') },
  'first request': { ...waiting, ...first, last: null },
  'first release failed': { ...ended, ...first, status: 'failed', cause: crash, progress: progress({ services: [service({ service: 'web', state: 'scaled_to_zero' }), service({ service: 'worker', state: 'scaled_to_zero' })] }) },
  'first release cancelled': { ...ended, ...first, status: 'failed', cause: cancelled, ended: { by: cy, at: at('14:06:30') } },
  'first release scaling down': { ...moving, ...first, status: 'rolling_back', failedAt: at('14:05:15'), cause: crash, progress: progress({ phase: 'scaling_down' }) },
  'no longer possible': { ...waiting, status: 'failed', approvals: approvedBy, finishedAt: at('14:05:15'), cause: { kind: 'required_env', rule: 'required-env', keys: ['A'], firstSeen: iso('14:05:15') } },
  'cancelled while rolling out': { ...byStatus.rolled_back, cause: cancelled, logs: [], ended: { by: cy, at: at('14:06:30') } },
  'cancelled, going back': { ...byStatus.rolling_back, cause: cancelled, ended: { by: cy, at: at('14:06:30') } },
  'superseded while rolling back': { ...byStatus.superseded, failedAt: at('14:05:15'), cause: crash, rollbackCause: edited },
  refused: { ...moving, progress: progress({ phase: 'checking', refused: { since: iso('14:06:40'), why: 'the webhook images.example.com does not answer' } }) },
  blind: { ...moving, progress: progress({ blindSince: iso('14:06:40') }) },
  stable: { ...moving, progress: progress({ phase: 'stable', stableUntil: iso('14:06:03'), services: back }) },
  applying: { ...moving, progress: progress({ phase: 'applying', applied: { done: 3, total: 7 }, services: [service({ service: 'web', state: 'waiting', ready: 0, desired: 2 })] }) },
  removing: { ...moving, progress: progress({ phase: 'removing', removing: 1, services: back }) },
  'release command': { ...moving, progress: progress({ phase: 'release_command', services: [], applied: { done: 0, total: 0 }, releaseCommand: { ...command, done: false } }) },
  'release command done': { ...moving, progress: progress({ phase: 'applying', applied: { done: 3, total: 7 }, releaseCommand: { ...command, done: true } }) },
  'release command failed': { ...ended, status: 'failed', finishedAt: at('14:05:15'), cause: commandFailed, progress: progress({ phase: 'release_command', services: [], releaseCommand: { ...command, done: false } }) },
  'release command timed out': {
    ...ended, status: 'failed', finishedAt: at('14:05:15'), cause: { ...commandFailed, exitCode: undefined, deadline: 600 },
    progress: progress({ phase: 'release_command', services: [], releaseCommand: { ...command, done: false } }),
  },
  'rolled back after a release command': { ...byStatus.rolled_back, progress: progress({ phase: 'services_back', services: back, verifiedAt: iso('14:05:24'), releaseCommand: { ...command, done: true } }) },
  forced: { ...byStatus.queued, queue: { ...byStatus.queued.queue, forced: true } },
  warned: {
    ...waiting,
    warnings: [
      { kind: 'tag_not_pinned', service: 'web', reference: 'shop:1.4.2' }, { kind: 'older', active: RP }, { kind: 'last_rollback_failed' },
      { kind: 'takes_over', field: 'image', service: 'web', manager: 'kubectl-edit' },
    ],
  },
  'approvals cleared': { ...waiting, warnings: [{ kind: 'approvals_cleared', at: iso('14:20:00'), part: 'active', value: 'RLCQYWZTKFE' }] },
  'leftover not removed': { ...byStatus.succeeded, warnings: [{ kind: 'not_removed', object: 'Deployment cron', why: '403' }] },
  continued: { ...moving, continuesEarlier: true },
  'without a log': { ...byStatus.rolled_back, logs: [{ service: 'web', process: 'p', container: 'main', previous: false, lines: [], none: 'never_started' }] },
  rollback: { ...moving, kind: 'rollback', release: { ...moving.release, description: `rollback to ${RP}` } },
  'several racks': { ...byStatus.rolled_back, severalRacks: true },
} as const satisfies Record<string, PromotionView>

/** Text from outside that tries to be markup, a mention, or hidden. */
export const hostile = '<!channel> `code` & <@U0EVIL> *bold* <https://x|y> \u202Ereversed\u0007\n```end'

/** The same promotion, huge: an app of 40 characters, 12 services, 30 env keys, every text hostile (cards.md 8). */
export const huge = (view: PromotionView): PromotionView => {
  const keys = Array.from({ length: 30 }, (_, index) => `VERY_LONG_ENVIRONMENT_KEY_NUMBER_${index}`)
  const many = Array.from({ length: 12 }, (_, index) => `service-with-a-rather-long-name-${index}`)
  const loud = (cause: Cause): Cause => ({ ...cause, message: hostile.repeat(20), reason: hostile, object: hostile, manager: hostile, ...(cause.service === undefined ? {} : { service: many[0] }) })
  return {
    ...view,
    app: 'shop-'.repeat(8), severalRacks: true,
    release: { ...view.release, description: hostile.repeat(5) },
    change: {
      images: many.map((name) => ({ services: [name], from: `registry.example.com/${'deep/'.repeat(20)}shop:1`, to: `registry.example.com/${'deep/'.repeat(20)}shop:2`, digest: `sha256:${'a'.repeat(64)}`, gitSha: 'f'.repeat(40), message: hostile.repeat(9) })),
      env: { added: keys, changed: keys.map((key) => `B_${key}`), removed: keys.map((key) => `C_${key}`) },
      manifest: many.flatMap((name) => [{ text: `${name} scale 2 → 3`, important: true }, { text: `${name} command ${hostile} → ${hostile}`, important: false }]),
    },
    warnings: [...view.warnings, { kind: 'dry_run_unsupported', object: hostile, why: hostile.repeat(9) }, { kind: 'not_removed', object: hostile, why: hostile.repeat(9) }],
    progress: view.progress === null ? null : { ...view.progress, services: many.map((name, index) => service({ service: name, state: index % 3 === 0 ? 'failed' : index % 3 === 1 ? 'going' : 'ready', ready: index % 3, desired: 3, release: R, ...(index % 3 === 0 ? { cause: loud(crash) } : {}) })) },
    cause: view.cause === null ? null : loud(view.cause),
    otherCauses: view.cause === null ? [] : Array.from({ length: 4 }, () => loud(refused)),
    rollbackCause: view.rollbackCause === null ? null : loud(view.rollbackCause),
    logs: view.logs.map((log) => ({ ...log, lines: Array.from({ length: 50 }, () => hostile.repeat(9)) })),
    ended: view.ended === null ? null : { ...view.ended, reason: hostile.repeat(30) },
    names: { [ana]: `Ana ${hostile}`, [bo]: 'bo', [cy]: hostile },
  }
}

/** Every view there is, small and huge, by name. */
export const everyView = (): readonly (readonly [name: string, view: PromotionView])[] => {
  const small: (readonly [string, PromotionView])[] = [...Object.entries(byStatus), ...Object.entries(situations)]
  return [...small, ...small.map(([name, view]) => [`${name}, huge`, huge(view)] as const)]
}
