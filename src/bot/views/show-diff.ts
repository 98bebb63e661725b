import { clickAgain } from '../click-again.ts'
import type { Context } from '../context.ts'
import { diffFile, diffSent, diffView } from '../messages/diff-view.ts'
import { openModal } from '../modal.ts'
import { withNames } from '../people.ts'
import type { PromotionDiff } from '../../rack/promotion-diff.ts'

const readDiff = async (context: Context, promotion: string): Promise<PromotionDiff> => {
  const diff = await context.rack.promotionDiff(context.caller, { promotion })
  return { ...diff, promotion: await withNames(context, diff.promotion) }
}

const send = async (context: Context, diff: PromotionDiff): Promise<void> => {
  const { name, content } = diffFile(diff)
  await context.slack.sayFile(name, content)
}

/** Shows what a promotion would change; what does not fit goes as a file by direct message, first, because the modal says that it is there. */
export const openShowDiff = async (context: Context, promotion: string): Promise<void> =>
  openModal(context, promotion, async () => {
    const diff = await readDiff(context, promotion)
    const { view, whole } = diffView(diff)
    if (!whole) await send(context, diff)
    return view
  }, () => clickAgain(context, promotion, { action: 'show_diff', label: 'Show diff', command: (app) => `promotions info ${promotion} -a ${app}` }))

/** The whole difference and the raw one as a file by direct message. */
export const sendDiff = async (context: Context, promotion: string): Promise<void> => {
  const diff = await readDiff(context, promotion)
  await send(context, diff)
  await context.slack.answer(diffSent(diff))
}
