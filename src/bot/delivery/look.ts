import { createHash } from 'node:crypto'
import { isMoving } from '../../rack/promotion.ts'
import type { PromotionView } from '../../rack/promotion-view.ts'
import type { Payload } from './words.ts'

/**
 * What tells two drawings of a card apart. While a promotion moves its rev grows several times a second and decides nothing, so that it is left
 * out; before it is part of what is decided on, so that a new rev is a new card.
 */
export const hashOf = (payload: Payload, view: Pick<PromotionView, 'id' | 'rev' | 'status'>): string => {
  const text = JSON.stringify([payload.text, payload.blocks])
  const looks = isMoving(view.status) ? text.replaceAll(new RegExp(`(${view.id}(?::\\w+)?):${view.rev}"`, 'gu'), '$1"') : text
  return createHash('sha256').update(looks).digest('hex')
}
