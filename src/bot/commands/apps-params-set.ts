import { defineAppCommand } from '../command.ts'
import { paramsAnswer } from '../messages/app-answers.ts'
import { namedInParams, namesFor } from '../people.ts'
import { say } from '../say.ts'
import { UsageFailure } from '../usage-error.ts'

const mentionsOf = (value: string): string => value.replace(/<(?:[@#]|!subteam\^)([A-Z0-9]+)>/gu, '$1')

const example = 'apps params set approvals=1 deadline=10m -a shop'

export const appsParamsSet = defineAppCommand({
  name: 'apps params set',
  summary: 'Changes params of an app.',
  args: [{ name: 'name=value', what: 'One or more of channel, approvals, approvers, deadline, stability, expiry.', required: true, many: true }],
  flags: [],
  role: 'admin',
  example,
  notes: ['`approvers` takes people and user groups (`@bo,@release-team`); when set, they replace the role for this app.', '`approvals=0` promotes at once.'],
  run: async (context, args) => {
    const pairs = args.words.map((token) => {
      // People and channels are told to the rack by their ids.
      if (token.assignment !== null) return [token.assignment.key.toLowerCase(), mentionsOf(token.assignment.marked)] as const
      throw new UsageFailure({ code: 'param_without_value', word: token.text, example })
    })
    const params = await context.rack.setAppParams(context.caller, { app: context.app, params: pairs })
    const channel = pairs.some(([name]) => name === 'channel') ? params.channel : null
    const names = await namesFor(context, namedInParams(params))
    await say(context, paramsAnswer(context.app, params, true, names))
    if (channel === null) return
    const check = await context.slack.checkChannel(channel)
    if (!check.ok) throw new UsageFailure({ code: 'channel_unusable', channel, why: check.why, app: context.app })
  },
})
