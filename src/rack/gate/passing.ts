import type { Warning } from '../progress.ts'
import type { Pass } from './gate.ts'

const freezeWarning = (reason: string, by: string | null): Warning => ({ kind: 'passes_freeze', reason, ...(by === null ? {} : { by }) })

/** What a card warns of because it passes something. */
export const passWarnings = (passes: readonly Pass[], { overrideBy }: { readonly overrideBy: string | null }): Warning[] =>
  passes.map((pass) => (pass.kind === 'lock' ? { kind: 'passes_lock', owner: pass.owner } : freezeWarning(pass.reason, pass.by === 'override' ? overrideBy : null)))
