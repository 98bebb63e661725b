import { defineAction } from '../action.ts'
import { readQuestion } from '../retype.ts'

/** Import with a manifest: its value keeps the import's words, as the other kept commands do. */
export const importWithManifest = defineAction({
  ids: ['import_manifest'],
  run: async (context, { value, retype }) => retype(readQuestion(await context.inbox.readQuestion(value))),
})
