import { writeAudit } from '../db/audit.ts'
import { recordingParts } from '../db/recordings.ts'
import { byCaller } from './audit-row.ts'
import { requireRole } from './authorize.ts'
import type { Rack } from './context.ts'
import type { Caller } from './operations.ts'
import { promotionInfo } from './promotions.ts'
import { recordingText } from './recorder/recording-text.ts'

/** What the judge of a promotion saw, as JSON lines (src/rack/recorder/lines.ts); null when nothing is kept. For deployers, audited: it names images and nodes. */
export const recordedFacts = async (rack: Rack, caller: Caller, input: { promotion: string; app?: string }): Promise<{ promotion: string; app: string; text: string | null }> => {
  requireRole(caller, 'deployer', 'seeing what the judge saw')
  const { id, app } = await promotionInfo(rack, caller, input)
  const parts = await recordingParts(rack.db, id)
  if (parts.length === 0) return { promotion: id, app, text: null }
  await writeAudit(rack.db, { rack: rack.name, app, ...byCaller(caller), action: 'promotion.facts', promotionId: id, detail: { parts: String(parts.length) } })
  return { promotion: id, app, text: await recordingText(parts) }
}
