import { defineRackCommand } from '../command.ts'
import { freezeRemovedAnswer } from '../messages/gate-answers.ts'
import { whereOf } from '../on-rack.ts'
import { say } from '../say.ts'
import { cleanId } from '../tokenize.ts'

export const appsFreezeRemove = defineRackCommand({
  name: 'apps freeze remove',
  summary: 'Removes a freeze, of an app or of the rack, with all its windows.',
  args: [{ name: 'id', what: 'The freeze, as `apps freezes` lists it.', required: true }],
  flags: [],
  role: 'admin',
  example: 'apps freeze remove FKWQZTVNPLA',
  run: async (context, args) => {
    const freeze = await context.rack.removeFreeze(context.caller, { freeze: cleanId(args.words[0]?.text ?? '') })
    await say(context, freezeRemovedAnswer(freeze, whereOf(context)))
  },
})
