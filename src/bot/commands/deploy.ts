import { defineAppCommand } from '../command.ts'
import { importFlags, importInput } from '../import-input.ts'
import { deployAnswer, importedAnswer } from '../messages/change-answers.ts'
import { thenPromote } from '../promote-flow.ts'
import { UsageFailure } from '../usage-error.ts'

export const deploy = defineAppCommand({
  name: 'deploy',
  summary: 'Imports an image and promotes the release made of it.',
  args: [{ name: 'image', what: 'One image for every service, or `service=image` for each.', required: false, many: true }],
  flags: [...importFlags, { name: 'deadline', kind: 'duration', value: '10m', what: 'How long it may take before it rolls back.' }],
  role: 'deployer',
  example: 'deploy registry.example.com/shop:1.4.2 -a shop',
  run: async (context, args) => {
    // `convox deploy` and `convox deploy .` build a directory, which this bot has none of.
    if (args.words.every((token) => /^[./]*$/u.test(token.text))) throw new UsageFailure({ code: 'build_from_source' })
    const input = importInput(args, 'deploy')
    return thenPromote(
      context,
      (caller) => context.rack.importImage(caller, { app: context.app, ...input, manifest: null }),
      (imported, started) => (started === null ? importedAnswer(context.app, imported) : deployAnswer(context.app, imported, started)),
      { deadlineSeconds: args.number.deadline ?? null },
    )
  },
})
