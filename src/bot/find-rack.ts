import type { Caller, Operations } from '../rack/operations.ts'
import { RefusalError } from '../rack/refusal.ts'
import { callerAt } from '../rack/authorize.ts'
import type { Context } from './context.ts'
import { onRack } from './on-rack.ts'

const unknownHere = (error: unknown): boolean => error instanceof RefusalError && ['promotion_not_found', 'app_not_found'].includes(error.refusal.code)

/** The first rack that knows what `ask` is about; with one rack nothing is asked. */
const firstThatKnows = async (racks: readonly Operations[], fallback: Operations, ask: (rack: Operations) => Promise<unknown>): Promise<Operations> => {
  if (racks.length < 2) return fallback
  for (const rack of racks) {
    try {
      await ask(rack)
      return rack
    } catch (error) {
      if (!unknownHere(error)) throw error
    }
  }
  return fallback
}

/** A look that is no use of the delivery. */
const looking = ({ actor }: Caller): Caller => ({ actor })

/** The context on the rack a promotion is of: a button carries only its id. */
export const onRackOfPromotion = async (context: Context, promotion: string): Promise<Context> =>
  onRack(context, await firstThatKnows(context.racks, context.rack, (rack) => rack.promotionInfo(looking(context.caller), { promotion })))

/** The context on the rack of an app, with what the caller may do there: the rack that the button named, else the first one that has the app. */
export const onRackOfApp = async (context: Context, app: string): Promise<Context> => {
  const rack = context.rackSaid === true ? context.rack : await firstThatKnows(context.racks, context.rack, (one) => one.appInfo(looking(context.caller), app))
  return { ...onRack(context, rack), caller: callerAt(context.caller, rack.rack, app) }
}

/** Every rack that has an app. */
export const racksOfApp = async (context: Pick<Context, 'racks' | 'caller'>, app: string): Promise<readonly Operations[]> => {
  const found = await Promise.all(context.racks.map(async (rack) => {
    try {
      await rack.appInfo(looking(context.caller), app)
      return [rack]
    } catch (error) {
      if (!unknownHere(error)) throw error
      return []
    }
  }))
  return found.flat()
}
