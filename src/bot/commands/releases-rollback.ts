import { defineAppCommand } from '../command.ts'
import { tellStarted } from '../promote-flow.ts'
import { cleanId } from '../tokenize.ts'

export const releasesRollback = defineAppCommand({
  name: 'releases rollback',
  summary: 'Copies an older release forward as a new one and promotes it.',
  args: [{ name: 'id', what: 'The release to go back to.', required: true }],
  flags: [{ name: 'queue', kind: 'boolean', what: 'Waits for a lock, a freeze or another promotion instead of being refused.' }],
  role: 'deployer',
  example: 'releases rollback RHBTZQNCEDS -a shop',
  notes: ['A release that was proven on this app needs no approval, and passes locks and freezes.'],
  run: async (context, args) => {
    const done = await context.rack.rollback(context.caller, { app: context.app, release: cleanId(args.words[0]?.text ?? ''), ...(args.on.has('queue') ? { queue: true } : {}) })
    await tellStarted(context, done.promotion)
  },
})
