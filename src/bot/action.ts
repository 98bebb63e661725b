import type { Context } from './context.ts'
import type { ActionId } from './action-ids.ts'
import type { Token } from './tokenize.ts'

/** What a click has besides a context. */
export interface Click {
  readonly action: ActionId
  /** Ids only; what a button's value says is checked again here and in the rack. */
  readonly value: string
  readonly on: 'message' | 'ephemeral' | 'modal'
  /** Runs kept words as if they were typed. */
  readonly retype: (tokens: readonly Token[]) => Promise<void>
}

/** What a button, menu or select does. `context.rack` is the first rack; what is about a promotion or an app finds its own. */
export interface Action {
  readonly ids: readonly ActionId[]
  readonly run: (context: Context, click: Click) => Promise<void>
}

export const defineAction = (action: Action): Action => action
