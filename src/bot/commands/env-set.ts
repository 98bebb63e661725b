import { refuse } from '../../rack/refusal.ts'
import { defineAppCommand, type AppContext, type Args } from '../command.ts'
import type { EnvChange } from '../env-fields.ts'
import { envChangedAnswer } from '../messages/change-answers.ts'
import { thenPromote } from '../promote-flow.ts'
import { say } from '../say.ts'
import type { Token } from '../tokenize.ts'
import { UsageFailure } from '../usage-error.ts'
import { openEditEnv } from '../views/edit-env.ts'

const pairOf = (token: Token): readonly [string, string] =>
  token.assignment === null ? refuse({ code: 'env_word_without_value', word: token.text }) : [token.assignment.key, token.assignment.value]

/** Changes the env by what was typed, and promotes when that was asked for. */
export const changeTyped = async (context: AppContext, args: Args, change: EnvChange & { readonly replace: boolean }): Promise<void> => {
  const input = { app: context.app, ...change, base: args.text.release ?? null }
  if (!args.on.has('promote')) return say(context, envChangedAnswer(context.app, await context.rack.changeEnv(context.caller, input), null))
  return thenPromote(context, (caller) => context.rack.changeEnv(caller, input), (changed, started) => envChangedAnswer(context.app, changed, started))
}

export const envSet = defineAppCommand({
  name: 'env set',
  summary: 'Makes a release with keys set; without any, it asks in a dialog, so that no secret stands in a typed line.',
  args: [{ name: 'KEY=value', what: 'Kept as typed after the first `=`; quotes hold spaces and line breaks together.', required: false, many: true }],
  flags: [
    { name: 'promote', short: 'p', kind: 'boolean', what: 'Promotes the new release at once.' },
    { name: 'replace', kind: 'boolean', what: 'Drops every key that is not set here.' },
    { name: 'release', kind: 'id', value: 'release', what: 'Changes the env of this release; of the newest one when left out.' },
  ],
  role: 'deployer',
  asksFirst: (args) => args.words.length === 0,
  example: 'env set LOG_LEVEL=debug GREETING="hello there" -a shop',
  run: async (context, args) => {
    if (args.words.length > 0) return changeTyped(context, args, { set: args.words.map(pairOf), unset: [], replace: args.on.has('replace') })
    // Replacing by nothing would drop the whole env by a slip.
    if (args.on.has('replace')) {
      throw new UsageFailure({ code: 'missing_arguments', text: 'at least 1 arg required', argument: 'KEY=value', command: 'env set', example: envSet.example })
    }
    return openEditEnv(context, { base: args.text.release ?? null })
  },
})
