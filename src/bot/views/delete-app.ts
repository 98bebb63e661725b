import type { AppContext } from '../command.ts'
import type { SubmissionErrors } from '../context.ts'
import { appDeletedAnswer } from '../messages/app-answers.ts'
import { deleteAppView } from '../messages/delete-app-view.ts'
import { fieldErrors } from '../messages/modals.ts'
import { idOf, readMetadata } from '../metadata.ts'
import { openModal } from '../modal.ts'
import { say } from '../say.ts'
import { cleanName } from '../tokenize.ts'
import { defineView, textOf } from '../view.ts'

/** Asks for the app's name, after saying what goes with it. */
export const openDeleteApp = async (context: AppContext): Promise<void> => {
  await context.rack.mayBegin(context.caller, { app: context.app, operation: 'deleteApp' })
  const { rack, app } = context
  const looking = { actor: context.caller.actor }
  return openModal(context, app, async () => {
    const { namespace } = await rack.appInfo(looking, app)
    const processes = await rack.listProcesses(looking, { app })
    const { total, more } = await rack.listReleases(looking, { app, limit: 1 })
    const { env } = await rack.readEnv(looking, { app, release: null, reveal: false })
    return deleteAppView({ app, rack: rack.rack, namespace, processes: processes.length, releases: total, manyReleases: more, envKeys: env.length })
  })
}

export const deleteApp = defineView({
  id: 'delete_app',
  check: (fields) => (textOf(fields, 'name').trim() === '' ? { name: fieldErrors.nameOfApp } : null),
  run: async (context, metadata, fields) => {
    const ids = readMetadata(metadata)
    const [app, rack] = [idOf(ids, 'app'), context.racks.find((known) => known.rack === idOf(ids, 'rack'))]
    if (rack === undefined) throw new Error('a form of a rack that is gone')
    const deletion = await rack.deleteApp(context.caller, { app, confirm: cleanName(textOf(fields, 'name')) })
    await say(context, appDeletedAnswer(app, deletion))
  },
  under: (refusal): SubmissionErrors => {
    switch (refusal.code) {
      case 'confirm_delete': return { name: fieldErrors.typeToDelete(refusal.app) }
      case 'app_not_empty': return { name: refusal.moving ? fieldErrors.cancelFirst(refusal.release) : fieldErrors.decideFirst(refusal.release) }
      default: return null
    }
  },
})
