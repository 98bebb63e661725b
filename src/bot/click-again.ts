import { promotionValue, type ActionId } from './action-ids.ts'
import type { Context } from './context.ts'
import type { Again } from './usage-error.ts'

/** A promotion's button once more, after Slack did not let it open its modal in time. `command` says the same in words, where there are any. */
export const clickAgain = async (
  context: Context, promotion: string, { action, label, command }: { readonly action: ActionId; readonly label: string; readonly command: ((app: string) => string) | null },
): Promise<Again> => {
  const { app, release } = await context.rack.promotionInfo({ actor: context.caller.actor }, { promotion })
  return { button: { action, label, value: promotionValue(promotion, null), about: `${release.id} on ${app}` }, command: command === null ? null : command(app) }
}
