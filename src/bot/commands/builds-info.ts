import { defineAppCommand } from '../command.ts'
import { buildInfoAnswer } from '../messages/build-answers.ts'
import { say } from '../say.ts'
import { cleanId } from '../tokenize.ts'

export const buildsInfo = defineAppCommand({
  name: 'builds info',
  summary: 'Shows one build: its images and where they came from.',
  args: [{ name: 'id', what: 'The build.', required: true }],
  flags: [],
  role: 'viewer',
  example: 'builds info BXKQWMNVDTR -a shop',
  run: async (context, args) => {
    const build = await context.rack.buildInfo(context.caller, { app: context.app, build: cleanId(args.words[0]?.text ?? '') })
    await say(context, buildInfoAnswer(context.app, build))
  },
})
