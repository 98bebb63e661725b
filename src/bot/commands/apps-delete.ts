import { defineAppCommand } from '../command.ts'
import { appDeletedAnswer } from '../messages/app-answers.ts'
import { say } from '../say.ts'
import { cleanName } from '../tokenize.ts'

export const appsDelete = defineAppCommand({
  name: 'apps delete',
  summary: 'Deletes an app, its namespace and everything in it. There is no way back.',
  args: [{ name: 'app', what: 'The app.', required: true }],
  namesApp: true,
  flags: [{ name: 'confirm', kind: 'text', value: 'app', what: 'The name of the app once more.' }],
  role: 'admin',
  example: 'apps delete shop --confirm shop',
  run: async (context, args) => {
    const confirm = args.text.confirm === undefined ? null : cleanName(args.text.confirm)
    const { namespace } = await context.rack.deleteApp(context.caller, { app: context.app, confirm })
    await say(context, appDeletedAnswer(context.app, namespace))
  },
})
