import { z } from 'zod'
import { createActors, failedBy } from './actors.ts'
import { elementsOf } from './block-rules.ts'
import { option, optionGroup, type Option } from './blocks/text.ts'
import { createCommands } from './commands.ts'
import type { FormValues, Given } from './element-values.ts'
import { stateOf, stateValues } from './form-values.ts'
import { directMessage } from './membership.ts'
import { createSaying } from './saying.ts'
import { submitView, type SubmitOutcome } from './submission.ts'
import { viewShape } from './views.ts'
import { messageShape } from './web-api/shapes.ts'
import type { ClickOutcome, Target, Wiring } from './wiring.ts'

const suggestions = z.object({ options: z.array(option).max(100).optional(), option_groups: z.array(optionGroup).max(100).optional() })

/** What people do: each becomes a payload for the app, and its acknowledgement becomes what the person sees. */
export const createInteractions = (wiring: Wiring) => {
  const { workspace, views, transport, urls } = wiring
  const actors = createActors(wiring)
  const { whisper, actor, inChannel, common, event, hears } = actors
  const suggested = new Map<string, Option>()
  const context = () => ({ workspace, origin: wiring.origin(), suggested })
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
    const delivery = await transport.deliver(
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
    const delivery = await transport.deliver(
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
      await transport.deliver('interactive', { type: 'view_closed', ...common(person), view: viewShape(workspace, gone), is_cleared: clears }, false)
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

  return { command: createCommands(wiring, actors), ...createSaying(wiring, actors), click, suggest, submit, closeView, openHome, event, hears, whisper, actor }
}

export type Interactions = ReturnType<typeof createInteractions>
