import type { Action } from './action.ts'
import { readPromotionValue } from './action-ids.ts'
import type { Context } from './context.ts'
import { onRackOfPromotion } from './find-rack.ts'

/** What a promotion's button names: the promotion, and the rev of the card it stood on (null: none). */
export interface Chosen { readonly promotion: string; readonly rev: number | null }

/** An action about one promotion, on that promotion's rack. */
export const onPromotion = (run: (context: Context, chosen: Chosen) => Promise<void>): Action['run'] => async (context, click) => {
  const chosen = readPromotionValue(click.value)
  if (chosen === null) throw new Error('a promotion button of another make')
  await run(await onRackOfPromotion(context, chosen.promotion), chosen)
}
