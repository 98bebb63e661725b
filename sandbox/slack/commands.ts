import { failedBy, type Actors } from './actors.ts'
import { join } from './membership.ts'
import { outgoing } from './outgoing-text.ts'
import type { Channel } from './records.ts'
import { showAnswer, type ResponseTarget } from './response-urls.ts'
import { Refused } from './web-api/refused.ts'
import type { CommandOutcome, Wiring } from './wiring.ts'

/** Slash commands that people type. */
export const createCommands = (wiring: Wiring, { whisper, actor, writable, event }: Actors) => {
  const { workspace, views, transport, urls } = wiring
  /** Slack's own `/invite @name`. */
  const invite = (user: string, channel: Channel, rest: string): CommandOutcome => {
    const wanted = workspace.people().find((one) => one.name === rest.trim().replace(/^@/, '') || rest.includes(`<@${one.id}`))
    if (!wanted || channel.im) {
      whisper(user, channel.id, channel.im ? '/invite is not available in direct messages.' : `\`${rest.trim()}\` is nobody in this workspace.`)
      return { ok: false, error: 'user_not_found' }
    }
    join(workspace, channel, wanted.id)
    event({
      type: 'member_joined_channel',
      user: wanted.id,
      channel: channel.id,
      channel_type: channel.private ? 'G' : 'C',
      team: workspace.team.id,
      inviter: user,
      event_ts: workspace.nextTs(),
    })
    return { ok: true }
  }

  const command = async (user: string, channelId: string, typed: string, thread?: string): Promise<CommandOutcome> => {
    const person = actor(user)
    const channel = writable(user, channelId)
    const [, name = '', rest = ''] = /^(\/\S*)\s*([\s\S]*)$/.exec(typed.trim()) ?? []
    if (name === '/invite') return invite(user, channel, rest)
    const owned = wiring.commands.find((one) => one.command === name)
    if (!owned || !wiring.scopes.has('commands')) {
      whisper(
        user,
        channelId,
        [
          `\`${name}\` is not a valid command. In Slack, all messages that start with the "/" character are interpreted as commands.`,
          'If you are trying to send a message and not run a command, try preceding the "/" with an empty space.',
        ].join('\n'),
        thread,
      )
      return { ok: false, error: 'unknown_command' }
    }
    if (thread !== undefined) {
      whisper(user, channelId, `${name} is not supported in threads. Sorry!`, thread)
      return { ok: false, error: 'not_in_threads' }
    }
    const target: ResponseTarget = { user, channel: channelId }
    const delivery = await transport.deliver(
      'slash_commands',
      {
        token: 'verification-token-unused',
        team_id: workspace.team.id,
        team_domain: workspace.team.domain,
        channel_id: channel.id,
        channel_name: channel.im ? 'directmessage' : channel.private ? 'privategroup' : channel.name,
        user_id: person.id,
        user_name: person.name,
        command: name,
        text: owned.shouldEscape ? outgoing(workspace, rest, { labels: true }) : rest,
        api_app_id: workspace.bot.appId,
        is_enterprise_install: 'false',
        response_url: urls.issue(target),
        trigger_id: views.trigger({ user, channel: channelId }),
      },
      true,
    )
    const failed = failedBy(delivery)
    if (failed) {
      whisper(user, channelId, `${name} failed with the error "${failed}"`)
      return { ok: false, error: failed }
    }
    const payload = delivery.kind === 'ack' ? delivery.payload : undefined
    if (payload === undefined || payload === null || payload === '' || (typeof payload === 'object' && Object.keys(payload).length === 0)) return { ok: true }
    try {
      // An answer for all also shows everybody what was typed: docs.slack.dev interactivity/implementing-slash-commands.
      if (typeof payload === 'object' && 'response_type' in payload && payload.response_type === 'in_channel')
        workspace.putMessage({ channel: channelId, ts: workspace.nextTs(), user, text: typed })
      return { ok: true, answer: showAnswer(workspace, target, payload, wiring.notify) }
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      whisper(user, channelId, `${name} failed with the error "dispatch_failed"`)
      return { ok: false, error: `dispatch_failed: ${error.code} ${JSON.stringify(error.extra)}` }
    }
  }

  return command
}
