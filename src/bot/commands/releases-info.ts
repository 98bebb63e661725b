import { defineAppCommand } from '../command.ts'
import { releaseInfoAnswer } from '../messages/release-answers.ts'
import { namesFor } from '../people.ts'
import { say } from '../say.ts'
import { cleanId } from '../tokenize.ts'

export const releasesInfo = defineAppCommand({
  name: 'releases info',
  summary: 'Shows one release: build, env keys, where it came from, when it was promoted.',
  args: [{ name: 'id', what: 'The release.', required: true }],
  flags: [{ name: 'reveal', kind: 'boolean', what: 'Shows the values of its env to you alone; for deployers, audited.' }],
  role: 'viewer',
  example: 'releases info RMKPLXWQVTA -a shop',
  run: async (context, args) => {
    const reveal = args.on.has('reveal')
    const info = await context.rack.releaseInfo(context.caller, { app: context.app, release: cleanId(args.words[0]?.text ?? ''), reveal })
    await say(context, releaseInfoAnswer(info, await namesFor(context, info.promoted === null ? [] : [info.promoted.by])))
  },
})
