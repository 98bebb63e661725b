import type { PromotionView } from '../../rack/promotion-view.ts'
import { typedOn } from '../typed-on.ts'
import { code, type Span } from './phrase.ts'

/** What says on which rack a command runs. */
export type OnRack = Pick<PromotionView, 'app' | 'rack' | 'severalRacks'>

/** A command of the view's rack, ready to copy. */
export const printedCommand = (view: OnRack, words: string): Span => code(view.severalRacks ? typedOn(view.rack, `/convox ${words}`) : `/convox ${words}`)

/** A command about the view's app, ready to copy. */
export const commandFor = (view: OnRack, words: string): Span => printedCommand(view, `${words} -a ${view.app}`)
