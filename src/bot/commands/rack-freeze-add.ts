import { defineRackCommand } from '../command.ts'
import { freezeFlags, readFreeze } from '../freeze-flags.ts'
import { freezeAddedAnswer } from '../messages/gate-answers.ts'
import { whereOf } from '../on-rack.ts'
import { say } from '../say.ts'

export const rackFreezeAdd = defineRackCommand({
  name: 'rack freeze add',
  summary: 'Adds windows, again and again, in which no promotion of any app of the rack begins.',
  args: [],
  flags: freezeFlags,
  role: 'admin',
  example: 'rack freeze add --cron "0 0 24 12 *" --for 72h --zone Europe/Paris --reason holidays',
  run: async (context, args) => {
    const freeze = await context.rack.addFreeze(context.caller, { app: null, ...readFreeze(args) })
    await say(context, freezeAddedAnswer(freeze, whereOf(context)))
  },
})
