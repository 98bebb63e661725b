import { defineAppCommand } from '../command.ts'
import { givenFile } from '../given-file.ts'
import { importFlags, importInput } from '../import-input.ts'
import { importedAnswer } from '../messages/change-answers.ts'
import { say } from '../say.ts'
import { openImportManifest } from '../views/import-manifest.ts'

export const buildsImportImage = defineAppCommand({
  name: 'builds import-image',
  summary: 'Makes a build and a release of an image that a registry has.',
  args: [{ name: 'image', what: 'One image for every service, or `service=image` for each.', required: true, many: true }],
  flags: [...importFlags, { name: 'manifest', kind: 'boolean', what: 'Asks for the convox.yml in a dialog; without it the newest build\'s is kept.' }],
  role: 'deployer',
  asksFirst: (args) => args.on.has('manifest'),
  notes: ['A long convox.yml goes into the dialog as a file, or comes with the message: `@convox builds import-image <image> -a shop` and the file beside it.'],
  example: 'builds import-image registry.example.com/shop:1.4.2 -a shop',
  run: async (context, args) => {
    const input = importInput(args, 'builds import-image')
    const [file] = context.files
    if (args.on.has('manifest') && file === undefined) return openImportManifest(context, input)
    // A file beside the words is the manifest, whether the flag was typed or not.
    const manifest = file === undefined ? null : await givenFile(context, file)
    return say(context, importedAnswer(context.app, await context.rack.importImage(context.caller, { app: context.app, ...input, manifest })))
  },
})
