import type { PageAsk, Paged } from '../db/page.ts'
import type { PromotionKind, PromotionStatus } from '../db/words.ts'
import type { Actor } from './actor.ts'
import type { AuditAsk, AuditRow } from './audit.ts'
import type { FormOperation } from './authorize.ts'
import type { Cause } from './cause.ts'
import type { Deletion } from './delete-app.ts'
import type { Lock } from './gate/gate.ts'
import type { Window } from './gate/windows.ts'
import type { Warning } from './progress.ts'
import type { PromotionDiff } from './promotion-diff.ts'
import type { PromotionView } from './promotion-view.ts'
import type { WaitingForMe } from './waiting-for-me.ts'

/** On whose behalf an operation runs, and because of which delivery: it is marked handled in the transaction of the effect. */
export interface Caller {
  readonly actor: Actor
  /** Id of the Slack delivery (envelope), absent for the schedule. */
  readonly delivery?: string
  /** Id of a delivery of which this is the first half: done again after a crash, it finds what it made instead of making another. */
  readonly firstHalfOf?: string
  /** Slack channel the request came from. */
  readonly channel?: string
  /** `ts` of the message there: the one whose button was clicked, or the one that asked. */
  readonly message?: string
}

export type AppStatusWord = 'running' | 'updating' | 'rollback' | 'failed'
export interface AppRow {
  readonly app: string
  readonly status: AppStatusWord
  readonly release: string | null
  /** Who keeps it to themselves; absent or null: nobody. */
  readonly lock?: Lock | null
}

/** Params of an app; times in seconds. */
export interface AppParams {
  readonly channel: string | null
  readonly approvals: number
  /** Slack ids; when not empty they replace the role for this app. */
  readonly approvers: readonly string[]
  readonly deadline: number
  readonly stability: number
  readonly expiry: number
}
export interface AppInfo extends AppRow {
  readonly namespace: string
  readonly params: AppParams
  /** The promotion that moves now. */
  readonly moving: { readonly promotion: string; readonly release: string; readonly requester: string; readonly since: Date } | null
  readonly waiting: number
  /** The freezes that are about it, if any. */
  readonly freezes?: readonly FreezeRow[]
  /** In the order in which they begin; `held`: a lock or a freeze keeps it waiting. */
  readonly queue?: readonly { readonly promotion: string; readonly release: string; readonly requester: string; readonly held: boolean }[]
}

export type ReleaseStatusWord = 'active' | 'promoting' | 'failed' | ''
export interface ReleaseRow {
  readonly id: string
  readonly status: ReleaseStatusWord
  readonly build: string | null
  readonly created: Date
  readonly description: string
}
export interface ReleasePage extends Paged<ReleaseRow> {
  /** Releases of the app; where there are `more`, only so many were counted. */
  readonly total: number
  readonly more: boolean
  /** How many newer ones lie above the page; null when they are more than were counted. */
  readonly above: number | null
  readonly active: string | null
}
export interface ReleaseInfo extends ReleaseRow {
  readonly app: string
  /** Sorted; the values are null unless they were asked for by somebody allowed to see them. */
  readonly env: readonly { readonly key: string; readonly value: string | null }[]
  readonly promoted: { readonly at: Date; readonly by: string; readonly status: PromotionStatus; readonly seconds: number | null } | null
  readonly from: { readonly build?: string; readonly env?: string; readonly rollback?: string } | null
}

/** Which release a new one was forked from. */
export interface Base { readonly id: string; readonly active: string | null }
export interface ReleaseCreated { readonly release: string; readonly base: Base | null }
export interface BuildRow {
  readonly id: string
  readonly status: 'complete'
  readonly release: string | null
  readonly started: Date
  readonly elapsedSeconds: number
  readonly description: string
}
export interface BuildInfo extends BuildRow {
  readonly images: readonly { readonly service: string; readonly reference: string; readonly pinned: boolean }[]
  readonly gitSha: string | null
}
export interface ImageImported extends ReleaseCreated { readonly build: string; readonly warnings: readonly Warning[] }

export interface PromotionRow {
  readonly id: string
  readonly kind: PromotionKind
  readonly status: PromotionStatus
  readonly release: string
  readonly from: string | null
  readonly requester: string
  readonly requestedAt: Date
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  readonly approvals: number
  readonly approvalsNeeded: number
  readonly cause: Cause | null
  /** Who rejected or cancelled it, and the reason given. */
  readonly ended: { readonly by: string; readonly reason: string | null } | null
}

export interface ProcessRow {
  /** Pod name. */
  readonly id: string
  readonly service: string
  readonly status: 'pending' | 'starting' | 'running' | 'unhealthy' | 'crashed' | 'complete' | 'failed' | 'stopping' | 'unknown'
  readonly release: string
  readonly started: Date | null
  readonly command: string
}
export interface ProcessInfo extends ProcessRow { readonly app: string; readonly instance: string | null; readonly image: string; readonly restarts: number; readonly reason: string | null }

/** Windows in which nothing begins. `app` null: of every app of the rack. */
export interface FreezeRow extends Window {
  readonly id: string
  readonly app: string | null
  readonly reason: string
  /** Set while it holds; `until` null: it runs into the next. */
  readonly frozen: { readonly until: Date | null } | null
  /** When the next window begins. */
  readonly next: Date
}

/** What a person confirmed in a dialog or with a flag. */
export type Confirmation = 'older' | 'active'

/**
 * Everything one rack can be asked for. Each throws `RefusalError` for an expected no, checks the caller's role first,
 * and writes its audit row in the transaction of the change. The names and ids are taken in any case.
 */
export interface Operations {
  readonly rack: string

  /** Checks who may do what a form is for, before it is opened. */
  mayBegin(caller: Caller, input: { app: string; operation: FormOperation }): Promise<void>

  listApps(caller: Caller): Promise<readonly AppRow[]>
  /** A page of them, by name. */
  pageThroughApps(caller: Caller, ask: PageAsk): Promise<Paged<AppRow>>
  appInfo(caller: Caller, app: string): Promise<AppInfo>
  /** Apps whose channel param is `channel`. */
  appsOfChannel(channel: string): Promise<readonly string[]>
  createApp(caller: Caller, input: { app: string; channel: string | null }): Promise<{ namespace: string }>
  /** Without the right `confirm` it refuses with `confirm_delete`. */
  deleteApp(caller: Caller, input: { app: string; confirm: string | null }): Promise<Deletion>
  setAppParams(caller: Caller, input: { app: string; params: readonly (readonly [name: string, value: string])[] }): Promise<AppParams>

  /** Only promotions of the caller begin until it is unlocked, or `seconds` have passed. One's own lock is changed; `lock_of_other` else. */
  lockApp(caller: Caller, input: { app: string; reason: string; seconds: number | null }): Promise<Lock>
  unlockApp(caller: Caller, input: { app: string }): Promise<void>
  /** The lock of `from` becomes the caller's. */
  takeLock(caller: Caller, input: { app: string; from: string }): Promise<Lock>
  addFreeze(caller: Caller, input: Window & { app: string | null; reason: string }): Promise<FreezeRow>
  removeFreeze(caller: Caller, input: { freeze: string }): Promise<FreezeRow>
  /** `app` null: those of every app of the rack. */
  listFreezes(caller: Caller, input: { app: string | null }): Promise<readonly FreezeRow[]>

  /** Newest first. */
  listReleases(caller: Caller, input: { app: string } & PageAsk): Promise<ReleasePage>
  releaseInfo(caller: Caller, input: { app: string; release: string; reveal: boolean }): Promise<ReleaseInfo>
  /** The build's convox.yml byte for byte. */
  releaseManifest(caller: Caller, input: { app: string; release: string }): Promise<{ release: string; manifest: string }>
  createFrom(caller: Caller, input: { app: string; buildFrom: string | null; activeBuild: boolean; envFrom: string | null; activeEnv: boolean }): Promise<ReleaseCreated>

  /**
   * `release` null means the newest. Refuses `older_release` and `already_active` unless confirmed. `force`: once approved, it has what moves cancelled, waits
   * for its way back, and goes first; it bypasses no approval, lock or freeze. `queue`: it may wait for a lock, a freeze or another promotion, which otherwise refuse
   * it (`locked`, `frozen`, `app_busy`). `override`: freezes do not keep it waiting (an admin's right).
   */
  promote(caller: Caller, input: { app: string; release: string | null; deadlineSeconds: number | null; confirmed: readonly Confirmation[]; force?: boolean; queue?: boolean; override?: boolean }): Promise<PromotionView>
  /** Copy and promotion in one transaction. To a proven release it passes locks and freezes. */
  rollback(caller: Caller, input: { app: string; release: string; queue?: boolean }): Promise<{ release: string; source: string; promotion: PromotionView }>
  /** A new request for the same release, with new votes; of a rollback: a rollback to the same release. */
  requestAgain(caller: Caller, input: { promotion: string }): Promise<PromotionView>
  /** After a failed rollback: a new promotion back to the last verified good release. */
  tryRollbackAgain(caller: Caller, input: { promotion: string }): Promise<PromotionView>
  /** `rev` null: from no card (a typed command). */
  approve(caller: Caller, input: { promotion: string; rev: number | null }): Promise<PromotionView>
  /** Requests that wait for this very person. */
  waitingForMe(caller: Caller): Promise<readonly WaitingForMe[]>
  /** Checks who may reject before a modal is opened; returns the promotion. */
  mayDecide(caller: Caller, input: { promotion: string }): Promise<PromotionView>
  reject(caller: Caller, input: { promotion: string; reason: string }): Promise<PromotionView>
  /** Ends a waiting request, or stops a rollout and goes back. `onlyWaiting`: the former alone; refuses `app_busy` once it has begun. */
  cancel(caller: Caller, input: { promotion: string; onlyWaiting?: boolean }): Promise<PromotionView>
  /** A queued promotion passes the freezes: an admin's right. */
  overrideFreeze(caller: Caller, input: { promotion: string }): Promise<PromotionView>
  /** `apps cancel`: the app's moving promotion, else `not_updating`. */
  cancelApp(caller: Caller, input: { app: string }): Promise<PromotionView>
  /** Cancels what moves, waits for its way back, then rolls back to `release`: the copy waits queued behind it. */
  cancelAndRollback(caller: Caller, input: { app: string; release: string }): Promise<{ release: string; source: string; promotion: PromotionView }>

  /** Newest first. */
  listPromotions(caller: Caller, input: { app: string } & PageAsk): Promise<Paged<PromotionRow>>
  promotionInfo(caller: Caller, input: { promotion: string; app?: string }): Promise<PromotionView>
  /** What it would change, or changed, field by field, and where a failure goes back to. No values of the environment. */
  promotionDiff(caller: Caller, input: { promotion: string; app?: string }): Promise<PromotionDiff>
  /** What the judge of a promotion saw, as JSON lines for `npm run judge`; `text` null when nothing is kept (rollouts of the last 30 days are). */
  recordedFacts(caller: Caller, input: { promotion: string; app?: string }): Promise<{ promotion: string; app: string; text: string | null }>

  /** Env of the newest release, or of `release`; values only with `reveal`. */
  readEnv(caller: Caller, input: { app: string; release: string | null; reveal: boolean }): Promise<{ release: string | null; env: ReleaseInfo['env'] }>
  getEnv(caller: Caller, input: { app: string; key: string; release: string | null }): Promise<string>
  changeEnv(caller: Caller, input: {
    app: string
    set: readonly (readonly [key: string, value: string])[]
    unset: readonly string[]
    /** Drop every key that is not set. */
    replace: boolean
    base: string | null
  }): Promise<ReleaseCreated & { readonly set: readonly string[]; readonly unset: readonly string[] }>

  /** Newest first. */
  listBuilds(caller: Caller, input: { app: string } & PageAsk): Promise<Paged<BuildRow>>
  buildInfo(caller: Caller, input: { app: string; build: string }): Promise<BuildInfo>
  importImage(caller: Caller, input: {
    app: string
    /** For every service without an `image:` of its own. */
    image: string | null
    images: readonly (readonly [service: string, reference: string])[]
    description: string | null
    gitSha: string | null
    message: string | null
    /** The release whose env is forked; null: the newest. */
    base: string | null
    /** convox.yml; null: the newest build's. */
    manifest: string | null
  }): Promise<ImageImported>

  /** What was done, newest first; for admins. */
  listAudit(caller: Caller, input: AuditAsk & PageAsk): Promise<Paged<AuditRow>>
  /** All of it up to a limit; `more` when older rows are left out. */
  exportAudit(caller: Caller, input: AuditAsk): Promise<{ readonly rows: readonly AuditRow[]; readonly more: boolean }>

  listProcesses(caller: Caller, input: { app: string }): Promise<readonly ProcessRow[]>
  processInfo(caller: Caller, input: { app: string; process: string }): Promise<ProcessInfo>
}

/** One Slack delivery as kept before it is acknowledged. `payload` is encrypted at rest. */
export interface Delivery { readonly id: string; readonly payload: string; readonly receivedAt: Date }

/** Deliveries already taken, across replicas and restarts. */
export interface Inbox {
  /**
   * Keeps it; false when the id is known already, or when `click` (who clicked what) was kept less than a second ago: a double click
   * is one. Throws when the database does not answer within a second.
   */
  accept(delivery: { id: string; payload: string; click?: string | undefined }): Promise<boolean>
  /** Marks it handled (idempotent) and forgets its payload. */
  handled(id: string): Promise<void>
  /** It must never be done, even when keeping it turns out to have worked, or still will. */
  refused(id: string): Promise<void>
  /** Says that this process is at them. */
  hold(ids: readonly string[]): Promise<void>
  /** What is not handled and what nobody has been at for `idle` seconds: from now on the caller is. Each goes to one caller. */
  takeOver(idle: number): Promise<readonly Delivery[]>
  /** Keeps a command behind a button for 15 minutes; encrypted, so that it may hold values. Returns its id. */
  keepQuestion(command: string): Promise<string>
  /** Refuses with `question_too_old`. */
  readQuestion(id: string): Promise<string>
}
