import { defineAppCommand } from '../command.ts'
import { envAnswer } from '../messages/env-answers.ts'
import { say } from '../say.ts'

export const env = defineAppCommand({
  name: 'env',
  summary: 'Lists the env keys of the newest release; values are masked.',
  args: [],
  flags: [
    { name: 'release', kind: 'id', value: 'release', what: 'Of this release instead.' },
    { name: 'reveal', kind: 'boolean', what: 'Shows the values to you alone; for deployers, audited.' },
  ],
  role: 'viewer',
  example: 'env -a shop',
  run: async (context, args) => {
    const reveal = args.on.has('reveal')
    const found = await context.rack.readEnv(context.caller, { app: context.app, release: args.text.release ?? null, reveal })
    await say(context, envAnswer(context.app, found))
  },
})
