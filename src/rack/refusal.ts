import type { PromotionStatus } from '../db/words.ts'
import type { Role } from './actor.ts'
import type { GroupTrouble, UnreadGroup } from './people.ts'
import type { WindowFault } from './gate/windows.ts'
import type { DigestPart } from './progress.ts'

/** What was asked for, so that it can be asked for once more in another way: queued, or past a freeze. */
export interface Again { readonly kind: 'promote' | 'rollback'; readonly release: string; readonly deadlineSeconds: number | null; readonly force: boolean }

/** An expected no, as facts. The bot gives it words, a next step and buttons (reference/cards.md 7). */
export type Refusal =
  | { readonly code: 'app_not_found'; readonly app: string; readonly nearest: readonly string[] }
  | { readonly code: 'app_exists'; readonly app: string }
  /** A new one of that name has to wait. */
  | { readonly code: 'app_deleting'; readonly app: string }
  | { readonly code: 'app_name_invalid'; readonly app: string; readonly why: string }
  | { readonly code: 'app_not_empty'; readonly app: string; readonly release: string; readonly promotion: string; readonly moving: boolean }
  | { readonly code: 'confirm_delete'; readonly app: string; readonly namespace: string }
  | { readonly code: 'release_not_found'; readonly release: string; readonly nearest: readonly string[]; readonly app: string }
  | { readonly code: 'release_of_other_app'; readonly release: string; readonly other: string; readonly app: string }
  | { readonly code: 'build_not_found'; readonly build: string; readonly nearest: readonly string[]; readonly app: string }
  | { readonly code: 'promotion_not_found'; readonly promotion: string; readonly nearest: readonly string[]; readonly app: string }
  | { readonly code: 'process_not_found'; readonly process: string; readonly nearest: readonly string[]; readonly app: string }
  | { readonly code: 'env_not_found'; readonly key: string; readonly app: string }
  | { readonly code: 'no_releases'; readonly app: string }
  | { readonly code: 'no_build'; readonly release: string; readonly app: string }
  | { readonly code: 'no_active_release'; readonly app: string }
  | { readonly code: 'needs_one_of'; readonly flags: readonly [string, string]; readonly both: boolean }
  | { readonly code: 'required_env'; readonly keys: readonly string[]; readonly app: string }
  | { readonly code: 'app_busy'; readonly app: string; readonly promotion: string; readonly release: string; readonly requester: string; readonly since: Date; readonly asked: 'promote' | 'rollback'; readonly status: PromotionStatus; readonly again?: Again }
  | { readonly code: 'locked'; readonly app: string; readonly owner: string; readonly reason: string; readonly until: Date | null; readonly again: Again }
  | { readonly code: 'frozen'; readonly app: string; readonly reason: string; readonly until: Date | null; readonly mayOverride: boolean; readonly again: Again }
  /** Somebody else's, to whoever would lock or unlock. */
  | { readonly code: 'lock_of_other'; readonly app: string; readonly owner: string; readonly reason: string; readonly since: Date; readonly until: Date | null; readonly asked: 'lock' | 'unlock' }
  | { readonly code: 'not_locked'; readonly app: string }
  | { readonly code: 'not_frozen'; readonly app: string }
  | { readonly code: 'freeze_not_found'; readonly freeze: string }
  /** `longest` in seconds. */
  | { readonly code: 'window_invalid'; readonly fault: WindowFault; readonly cron: string; readonly zone: string; readonly longest: number }
  | { readonly code: 'reason_needed'; readonly what: 'lock' | 'freeze'; readonly app: string }
  | { readonly code: 'too_long'; readonly what: 'lock'; readonly seconds: number; readonly longest: number }
  | { readonly code: 'already_active'; readonly release: string; readonly app: string }
  | { readonly code: 'older_release'; readonly release: string; readonly active: string; readonly app: string }
  | { readonly code: 'forbidden'; readonly role: Role; readonly needs: Role; readonly what: string; readonly who: readonly string[]; readonly unread?: readonly UnreadGroup[] }
  | { readonly code: 'not_an_approver'; readonly approvers: readonly string[]; readonly unread?: readonly UnreadGroup[] }
  /** At the time it is to be set; `empty`: nobody is in it. */
  | { readonly code: 'group_unreadable'; readonly group: string; readonly why: GroupTrouble | 'empty'; readonly app: string }
  /** More approvals than people on the list: nothing would ever be approved. */
  | { readonly code: 'approvers_too_few'; readonly approvals: number; readonly people: number; readonly app: string }
  /** The last vote falls, and an earlier one cannot be looked at. */
  | { readonly code: 'votes_unconfirmed'; readonly by: string; readonly unread: readonly UnreadGroup[] }
  | { readonly code: 'own_request'; readonly who: readonly string[] }
  | { readonly code: 'not_a_member' }
  | { readonly code: 'shared_channel' }
  /** `by`: who voted last or ended it; null where nobody did. */
  | { readonly code: 'already_decided'; readonly by: string | null; readonly status: PromotionStatus; readonly at: Date }
  | { readonly code: 'already_voted'; readonly have: number; readonly need: number }
  | { readonly code: 'request_expired'; readonly at: Date; readonly promotion: string }
  | { readonly code: 'changed_since'; readonly part: DigestPart; readonly value: string; readonly promotion: string }
  | { readonly code: 'rolling_back_already'; readonly app: string; readonly target: string | null; readonly until: Date | null; readonly promotion: string }
  | { readonly code: 'not_updating'; readonly app: string }
  | { readonly code: 'manifest_invalid'; readonly errors: readonly string[] }
  | { readonly code: 'manifest_missing'; readonly app: string }
  | { readonly code: 'image_missing'; readonly references: readonly string[] }
  | { readonly code: 'image_invalid'; readonly reference: string; readonly why: string }
  | { readonly code: 'service_without_image'; readonly services: readonly string[]; readonly app: string }
  | { readonly code: 'service_unknown'; readonly service: string; readonly services: readonly string[]; readonly app: string }
  | { readonly code: 'env_word_without_value'; readonly word: string }
  | { readonly code: 'env_key_not_allowed'; readonly key: string }
  | { readonly code: 'env_set_and_unset'; readonly key: string }
  | { readonly code: 'env_too_large'; readonly service: string; readonly bytes: number; readonly largest: string }
  | { readonly code: 'nothing_would_change'; readonly app: string }
  | { readonly code: 'params_unchanged'; readonly app: string }
  | { readonly code: 'same_as_active'; readonly app: string }
  | { readonly code: 'param_unknown'; readonly name: string; readonly known: readonly string[] }
  | { readonly code: 'param_invalid'; readonly name: string; readonly value: string; readonly expected: string }
  | { readonly code: 'namespace_not_ours'; readonly namespace: string }
  | { readonly code: 'name_too_long'; readonly name: string; readonly limit: number; readonly what: string }
  | { readonly code: 'cluster_unreachable'; readonly since: Date | null }
  | { readonly code: 'cluster_refused'; readonly object: string; readonly message: string }
  | { readonly code: 'database_away' }
  | { readonly code: 'question_too_old' }

/** Thrown by every operation of the rack that says no. `message` is for the log; the person sees the bot's words. */
export class RefusalError extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.code)
    this.name = 'RefusalError'
    this.refusal = refusal
  }
}

/** Ends an operation with a refusal. */
export const refuse = (refusal: Refusal): never => {
  throw new RefusalError(refusal)
}
