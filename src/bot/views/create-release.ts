import type { AppContext } from '../command.ts'
import type { SubmissionErrors } from '../context.ts'
import { onRackOfApp } from '../find-rack.ts'
import { createdFromAnswer } from '../messages/change-answers.ts'
import { createReleaseView } from '../messages/modals.ts'
import { idOf, readMetadata } from '../metadata.ts'
import { openModal } from '../modal.ts'
import { thenPromote } from '../promote-flow.ts'
import { say } from '../say.ts'
import { refuse } from '../../rack/refusal.ts'
import { defineView, listOf, textOf } from '../view.ts'

/** Options a select of Slack's may have (slack.md 3.3). */
const mostOptions = 100

/** Opens the two pickers: whose build, whose env. */
export const openCreateRelease = async (context: AppContext): Promise<void> => {
  await context.rack.mayBegin(context.caller, { app: context.app, operation: 'createFrom' })
  return openModal(context, context.app, async () => {
    const { rows } = await context.rack.listReleases({ actor: context.caller.actor }, { app: context.app, limit: mostOptions })
    return createReleaseView(context.app, rows) ?? refuse({ code: 'no_releases', app: context.app })
  })
}

export const createRelease = defineView({
  id: 'create_release',
  check: (fields) => {
    const missing = ['build_from', 'env_from'].filter((field) => textOf(fields, field) === '')
    return missing.length === 0 ? null : Object.fromEntries(missing.map((field) => [field, 'Choose a release.']))
  },
  run: async (opened, metadata, fields) => {
    const app = idOf(readMetadata(metadata), 'app')
    const context = { ...await onRackOfApp(opened, app), app }
    const input = { app, buildFrom: textOf(fields, 'build_from'), activeBuild: false, envFrom: textOf(fields, 'env_from'), activeEnv: false }
    if (listOf(fields, 'promote').length === 0) return say(context, createdFromAnswer(app, await context.rack.createFrom(context.caller, input), null))
    return thenPromote(context, (caller) => context.rack.createFrom(caller, input), (created, started) => createdFromAnswer(app, created, started))
  },
  under: (refusal, fields): SubmissionErrors => {
    switch (refusal.code) {
      case 'no_build': return { build_from: `no build for release: ${refusal.release}` }
      case 'same_as_active': return { env_from: 'build and env are those of the active release: nothing would change' }
      case 'release_not_found': return { [refusal.release === textOf(fields, 'env_from') ? 'env_from' : 'build_from']: `release not found: ${refusal.release}` }
      default: return null
    }
  },
})
