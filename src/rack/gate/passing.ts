import type { Warning } from '../progress.ts'
import type { Pass } from './gate.ts'

/** What a card warns of because it passes something; a freeze that was overridden says so where it was. */
export const passWarnings = (passes: readonly Pass[]): Warning[] =>
  passes.map((pass): Warning => (pass.kind === 'lock' ? { kind: 'passes_lock', owner: pass.owner } : { kind: 'passes_freeze', reason: pass.reason }))
