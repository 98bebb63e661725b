import { defineAppCommand } from '../command.ts'
import { manifestAnswer } from '../messages/release-answers.ts'
import { say } from '../say.ts'
import { cleanId } from '../tokenize.ts'

export const releasesManifest = defineAppCommand({
  name: 'releases manifest',
  summary: "Shows the convox.yml of a release's build, as it was imported.",
  args: [{ name: 'id', what: 'The release.', required: true }],
  flags: [],
  role: 'viewer',
  example: 'releases manifest RMKPLXWQVTA -a shop',
  run: async (context, args) => {
    const kept = await context.rack.releaseManifest(context.caller, { app: context.app, release: cleanId(args.words[0]?.text ?? '') })
    await say(context, manifestAnswer(kept.release, kept.manifest))
  },
})
