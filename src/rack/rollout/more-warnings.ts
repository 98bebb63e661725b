import type { PromotionRecord } from '../../db/promotions.ts'
import type { Json } from '../../db/schema.ts'
import { ClusterRefusal } from '../cluster/cluster-error.ts'
import { fromJson, toJson } from '../json.ts'
import type { Warning } from '../progress.ts'
import { StoppedError } from './write.ts'

const masked = (warning: Warning, mask: (text: string) => string): Warning => {
  switch (warning.kind) {
    case 'not_removed':
    case 'not_stopped':
    case 'timer_suspended':
    case 'pull_secret_not_copied':
    case 'dry_run_unsupported': return { ...warning, why: mask(warning.why) }
    default: return warning
  }
}

/** The change of a promotion that keeps `more` behind the warnings it has, without env values in what the cluster said; nothing when there are none. Pure. */
export const moreWarnings = ({ warnings }: Pick<PromotionRecord, 'warnings'>, more: readonly Warning[], mask: (text: string) => string): { readonly warnings?: Json } =>
  (more.length === 0 ? {} : { warnings: toJson([...(fromJson<Warning[]>(warnings) ?? []), ...more.map((warning) => masked(warning, mask))]) })

/** Why something that may stay undone was not done: for what the cluster refused or did not answer in time. Everything else is thrown again. */
export const undoneBecause = (error: unknown): string => {
  if (error instanceof StoppedError) return 'the cluster did not answer in time'
  if (error instanceof ClusterRefusal) return error.message
  throw error
}
