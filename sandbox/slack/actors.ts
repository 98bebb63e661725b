import { eventScopes, subscriptionOf } from './event-scopes.ts'
import { nameOf } from './membership.ts'
import type { Channel, Person } from './records.ts'
import { slackbot } from './store.ts'
import type { Delivery } from './transport.ts'
import type { Wiring } from './wiring.ts'

/** Slack's name for a payload that nobody took, or undefined when somebody did. */
export const failedBy = (delivery: Delivery): string | undefined =>
  delivery.kind === 'ack' ? undefined : delivery.kind === 'timeout' ? 'operation_timeout' : 'dispatch_failed'

/** Who may do what where, what every payload says of them, and the events and whispers that follow. Refuses what a person cannot do by throwing. */
export const createActors = (wiring: Wiring) => {
  const { workspace, transport } = wiring
  const whisper = (to: string, channel: string, text: string, thread?: string) =>
    workspace.putEphemeral({ channel, ts: workspace.nextTs(), to, from: slackbot, text, ...(thread ? { thread } : {}) })

  const actor = (user: string): Person => {
    const person = workspace.person(user)
    if (!person || person.bot) throw new Error(`nobody here is ${user}`)
    if (person.deactivated) throw new Error(`${person.name} is deactivated and cannot sign in`)
    return person
  }
  const inChannel = (user: string, channelId: string): Channel => {
    const channel = workspace.channel(channelId)
    if (!channel) throw new Error(`there is no channel ${channelId}`)
    if (!channel.members.includes(user)) throw new Error(`${nameOf(workspace, user)} is not in #${channel.name}`)
    return channel
  }
  const writable = (user: string, channelId: string): Channel => {
    const channel = inChannel(user, channelId)
    if (channel.archived) throw new Error(`#${channel.name} is archived`)
    if (channel.im && wiring.readOnlyMessages) throw new Error('Sending messages to this app has been turned off.')
    if (channel.readOnly && !workspace.person(user)?.admin) throw new Error(`only admins write in #${channel.name}`)
    return channel
  }
  const common = (person: Person) => ({
    team: { id: workspace.team.id, domain: workspace.team.domain },
    user: { id: person.id, username: person.name, name: person.name, team_id: person.teamId ?? workspace.team.id },
    api_app_id: workspace.bot.appId,
    token: 'verification-token-unused',
    enterprise: null,
    is_enterprise_install: false,
  })
  /** Whether the app is subscribed to this event and has a scope for it. */
  const hears = (body: { type: string; [key: string]: unknown }): boolean => {
    const name = subscriptionOf(body)
    const needed = eventScopes[name] ?? []
    return wiring.events.has(name) && (needed.length === 0 || needed.some((scope) => wiring.scopes.has(scope)))
  }
  const event = (body: { type: string; [key: string]: unknown }) => {
    if (!hears(body)) return
    // Nobody waits for an event: it is kept until the app is back, and lost after five minutes.
    void transport.deliver(
      'events_api',
      {
        token: 'verification-token-unused',
        team_id: workspace.team.id,
        api_app_id: workspace.bot.appId,
        event: body,
        type: 'event_callback',
        event_id: workspace.nextId('Ev'),
        event_time: Math.floor(workspace.now() / 1000),
        authorizations: [{ enterprise_id: null, team_id: workspace.team.id, user_id: workspace.bot.userId, is_bot: true, is_enterprise_install: false }],
        is_ext_shared_channel: workspace.channel(String(body['channel']))?.shared ?? false,
        event_context: workspace.nextId('EC'),
      },
      false,
    )
  }

  return { whisper, actor, inChannel, writable, common, event, hears }
}

export type Actors = ReturnType<typeof createActors>
