import type { FreezeRecord } from '../../db/freezes.ts'
import type { FreezeRow } from '../operations.ts'
import { frozenNow } from './frozen-now.ts'
import { nextWindow } from './windows.ts'

/** A freeze as lists show it. Pure. */
export const freezeRow = (record: FreezeRecord, now: Date): FreezeRow => {
  const frozen = frozenNow(record, now)
  return {
    id: record.id, app: record.app, reason: record.reason, cron: record.cron, seconds: record.seconds, zone: record.zone,
    frozen: frozen === null ? null : { until: frozen.until }, next: nextWindow(record, now),
  }
}
