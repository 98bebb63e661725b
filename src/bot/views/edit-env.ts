import type { AppContext } from '../command.ts'
import type { SubmissionErrors } from '../context.ts'
import { readEnvForm } from '../env-fields.ts'
import { onRackOfApp } from '../find-rack.ts'
import { envChangedAnswer } from '../messages/change-answers.ts'
import { envView, fieldErrors } from '../messages/modals.ts'
import { idOf, readMetadata } from '../metadata.ts'
import { openModal } from '../modal.ts'
import { thenPromote } from '../promote-flow.ts'
import { say } from '../say.ts'
import { defineView, listOf } from '../view.ts'

/** Opens the environment's form on the newest release, or on the one that was named. Keys only: values are not even read. */
export const openEditEnv = async (context: AppContext, { base }: { readonly base: string | null }): Promise<void> => {
  await context.rack.mayBegin(context.caller, { app: context.app, operation: 'changeEnv' })
  return openModal(context, context.app, async () => {
    const { release, env } = await context.rack.readEnv({ actor: context.caller.actor }, { app: context.app, release: base, reveal: false })
    // A base that nobody named is the newest at the end, not now, so that two people's changes add up.
    return { ...envView({ app: context.app, release, keys: env.map(({ key }) => key) }, context.racks.length > 1 ? context.rack.rack : null), private_metadata: JSON.stringify({ app: context.app, base }) }
  }, () => Promise.resolve({
    button: { action: 'edit_env', label: 'Edit environment', value: context.app, about: `of ${context.app}` },
    command: `env edit -a ${context.app}`,
  }))
}

export const editEnvironment = defineView({
  id: 'edit_env',
  check: (fields) => {
    const form = readEnvForm(fields)
    return form.ok ? null : form.errors
  },
  run: async (opened, metadata, fields) => {
    const form = readEnvForm(fields)
    if (!form.ok) throw new Error('a form that was checked before does not read')
    const ids = readMetadata(metadata)
    const app = idOf(ids, 'app')
    const context = { ...await onRackOfApp(opened, app), app }
    const input = { app, ...form.change, replace: false, base: idOf(ids, 'base') === '' ? null : idOf(ids, 'base') }
    if (listOf(fields, 'release_only').length > 0) return say(context, envChangedAnswer(app, await context.rack.changeEnv(context.caller, input), null))
    return thenPromote(context, (caller) => context.rack.changeEnv(caller, input), (changed, started) => envChangedAnswer(app, changed, started))
  },
  under: (refusal): SubmissionErrors => {
    switch (refusal.code) {
      case 'nothing_would_change': return { set: fieldErrors.nothingWouldChange }
      case 'env_word_without_value': return { set: fieldErrors.expectedKeyValue(refusal.word) }
      case 'env_key_not_allowed': return { set: fieldErrors.keyNotAllowed(refusal.key) }
      case 'env_set_and_unset': return { unset: fieldErrors.setAndRemoved(refusal.key) }
      default: return null
    }
  },
})
