import { defineAppCommand } from '../command.ts'
import { envValueAnswer } from '../messages/env-answers.ts'
import { say } from '../say.ts'
import { cleanKey } from '../tokenize.ts'

export const envGet = defineAppCommand({
  name: 'env get',
  summary: 'Shows one value to you alone; it is audited.',
  args: [{ name: 'key', what: 'The key.', required: true }],
  flags: [{ name: 'release', kind: 'id', value: 'release', what: 'Of this release; of the newest one when left out.' }],
  role: 'deployer',
  example: 'env get DATABASE_URL -a shop',
  run: async (context, args) => {
    const [word] = args.words
    // `env get FOO=bar` means FOO; a value is never repeated.
    const key = word?.assignment?.key ?? cleanKey(word?.text ?? '')
    const value = await context.rack.getEnv(context.caller, { app: context.app, key, release: args.text.release ?? null })
    await say(context, envValueAnswer(context.app, key, value))
  },
})
