import { includesRole } from '../../rack/actor.ts'
import { callerAt } from '../../rack/authorize.ts'
import type { FreezeRow } from '../../rack/operations.ts'
import { RefusalError } from '../../rack/refusal.ts'
import { defineRackCommand } from '../command.ts'
import type { Context } from '../context.ts'
import { freezeRemovedAnswer } from '../messages/gate-answers.ts'
import { onRack, whereOf } from '../on-rack.ts'
import { say } from '../say.ts'
import { cleanId } from '../tokenize.ts'

/** Where it was removed: its id says no rack, so without `-r` every rack is asked on which this person is an admin, the first one last as its no is the answer. */
const removeAnywhere = async (context: Context, freeze: string): Promise<{ readonly on: Context; readonly removed: FreezeRow }> => {
  const others = context.rackSaid === true ? [] : context.racks.filter((rack) => rack.rack !== context.rack.rack)
  for (const rack of others) {
    const caller = callerAt(context.caller, rack.rack, null)
    // A no for who they are would be written to the audit of a rack that they did not mean.
    if (!includesRole(caller.actor.role, 'admin')) continue
    try {
      const removed = await rack.removeFreeze(caller, { freeze })
      return { on: onRack(context, rack), removed }
    } catch (error) {
      if (!(error instanceof RefusalError && error.refusal.code === 'freeze_not_found')) throw error
    }
  }
  return { on: context, removed: await context.rack.removeFreeze(context.caller, { freeze }) }
}

export const appsFreezeRemove = defineRackCommand({
  name: 'apps freeze remove',
  summary: 'Removes a freeze, of an app or of the rack, with all its windows.',
  args: [{ name: 'id', what: 'The freeze, as `apps freezes` lists it.', required: true }],
  flags: [],
  role: 'admin',
  example: 'apps freeze remove FKWQZTVNPLA',
  run: async (context, args) => {
    const { on, removed } = await removeAnywhere(context, cleanId(args.words[0]?.text ?? ''))
    await say(on, freezeRemovedAnswer(removed, whereOf(on)))
  },
})
