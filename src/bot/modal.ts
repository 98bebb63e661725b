import type { ModalView } from '@slack/types'
import type { Context } from './context.ts'
import { loadingView } from './messages/modals.ts'
import { UsageFailure, type Again } from './usage-error.ts'

/** What opened it was typed, and is kept behind a button by what answers typed words (no.ts). */
const typedOnly = (): Promise<Again> => Promise.resolve({ button: null, command: null })

/**
 * Opens a modal: first a loading view while the trigger lives (3 s), then what `draw` makes of the facts. What `draw` throws is
 * shown in the modal by dispatch, which knows that one is open. Throws `UsageFailure` `too_slow` when the trigger is dead, with what
 * `again` finds to open it once more: nobody waits for that, so it may ask.
 */
export const openModal = async (context: Context, about: string, draw: () => Promise<ModalView>, again = typedOnly): Promise<void> => {
  const viewId = await context.slack.openModal(loadingView(about))
  if (viewId === null) throw new UsageFailure({ code: 'too_slow', again: await again() })
  await context.slack.updateModal(viewId, await draw())
}
