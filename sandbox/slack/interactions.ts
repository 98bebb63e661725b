import { z } from 'zod'
import type { Block } from './blocks/blocks.ts'
import { elementsOf } from './block-rules.ts'
import { option, optionGroup, type Option } from './blocks/text.ts'
import type { FormValues, Given } from './element-values.ts'
import { stateOf, stateValues } from './form-values.ts'
import { directMessage, join, nameOf } from './membership.ts'
import { outgoing } from './outgoing-text.ts'
import type { Channel, Message, Person } from './records.ts'
import { showAnswer, type createResponseUrls, type ResponseTarget } from './response-urls.ts'
import type { Delivery, SocketMode } from './socket.ts'
import { slackbot, type Workspace } from './store.ts'
import { submitView, type SubmitOutcome } from './submission.ts'
import { viewShape, type Views } from './views.ts'
import { Refused } from './web-api/refused.ts'
import { messageShape } from './web-api/shapes.ts'

/** A slash command that the app owns, as its manifest declares it. */
export type SlashCommand = { command: string; description: string; usageHint?: string; shouldEscape?: boolean }

/** Where something was clicked. */
export type Target = { kind: 'message'; channel: string; ts: string } | { kind: 'view'; view: string }

/** What became of a slash command. `answer` is what the acknowledgement said. */
export type CommandOutcome = { ok: boolean; error?: string; answer?: { text: string; blocks: Block[] | undefined; ephemeral: boolean } | undefined }
/** What became of a click: the app acknowledged it or not. */
export type ClickOutcome = { ok: boolean; error?: string }

export interface Wiring {
  workspace: Workspace
  views: Views
  socket: SocketMode
  urls: ReturnType<typeof createResponseUrls>
  commands: readonly SlashCommand[]
  events: ReadonlySet<string>
  scopes: ReadonlySet<string>
  /** Whether people cannot write to the bot directly (its Messages tab is read-only). */
  readOnlyMessages: boolean
  origin: () => string
  notify: (message: { channel: string; ts: string }) => void
}

const suggestions = z.object({ options: z.array(option).max(100).optional(), option_groups: z.array(optionGroup).max(100).optional() })

/** The scope without which Slack does not send an event: docs.slack.dev reference/events. Others need none that we know of. */
const eventScopes: Record<string, string> = {
  app_mention: 'app_mentions:read',
  'message.im': 'im:history',
  'message.channel': 'channels:history',
  'message.group': 'groups:history',
  member_joined_channel: 'channels:read',
  member_left_channel: 'channels:read',
  channel_archive: 'channels:read',
  group_archive: 'groups:read',
  user_change: 'users:read',
}

const failedBy = (delivery: Delivery): string | undefined =>
  delivery.kind === 'timeout' ? 'operation_timeout' : delivery.kind === 'offline' ? 'dispatch_failed' : undefined

/** What people do: each becomes a payload for the app, and its acknowledgement becomes what the person sees. */
export const createInteractions = (wiring: Wiring) => {
  const { workspace, views, socket, urls } = wiring
  const suggested = new Map<string, Option>()
  const context = () => ({ workspace, origin: wiring.origin(), suggested })
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
  const event = (body: { type: string; [key: string]: unknown }) => {
    const name = body.type === 'message' ? `message.${String(body['channel_type'])}` : body.type
    const scope = eventScopes[name]
    // Subscriptions say `message.channels` and `message.groups`, payloads `channel` and `group`.
    const subscribed = wiring.events.has(name) || wiring.events.has(`${name}s`)
    if (!subscribed || (scope !== undefined && !wiring.scopes.has(scope))) return
    // Nobody waits for an event: it is kept until the app is back, and lost after five minutes.
    void socket.deliver(
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
        is_ext_shared_channel: false,
        event_context: workspace.nextId('EC'),
      },
      false,
    )
  }

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
        `\`${name}\` is not a valid command. In Slack, all messages that start with the "/" character are interpreted as commands.\nIf you are trying to send a message and not run a command, try preceding the "/" with an empty space.`,
        thread,
      )
      return { ok: false, error: 'unknown_command' }
    }
    if (thread !== undefined) {
      whisper(user, channelId, `${name} is not supported in threads. Sorry!`, thread)
      return { ok: false, error: 'not_in_threads' }
    }
    const target: ResponseTarget = { user, channel: channelId }
    const delivery = await socket.deliver(
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

  const say = (user: string, channelId: string, typed: string, options: { thread?: string; files?: string[] } = {}): Message => {
    actor(user)
    const channel = writable(user, channelId)
    const ts = workspace.nextTs()
    const message: Message = {
      channel: channelId,
      ts,
      user,
      text: outgoing(workspace, typed, { labels: false }),
      ...(options.thread ? { thread: options.thread } : {}),
      ...(options.files ? { files: options.files } : {}),
    }
    workspace.putMessage(message)
    wiring.notify(message)
    const body = {
      user,
      text: message.text,
      ts,
      channel: channelId,
      event_ts: ts,
      team: workspace.team.id,
      ...(options.thread ? { thread_ts: options.thread } : {}),
    }
    if (channel.im) event({ type: 'message', channel_type: 'im', ...body })
    else if (channel.members.includes(workspace.bot.userId)) {
      event({ type: 'message', channel_type: channel.private ? 'group' : 'channel', ...body })
      if (message.text.includes(`<@${workspace.bot.userId}>`)) event({ type: 'app_mention', ...body })
    } else if (message.text.includes(`<@${workspace.bot.userId}>`)) {
      whisper(
        user,
        channelId,
        `You mentioned <@${workspace.bot.userId}>, but they're not in this channel. Type \`/invite @${workspace.bot.name}\` to add them.`,
        options.thread,
      )
    }
    return message
  }

  const located = (user: string, target: Target) => {
    if (target.kind === 'view') {
      const view = workspace.view(target.view)
      if (!view || view.user !== user) throw new Error(`view ${target.view} is not open`)
      return { blocks: view.body.blocks, view, message: undefined, whispered: undefined }
    }
    inChannel(user, target.channel)
    const whispered = workspace.ephemeral(target.channel, target.ts)
    const message = workspace.message(target.channel, target.ts)
    if (whispered?.to === user) return { blocks: whispered.blocks ?? [], view: undefined, message: undefined, whispered }
    if (!message) throw new Error(`there is no message ${target.ts} in ${target.channel}`)
    return { blocks: message.blocks ?? [], view: undefined, message, whispered: undefined }
  }

  const origin = (user: string, target: Target) => {
    const { view, message, whispered } = located(user, target)
    if (view) return { container: { type: 'view', view_id: view.id }, view, extra: {} }
    const found = message ?? whispered
    const channel = workspace.channel(found?.channel ?? '')
    if (!found || !channel) throw new Error('the message is gone')
    const thread = found.thread
    return {
      container: {
        type: 'message',
        message_ts: found.ts,
        channel_id: found.channel,
        is_ephemeral: whispered !== undefined,
        ...(thread ? { thread_ts: thread } : {}),
      },
      view: undefined,
      extra: {
        channel: { id: channel.id, name: channel.im ? 'directmessage' : channel.private ? 'privategroup' : channel.name },
        // Slack does not store ephemerals, so it cannot send their content along.
        ...(message ? { message: messageShape(workspace, message, { origin: wiring.origin() }) } : {}),
        response_url: urls.issue({
          user,
          channel: channel.id,
          ...(thread ? { thread } : {}),
          original: { kind: whispered ? 'ephemeral' : 'message', ts: found.ts },
        }),
      },
    }
  }

  const click = async (user: string, target: Target, blockId: string, actionId: string, given: Given, values: FormValues = {}): Promise<ClickOutcome> => {
    const person = actor(user)
    const { blocks } = located(user, target)
    const block = blocks.find((one) => one.block_id === blockId)
    const element = block && elementsOf(block).find((one) => one.element.action_id === actionId)?.element
    if (!block || !element) throw new Error(`there is no ${actionId} in block ${blockId} any more`)
    const from = origin(user, target)
    const state = stateValues(blocks, { ...values, [blockId]: { ...values[blockId], [actionId]: given } }, context())
    const delivery = await socket.deliver(
      'interactive',
      {
        type: 'block_actions',
        ...common(person),
        container: from.container,
        trigger_id: views.trigger({ user, ...(from.view ? { view: from.view.id } : {}) }),
        ...from.extra,
        ...(from.view ? { view: viewShape(workspace, from.view, state) } : { state: { values: state } }),
        actions: [{ action_id: actionId, block_id: blockId, action_ts: workspace.nextTs(), ...stateOf(element, given, context()) }],
      },
      false,
    )
    const failed = failedBy(delivery)
    return failed ? { ok: false, error: failed } : { ok: true }
  }

  const suggest = async (user: string, target: Target, blockId: string, actionId: string, query: string): Promise<{ ok: boolean; options: Option[] }> => {
    const person = actor(user)
    const from = origin(user, target)
    const delivery = await socket.deliver(
      'interactive',
      {
        type: 'block_suggestion',
        ...common(person),
        container: from.container,
        block_id: blockId,
        action_id: actionId,
        value: query,
        ...from.extra,
        ...(from.view ? { view: viewShape(workspace, from.view) } : {}),
      },
      true,
    )
    const parsed = delivery.kind === 'ack' ? suggestions.safeParse(delivery.payload) : undefined
    if (!parsed?.success) return { ok: false, options: [] }
    const options = [...(parsed.data.options ?? []), ...(parsed.data.option_groups ?? []).flatMap((group) => group.options)]
    for (const one of options) suggested.set(one.value, one)
    return { ok: true, options }
  }

  const submit = (user: string, viewId: string, values: FormValues): Promise<SubmitOutcome> => {
    const { view } = located(user, { kind: 'view', view: viewId })
    if (!view) throw new Error(`view ${viewId} is not open`)
    const person = actor(user)
    return submitView(
      wiring,
      view,
      values,
      () => stateValues(view.body.blocks, values, context()),
      (state) => ({
        type: 'view_submission',
        ...common(person),
        trigger_id: views.trigger({ user, view: view.id }),
        view: viewShape(workspace, view, state),
        response_urls: [],
      }),
    )
  }

  const closeView = async (user: string, viewId: string, all = false): Promise<void> => {
    const person = actor(user)
    const { view } = located(user, { kind: 'view', view: viewId })
    if (!view) return
    const clears = all || (view.body.type === 'modal' && view.body.clear_on_close === true)
    for (const gone of views.close(view, clears)) {
      if (gone.body.type !== 'modal' || !gone.body.notify_on_close) continue
      await socket.deliver('interactive', { type: 'view_closed', ...common(person), view: viewShape(workspace, gone), is_cleared: clears }, false)
    }
  }

  const openHome = (user: string): string => {
    actor(user)
    const channel = directMessage(workspace, user)
    const home = workspace.views().find((one) => one.user === user && one.body.type === 'home')
    event({
      type: 'app_home_opened',
      user,
      channel: channel.id,
      tab: 'home',
      event_ts: workspace.nextTs(),
      ...(home ? { view: viewShape(workspace, home) } : {}),
    })
    return channel.id
  }

  return { command, say, click, suggest, submit, closeView, openHome, event, whisper, actor }
}

export type Interactions = ReturnType<typeof createInteractions>
