import type { Trouble } from './slack-error.ts'

/** How the calls to Slack have gone lately in this process. */
export interface Pulse {
  fine(): void
  failed(trouble: Trouble): void
  /** False while the last call got no answer that counts. */
  inTouch(): boolean
}

/** `onCutOff` is called whenever Slack says that the token is no good (any more). */
export const createPulse = (onCutOff: () => void = () => undefined): Pulse => {
  let inTouch = true
  return {
    fine: () => {
      inTouch = true
    },
    failed: ({ kind, why }) => {
      // What Slack refuses was heard; what it limits too.
      inTouch = kind !== 'unsent' && kind !== 'ambiguous' && kind !== 'cut_off'
      // A missing scope is a no to one thing, not to everything.
      if (kind === 'cut_off' && why !== 'missing_scope') onCutOff()
    },
    inTouch: () => inTouch,
  }
}
