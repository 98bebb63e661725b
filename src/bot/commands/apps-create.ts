import { defineRackCommand } from '../command.ts'
import { appCreatedAnswer } from '../messages/app-answers.ts'
import { namesFor } from '../people.ts'
import { say } from '../say.ts'
import { cleanName } from '../tokenize.ts'
import { UsageFailure } from '../usage-error.ts'

export const appsCreate = defineRackCommand({
  name: 'apps create',
  summary: 'Makes an app and its namespace; its cards go to this channel.',
  args: [{ name: 'app', what: 'Name of the new app: small letters, digits and dashes.', required: true }],
  flags: [{ name: 'channel', kind: 'channel', value: '#channel', what: 'Where its cards go instead.' }],
  role: 'admin',
  example: 'apps create shop --channel #shop-releases',
  notes: ['In a direct message `--channel` is needed.'],
  run: async (context, args) => {
    const app = cleanName(args.words[0]?.text ?? '')
    const channel = args.text.channel ?? (context.place.direct ? null : context.place.channel)
    if (channel === null) throw new UsageFailure({ code: 'channel_needed', app })
    const { namespace } = await context.rack.createApp(context.caller, { app, channel })
    await say(context, appCreatedAnswer(app, namespace, await namesFor(context, [channel]), channel))
    const check = await context.slack.checkChannel(channel)
    // The app is there all the same; only its cards would go nowhere.
    if (!check.ok) throw new UsageFailure({ code: 'channel_unusable', channel, why: check.why, app })
  },
})
