import { defineAppCommand } from '../command.ts'
import { freezeFlags, readFreeze } from '../freeze-flags.ts'
import { freezeAddedAnswer } from '../messages/gate-answers.ts'
import { whereOf } from '../on-rack.ts'
import { say } from '../say.ts'

export const appsFreezeAdd = defineAppCommand({
  name: 'apps freeze add',
  summary: 'Adds windows, again and again, in which no promotion of an app begins.',
  args: [{ name: 'app', what: 'The app.', required: false }],
  namesApp: true,
  flags: freezeFlags,
  role: 'admin',
  example: 'apps freeze add shop --cron "0 18 * * 5" --for 62h --zone Europe/Paris --reason weekend',
  notes: ['An admin may override it for one promotion. Automatic rollbacks never wait, and a rollback to a proven release passes.'],
  run: async (context, args) => {
    const freeze = await context.rack.addFreeze(context.caller, { app: context.app, ...readFreeze(args) })
    await say(context, freezeAddedAnswer(freeze, whereOf(context)))
  },
})
