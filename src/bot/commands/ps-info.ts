import { defineAppCommand } from '../command.ts'
import { processInfoAnswer } from '../messages/process-answers.ts'
import { say } from '../say.ts'
import { cleanName } from '../tokenize.ts'

export const psInfo = defineAppCommand({
  name: 'ps info',
  summary: 'Shows one process: where it runs, its image, its restarts.',
  args: [{ name: 'pod', what: 'The process, as `ps` lists it.', required: true }],
  flags: [],
  role: 'viewer',
  example: 'ps info web-5d88978c58-xd7nk -a shop',
  run: async (context, args) => {
    const process = await context.rack.processInfo(context.caller, { app: context.app, process: cleanName(args.words[0]?.text ?? '') })
    await say(context, processInfoAnswer(process))
  },
})
