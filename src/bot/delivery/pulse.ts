import type { Trouble } from './slack-error.ts'

/** How the calls to Slack have gone lately in this process. */
export interface Pulse {
  fine(): void
  failed(trouble: Trouble): void
  /** Since when no call got an answer that counts, in milliseconds of the local clock; null while the last one did. */
  awaySince(): number | null
}

/** `onCutOff` is called whenever Slack says that the token is no good (any more). */
export const createPulse = (now: () => number, onCutOff: () => void = () => undefined): Pulse => {
  let since: number | null = null
  return {
    fine: () => {
      since = null
    },
    failed: ({ kind, why }) => {
      // What Slack refuses was heard; what it limits too.
      since = kind === 'unsent' || kind === 'ambiguous' || kind === 'cut_off' ? since ?? now() : null
      // A missing scope is a no to one thing, not to everything.
      if (kind === 'cut_off' && why !== 'missing_scope') onCutOff()
    },
    awaySince: () => since,
  }
}
