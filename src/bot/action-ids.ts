/** Every fixed `action_id` of a button or menu. What it is about stands in `value`, never in the id. */
export const actionIds = [
  'approve', 'reject', 'show_diff', 'send_diff', 'more', 'cancel_rollout', 'leave_queue', 'try_again', 'request_again',
  'promote', 'promote_again', 'promote_anyway', 'cancel_and_roll_back', 'show_card', 'edit_env', 'import_manifest',
  'older', 'newer', 'run_1', 'run_2', 'run_3', 'pick_app', 'queue_it', 'override_freeze', 'take_lock',
] as const
export type ActionId = (typeof actionIds)[number]

/** Buttons that run a kept command (`Inbox.keepQuestion`); three, because ids differ within one block. */
export const runActions = ['run_1', 'run_2', 'run_3'] as const satisfies readonly ActionId[]

/** Options of the card's ⋯ menu (`more`); an option's value is `<option>:<promotion>:<rev>`. */
export const moreOptions = ['cancel_request', 'promotion_info'] as const
export type MoreOption = (typeof moreOptions)[number]

/** `callback_id` of every modal. */
export const callbackIds = ['reject_promotion', 'show_diff', 'edit_env', 'create_release', 'import_manifest', 'delete_app', 'loading', 'told'] as const
export type CallbackId = (typeof callbackIds)[number]

/** `block_id` and `action_id` of every input of a modal. */
export const inputIds = [
  'reason', 'set', 'key', 'value', 'unset', 'release_only', 'build_from', 'env_from', 'promote', 'manifest_file', 'manifest_text', 'app', 'name',
] as const
export type InputId = (typeof inputIds)[number]

/** Value of a promotion's button: `<promotion>:<rev>`; only the promotion where no card was seen. */
export const promotionValue = (promotion: string, rev: number | null): string => (rev === null ? promotion : `${promotion}:${rev}`)

/** Undoes `promotionValue`; null when it is not one. */
export const readPromotionValue = (value: string): { readonly promotion: string; readonly rev: number | null } | null => {
  const match = /^(P[A-Z]{1,20})(?::(\d{1,9}))?$/.exec(value)
  const promotion = match?.[1]
  return promotion === undefined ? null : { promotion, rev: match?.[2] === undefined ? null : Number(match[2]) }
}

/** Undoes the value of a ⋯ option; null when it is not one. */
export const readMoreValue = (value: string): { readonly option: MoreOption; readonly promotion: string; readonly rev: number | null } | null => {
  const at = value.indexOf(':')
  const option = moreOptions.find((known) => known === value.slice(0, at))
  const rest = readPromotionValue(value.slice(at + 1))
  return option === undefined || rest === null ? null : { option, ...rest }
}

/** Value of a release's button: `<app>:<release>`. */
export const releaseValue = (app: string, release: string): string => `${app}:${release}`

/** Undoes `releaseValue`; null when it is not one. */
export const readReleaseValue = (value: string): { readonly app: string; readonly release: string } | null => {
  const match = /^([a-z0-9-]{1,63}):([A-Za-z]{2,20})$/.exec(value)
  return match?.[1] === undefined || match[2] === undefined ? null : { app: match[1], release: match[2] }
}
