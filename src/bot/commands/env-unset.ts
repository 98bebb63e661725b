import { defineAppCommand } from '../command.ts'
import { cleanKey } from '../tokenize.ts'
import { changeTyped } from './env-set.ts'

export const envUnset = defineAppCommand({
  name: 'env unset',
  summary: 'Makes a release without some keys.',
  args: [{ name: 'key', what: 'One or more keys.', required: true, many: true }],
  flags: [
    { name: 'promote', short: 'p', kind: 'boolean', what: 'Promotes the new release at once.' },
    { name: 'release', kind: 'id', value: 'release', what: 'Changes the env of this release; of the newest one when left out.' },
  ],
  role: 'deployer',
  example: 'env unset LOG_LEVEL -a shop',
  // `env unset FOO=bar` means FOO.
  run: (context, args) => changeTyped(context, args, { set: [], unset: args.words.map((token) => token.assignment?.key ?? cleanKey(token.text)), replace: false }),
})
