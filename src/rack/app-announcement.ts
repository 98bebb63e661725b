import { insertAppAnnouncement } from '../db/app-announcements.ts'
import type { Db } from '../db/client.ts'
import { appParams } from './apps.ts'
import type { GateRack } from './gate/state.ts'
import { toJson } from './json.ts'

/** What everybody in an app's channel should hear, whether or not it has a promotion. People are Slack ids, times RFC 3339; `until` null: no end set. */
export type AppAnnouncement =
  | { readonly kind: 'locked'; readonly by: string; readonly reason: string; readonly until: string | null; /** It was theirs already. */ readonly anew: boolean }
  | { readonly kind: 'unlocked'; readonly by: string }
  | { readonly kind: 'lock_taken'; readonly by: string; readonly from: string; readonly reason: string; readonly until: string | null }
  | { readonly kind: 'lock_over'; readonly owner: string; readonly reason: string }
  | { readonly kind: 'freeze_added'; readonly by: string; readonly reason: string; readonly everyApp: boolean; readonly cron: string; readonly seconds: number; readonly zone: string; /** It holds already. */ readonly now: boolean; readonly next: string }
  | { readonly kind: 'freeze_removed'; readonly by: string; readonly reason: string; readonly everyApp: boolean }
  | { readonly kind: 'freeze_overridden'; readonly by: string; readonly release: string; readonly freezes: readonly string[] }
  /** A rollback to a proven release begins all the same. `lock`: whose. */
  | { readonly kind: 'passed'; readonly by: string; readonly release: string; readonly lock: string | null; readonly freezes: readonly string[] }

/** Writes down what is to be said in the app's channel, in the transaction of what it tells. An app without a channel has nobody to tell. */
export const sayOfApp = async (rack: Pick<GateRack, 'name'>, tx: Db, app: string, told: AppAnnouncement): Promise<void> => {
  const { channel } = await appParams(tx, rack.name, app)
  if (channel !== null) await insertAppAnnouncement(tx, { rack: rack.name, app, channel, fact: toJson(told) })
}
