import { z } from 'zod'
import type { AppContext } from '../command.ts'
import { onRackOfApp } from '../find-rack.ts'
import type { ImportInput } from '../import-input.ts'
import { importedAnswer } from '../messages/change-answers.ts'
import { givenFile } from '../given-file.ts'
import { fieldErrors, importManifestView } from '../messages/modals.ts'
import { idOf, readMetadata } from '../metadata.ts'
import { openModal } from '../modal.ts'
import { say } from '../say.ts'
import { UsageFailure } from '../usage-error.ts'
import { defineView, listOf, textOf, type Fields } from '../view.ts'

/** What of Slack's 3,000 characters is left for the words of the command, beside the channel around them. */
const room = 2700

const kept = z.object({
  image: z.string().nullable(),
  images: z.array(z.tuple([z.string(), z.string()])),
  description: z.string().nullable(),
  gitSha: z.string().nullable(),
  message: z.string().nullable(),
  base: z.string().nullable(),
})

/** Asks for the convox.yml; what else was typed waits in the modal. */
export const openImportManifest = async (context: AppContext, input: ImportInput): Promise<void> => {
  await context.rack.mayBegin(context.caller, { app: context.app, operation: 'importImage' })
  const typed = JSON.stringify(input)
  // It is quoted twice on its way.
  const length = JSON.stringify(JSON.stringify({ input: typed, app: context.app })).length
  if (length > room) throw new UsageFailure({ code: 'text_too_long', what: 'The command', length, limit: room })
  await openModal(context, context.app, async () => {
    await context.rack.appInfo({ actor: context.caller.actor }, context.app)
    return importManifestView(context.app, { input: typed })
  })
}

const fileOf = (fields: Fields): string | undefined => listOf(fields, 'manifest_file')[0]
const hasText = (fields: Fields): boolean => textOf(fields, 'manifest_text').trim() !== ''

export const importManifest = defineView({
  id: 'import_manifest',
  check: (fields) => {
    if (fileOf(fields) !== undefined && hasText(fields)) return { manifest_text: fieldErrors.notBoth }
    return fileOf(fields) === undefined && !hasText(fields) ? { manifest_text: fieldErrors.fileOrText } : null
  },
  run: async (opened, metadata, fields) => {
    const ids = readMetadata(metadata)
    const app = idOf(ids, 'app')
    const context = { ...await onRackOfApp(opened, app), app }
    const input = kept.parse(JSON.parse(idOf(ids, 'input')))
    const file = fileOf(fields)
    const manifest = file === undefined ? textOf(fields, 'manifest_text') : await givenFile(context, file)
    const imported = await context.rack.importImage(context.caller, { app, ...input, manifest })
    await say(context, importedAnswer(app, imported))
  },
  under: (refusal, fields) => (refusal.code === 'manifest_invalid' ? { [fileOf(fields) === undefined ? 'manifest_text' : 'manifest_file']: fieldErrors.validation(refusal.errors) } : null),
})
