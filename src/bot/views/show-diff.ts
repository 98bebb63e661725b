import type { Context } from '../context.ts'
import { diffView } from '../messages/modals.ts'
import { openModal } from '../modal.ts'
import { withNames } from '../people.ts'

/** Shows what a promotion would change. It has nothing to submit. */
export const openShowDiff = async (context: Context, promotion: string): Promise<void> =>
  openModal(context, promotion, async () => {
    const view = await context.rack.promotionInfo({ actor: context.caller.actor }, { promotion })
    return diffView(await withNames(context, view))
  })
