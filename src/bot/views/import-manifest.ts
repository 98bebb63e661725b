import { z } from 'zod'
import { requireRole } from '../../rack/authorize.ts'
import type { AppContext } from '../command.ts'
import { onRackOfApp } from '../find-rack.ts'
import type { ImportInput } from '../import-input.ts'
import { importedAnswer } from '../messages/change-answers.ts'
import { fieldErrors, importManifestView } from '../messages/modals.ts'
import { idOf, readMetadata } from '../metadata.ts'
import { openModal } from '../modal.ts'
import { say } from '../say.ts'
import { UsageFailure } from '../usage-error.ts'
import { defineView, textOf } from '../view.ts'

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
  requireRole(context.caller, 'deployer', 'importing an image')
  const typed = JSON.stringify(input)
  // It is quoted twice on its way.
  const length = JSON.stringify(JSON.stringify({ input: typed, app: context.app })).length
  if (length > room) throw new UsageFailure({ code: 'text_too_long', what: 'The command', length, limit: room })
  await openModal(context, context.app, async () => {
    await context.rack.appInfo({ actor: context.caller.actor }, context.app)
    return importManifestView(context.app, { input: typed })
  })
}

export const importManifest = defineView({
  id: 'import_manifest',
  check: (fields) => (textOf(fields, 'manifest_text').trim() === '' ? { manifest_text: 'Paste one convox.yml.' } : null),
  run: async (opened, metadata, fields) => {
    const ids = readMetadata(metadata)
    const app = idOf(ids, 'app')
    const context = { ...await onRackOfApp(opened, app), app }
    const input = kept.parse(JSON.parse(idOf(ids, 'input')))
    const imported = await context.rack.importImage(context.caller, { app, ...input, manifest: textOf(fields, 'manifest_text') })
    await say(context, importedAnswer(app, imported))
  },
  under: (refusal) => (refusal.code === 'manifest_invalid' ? { manifest_text: fieldErrors.validation(refusal.errors) } : null),
})
