import { defineAppCommand } from '../command.ts'
import { appDeletedAnswer } from '../messages/app-answers.ts'
import { say } from '../say.ts'
import { cleanName } from '../tokenize.ts'
import { openDeleteApp } from '../views/delete-app.ts'

export const appsDelete = defineAppCommand({
  name: 'apps delete',
  summary: 'Deletes an app, its namespace and everything in it, once its name is typed again. There is no way back.',
  args: [{ name: 'app', what: 'The app.', required: true }],
  namesApp: true,
  flags: [{ name: 'confirm', kind: 'text', value: 'app', what: 'The name of the app once more; without it a dialog asks.' }],
  role: 'admin',
  example: 'apps delete shop --confirm shop',
  asksFirst: (args) => args.text.confirm === undefined,
  run: async (context, args) => {
    if (args.text.confirm === undefined) return openDeleteApp(context)
    const deletion = await context.rack.deleteApp(context.caller, { app: context.app, confirm: cleanName(args.text.confirm) })
    return say(context, appDeletedAnswer(context.app, deletion))
  },
})
