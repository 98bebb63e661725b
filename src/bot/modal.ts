import type { ModalView } from '@slack/types'
import type { Context } from './context.ts'
import { loadingView } from './messages/modals.ts'
import { UsageFailure } from './usage-error.ts'

/**
 * Opens a modal: first a loading view while the trigger lives (3 s), then what `draw` makes of the facts. What `draw` throws is
 * shown in the modal by dispatch, which knows that one is open. Throws `UsageFailure` `too_slow` when the trigger is dead.
 */
export const openModal = async (context: Context, about: string, draw: () => Promise<ModalView>): Promise<void> => {
  const viewId = await context.slack.openModal(loadingView(about))
  if (viewId === null) throw new UsageFailure({ code: 'too_slow' })
  await context.slack.updateModal(viewId, await draw())
}
