import { defineAppCommand } from '../command.ts'
import { processesAnswer } from '../messages/process-answers.ts'
import { say } from '../say.ts'
import { cleanName } from '../tokenize.ts'

export const ps = defineAppCommand({
  name: 'ps',
  summary: 'Lists the processes of an app as the cluster shows them.',
  args: [],
  flags: [
    { name: 'service', short: 's', kind: 'text', value: 'service', what: 'Only of this service.' },
    { name: 'release', kind: 'id', value: 'release', what: 'Only of this release.' },
  ],
  role: 'viewer',
  example: 'ps -a shop --service web',
  run: async (context, args) => {
    const service = args.text.service === undefined ? null : cleanName(args.text.service)
    const rows = await context.rack.listProcesses(context.caller, { app: context.app })
    const wanted = rows.filter((row) => (service === null || row.service === service) && (args.text.release === undefined || row.release === args.text.release))
    await say(context, processesAnswer(context.app, wanted, context.clock()))
  },
})
