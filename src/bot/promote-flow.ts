import { DeliveryTakenError } from '../rack/finish.ts'
import type { Caller, Confirmation, Operations } from '../rack/operations.ts'
import type { PromotionView } from '../rack/promotion-view.ts'
import type { Answer } from './blocks.ts'
import type { AppContext } from './command.ts'
import type { Context } from './context.ts'
import { promoteAnswer, type Started } from './messages/change-answers.ts'
import { withNames } from './people.ts'
import { say } from './say.ts'

type PromoteInput = Parameters<Operations['promote']>[1]

/** A promotion with everybody's name, and where its card is. */
const startedBy = async (context: Context, view: PromotionView): Promise<Started> => {
  const { params } = await context.rack.appInfo(context.caller, view.app)
  return { view: await withNames(context, view), channel: params.channel }
}

/** Tells the person the first lines of a promotion and where its card is. */
export const tellStarted = async (context: Context, view: PromotionView): Promise<void> => say(context, promoteAnswer(await startedBy(context, view)))

/** Promotes and tells the person where the card is. */
export const promote = async (context: Context, input: PromoteInput): Promise<void> => tellStarted(context, await context.rack.promote(context.caller, input))

/** The delivery counts as handled with the last step, so that a restart in between does the whole again: it then finds what was made. */
const firstHalf = ({ delivery, ...caller }: Caller): Caller => (delivery === undefined ? caller : { ...caller, firstHalfOf: delivery })

/**
 * Makes a release and promotes it. What was made is told in any case: when promoting is refused, first its lines without
 * the promotion, then (by who catches it) the refusal.
 */
export const thenPromote = async <Made extends { readonly release: string }>(
  context: AppContext,
  make: (caller: Caller) => Promise<Made>,
  told: (made: Made, started: Started | null) => Answer,
  options: { readonly deadlineSeconds?: number | null; readonly confirmed?: readonly Confirmation[] } = {},
): Promise<void> => {
  const made = await make(firstHalf(context.caller))
  const input = { app: context.app, release: made.release, deadlineSeconds: options.deadlineSeconds ?? null, confirmed: options.confirmed ?? [] }
  let started: Started
  try {
    started = await startedBy(context, await context.rack.promote(context.caller, input))
  } catch (error) {
    if (!(error instanceof DeliveryTakenError)) await say(context, told(made, null))
    throw error
  }
  await say(context, told(made, started))
}
