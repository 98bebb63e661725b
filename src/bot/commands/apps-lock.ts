import { defineAppCommand } from '../command.ts'
import { lockAnswer } from '../messages/gate-answers.ts'
import { say } from '../say.ts'

export const appsLock = defineAppCommand({
  name: 'apps lock',
  summary: 'Keeps an app to you: only promotions that you ask for begin. Your own lock gets the new reason and end.',
  args: [{ name: 'app', what: 'The app.', required: false }],
  namesApp: true,
  flags: [
    { name: 'reason', kind: 'text', value: '"why"', needed: true, what: 'Why; others read it while they wait.' },
    { name: 'for', kind: 'duration', value: '2h', what: 'How long; without it until you unlock it.' },
  ],
  role: 'deployer',
  example: 'apps lock shop --reason "migrating the database" --for 2h',
  notes: ['Promotions of others wait or are refused. Automatic rollbacks never wait, and a rollback to a proven release passes.'],
  run: async (context, args) => {
    const lock = await context.rack.lockApp(context.caller, { app: context.app, reason: args.text.reason ?? '', seconds: args.number.for ?? null })
    await say(context, lockAnswer(context.app, lock, 'locked'))
  },
})
