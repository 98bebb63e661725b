import { defineAppCommand } from '../command.ts'
import { promote } from '../promote-flow.ts'
import { cleanId } from '../tokenize.ts'

export const releasesPromote = defineAppCommand({
  name: 'releases promote',
  summary: 'Makes a release active: asks for approval where the app wants it, rolls it out, and rolls back by itself when it fails.',
  args: [{ name: 'id', what: 'The release; the newest one when left out.', required: false }],
  flags: [
    { name: 'deadline', kind: 'duration', value: '10m', what: 'How long it may take before it rolls back.' },
    { name: 'force', kind: 'boolean', what: 'Cancels the promotion that is on, waits until it is rolled back, then goes first. Needs its own approval all the same.' },
    { name: 'queue', kind: 'boolean', what: 'Waits for a lock, a freeze or another promotion instead of being refused.' },
    { name: 'override-freeze', kind: 'boolean', what: 'Passes a freeze: for admins; announced and audited.' },
  ],
  role: 'deployer',
  example: 'releases promote RMKPLXWQVTA -a shop',
  run: async (context, args) => {
    const typed = args.words[0]
    await promote(context, {
      app: context.app,
      release: typed === undefined ? null : cleanId(typed.text),
      deadlineSeconds: args.number.deadline ?? null,
      confirmed: [],
      ...(args.on.has('force') ? { force: true } : {}),
      ...(args.on.has('queue') ? { queue: true } : {}),
      ...(args.on.has('override-freeze') ? { override: true } : {}),
    })
  },
})
