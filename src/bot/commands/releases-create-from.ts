import { defineAppCommand } from '../command.ts'
import { createdFromAnswer } from '../messages/change-answers.ts'
import { thenPromote } from '../promote-flow.ts'
import { say } from '../say.ts'
import { openCreateRelease } from '../views/create-release.ts'

export const releasesCreateFrom = defineAppCommand({
  name: 'releases create-from',
  summary: 'Makes a release of one release\'s build and another one\'s env.',
  args: [],
  flags: [
    { name: 'build-from', kind: 'id', value: 'release', what: 'Takes the build of this release.' },
    { name: 'use-active-release-build', kind: 'boolean', what: 'Takes the build of the active release.' },
    { name: 'env-from', kind: 'id', value: 'release', what: 'Takes the env of this release.' },
    { name: 'use-active-release-env', kind: 'boolean', what: 'Takes the env of the active release.' },
    { name: 'promote', short: 'p', kind: 'boolean', what: 'Promotes the new release at once.' },
  ],
  role: 'deployer',
  example: 'releases create-from --build-from RMKPLXWQVTA --use-active-release-env -a shop',
  asksFirst: (args) => [...args.on, ...Object.keys(args.text)].every((flag) => flag === 'promote'),
  notes: ['Without flags it asks in a dialog with two pickers.'],
  run: async (context, args) => {
    const given = [...args.on, ...Object.keys(args.text)].filter((flag) => flag !== 'promote')
    if (given.length === 0) return openCreateRelease(context)
    const create = (caller: typeof context.caller) =>
      context.rack.createFrom(caller, {
        app: context.app,
        buildFrom: args.text['build-from'] ?? null,
        activeBuild: args.on.has('use-active-release-build'),
        envFrom: args.text['env-from'] ?? null,
        activeEnv: args.on.has('use-active-release-env'),
      })
    if (!args.on.has('promote')) return say(context, createdFromAnswer(context.app, await create(context.caller), null))
    return thenPromote(context, create, (created, started) => createdFromAnswer(context.app, created, started))
  },
})
