import { defineAppCommand } from '../command.ts'
import { openEditEnv } from '../views/edit-env.ts'

export const envEdit = defineAppCommand({
  name: 'env edit',
  summary: 'Changes the env in a dialog that lists the keys and never their values.',
  args: [],
  flags: [{ name: 'release', kind: 'id', value: 'release', what: 'Changes the env of this release; of the newest one when left out.' }],
  role: 'deployer',
  asksFirst: () => true,
  example: 'env edit -a shop',
  run: (context, args) => openEditEnv(context, { base: args.text.release ?? null }),
})
