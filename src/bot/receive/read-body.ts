import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { FieldValue } from '../context.ts'
import { isDirect } from '../direct-channel.ts'
import type { SlackDelivery } from './delivery.ts'
import { unwrapMetadata } from './modal-place.ts'
import { readSlackEvent } from './slack-events.ts'

/** A delivery just come in, with what only works now. */
export interface FreshDelivery {
  readonly delivery: SlackDelivery
  readonly triggerId: string | null
  /** The Slack view a click or submission came from. */
  readonly viewId: string | null
  /** Who clicked what, for a click: a second one of it at the same moment is the same click. */
  readonly click?: string
}

const hash = (parts: readonly unknown[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)

/**
 * What is done once: a trigger is made for each thing a person does, and stays the same when Slack sends it again in another envelope.
 * The trigger itself is a key to open a modal, so only its hash is kept.
 */
const idOf = (envelopeId: string, trigger: string | undefined): string => (trigger === undefined ? envelopeId : `trigger:${hash([trigger])}`)

const command = z.object({
  command: z.string(), text: z.string().default(''), user_id: z.string(), channel_id: z.string(),
  response_url: z.string().optional(), trigger_id: z.string().optional(),
})

const option = z.object({ value: z.string().optional() })
const action = z.object({ action_id: z.string(), block_id: z.string().optional(), value: z.string().optional(), selected_option: option.nullish() })
const view = z.object({
  id: z.string(), callback_id: z.string().default(''), private_metadata: z.string().default(''),
  state: z.object({
    values: z.record(z.string(), z.record(z.string(), z.object({
      value: z.string().nullish(), selected_option: option.nullish(), selected_options: z.array(option).nullish(),
      files: z.array(z.object({ id: z.string() })).nullish(),
    }))),
  }).default({ values: {} }),
})
const click = z.object({
  type: z.literal('block_actions'), user: z.object({ id: z.string() }), actions: z.array(action).min(1),
  trigger_id: z.string().optional(), response_url: z.string().optional(), channel: z.object({ id: z.string() }).optional(),
  container: z.object({ is_ephemeral: z.boolean().optional(), thread_ts: z.string().optional(), message_ts: z.string().optional() }).optional(),
  message: z.object({ thread_ts: z.string().optional() }).optional(), view: view.optional(),
})
const submission = z.object({ type: z.literal('view_submission'), user: z.object({ id: z.string() }), trigger_id: z.string().optional(), view })
const mention = z.object({
  type: z.literal('event_callback'), event_id: z.string(), is_ext_shared_channel: z.boolean().optional(),
  event: z.object({
    type: z.enum(['app_mention', 'message']), text: z.string(), user: z.string(), channel: z.string(),
    ts: z.string().optional(), thread_ts: z.string().optional(), bot_id: z.string().optional(), subtype: z.string().optional(), channel_type: z.string().optional(),
    edited: z.unknown().optional(), files: z.array(z.object({ id: z.string() })).optional(),
  }),
})

const happened = z.object({ type: z.literal('event_callback'), event_id: z.string(), event: z.unknown() })

/**
 * Slack sends no app_mention for a direct message: what people write to us there counts as addressed to us. Edits and joins carry a subtype.
 * A mention comes again when somebody edits its message (slackapi/bolt-js#960): a typo put right must not promote twice.
 */
const isAddressed = ({ event }: z.infer<typeof mention>): boolean =>
  event.bot_id === undefined && event.edited === undefined && (event.type === 'app_mention' || (event.channel_type === 'im' && (event.subtype === undefined || event.subtype === 'file_share')))

/** One value for each block: an input block holds one element. */
const fieldsOf = (values: z.infer<typeof view>['state']['values']): Record<string, FieldValue> => {
  const fields: Record<string, FieldValue> = {}
  for (const [block, elements] of Object.entries(values)) {
    for (const element of Object.values(elements)) {
      if (element.selected_options !== undefined && element.selected_options !== null) fields[block] = element.selected_options.flatMap((one) => one.value ?? [])
      else if (element.files !== undefined && element.files !== null) fields[block] = element.files.map(({ id }) => id)
      else fields[block] = element.value ?? element.selected_option?.value ?? null
    }
  }
  return fields
}

/** The words after the bot's own mention; all of them when it is not mentioned by id. */
export const afterMention = (text: string, botUserId: string | undefined): string => {
  const mark = botUserId === undefined ? null : new RegExp(`<@${botUserId}(?:\\|[^>]*)?>`, 'u').exec(text)
  return (mark === null ? text : text.slice(mark.index + mark[0].length)).trim()
}

const heard = (body: unknown): FreshDelivery | null => {
  const parsed = happened.safeParse(body)
  const event = parsed.success ? readSlackEvent(parsed.data.event) : null
  if (!parsed.success || event === null) return null
  return {
    delivery: { id: parsed.data.event_id, incoming: { kind: 'event', event }, user: '', channel: '', direct: false, shared: false, responseUrl: null, threadTs: null },
    triggerId: null, viewId: null,
  }
}

/** What a body of Slack's means to us; null for what we do not listen to (other events, bots' mentions, closed modals). */
export const readBody = (envelopeId: string, body: unknown, botUserId: string | undefined): FreshDelivery | null => {
  const typed = command.safeParse(body)
  if (typed.success) {
    const { text, user_id: user, channel_id: channel, response_url: responseUrl = null, trigger_id: triggerId = null } = typed.data
    return {
      delivery: { id: idOf(envelopeId, typed.data.trigger_id), incoming: { kind: 'command', text }, user, channel, direct: isDirect(channel), shared: false, responseUrl, threadTs: null },
      triggerId, viewId: null,
    }
  }
  const clicked = click.safeParse(body)
  if (clicked.success) {
    const { data } = clicked
    const [first] = data.actions
    if (first === undefined) return null
    const inModal = data.view === undefined ? null : unwrapMetadata(data.view.private_metadata)
    const channel = data.channel?.id ?? inModal?.place?.channel ?? ''
    const on = inModal !== null ? 'modal' : data.container?.is_ephemeral === true ? 'ephemeral' : 'message'
    const value = first.value ?? first.selected_option?.value ?? ''
    const place = data.container?.message_ts ?? data.view?.id
    const message = data.container?.message_ts ?? inModal?.place?.message
    return {
      ...(place === undefined ? {} : { click: `click:${hash([data.user.id, channel, place, first.block_id, first.action_id, value])}` }),
      delivery: {
        id: idOf(envelopeId, data.trigger_id), user: data.user.id, channel, direct: isDirect(channel), shared: false, responseUrl: data.response_url ?? null,
        incoming: { kind: 'click', action: first.action_id, value, on },
        threadTs: data.container?.thread_ts ?? data.message?.thread_ts ?? null,
        ...(message === undefined ? {} : { messageTs: message }),
      },
      triggerId: data.trigger_id ?? null, viewId: data.view?.id ?? null,
    }
  }
  const submitted = submission.safeParse(body)
  if (submitted.success) {
    const { user, view: form, trigger_id: triggerId = null } = submitted.data
    const { place, metadata } = unwrapMetadata(form.private_metadata)
    const channel = place?.channel ?? ''
    return {
      delivery: {
        id: idOf(envelopeId, submitted.data.trigger_id), user: user.id, channel, direct: isDirect(channel), shared: false, responseUrl: null, threadTs: null,
        ...(place?.message === undefined ? {} : { messageTs: place.message }),
        incoming: { kind: 'submission', view: form.callback_id, metadata, fields: fieldsOf(form.state.values) },
      },
      triggerId, viewId: form.id,
    }
  }
  const mentioned = mention.safeParse(body)
  if (!mentioned.success) return heard(body)
  if (!isAddressed(mentioned.data)) return null
  const { event, event_id: id, is_ext_shared_channel: shared = false } = mentioned.data
  return {
    delivery: {
      id, user: event.user, channel: event.channel, direct: isDirect(event.channel), shared, responseUrl: null, threadTs: event.thread_ts ?? null,
      ...(event.ts === undefined ? {} : { messageTs: event.ts }),
      incoming: { kind: 'mention', text: afterMention(event.text, botUserId), ...(event.files === undefined ? {} : { files: event.files.map((file) => file.id) }) },
    },
    triggerId: null, viewId: null,
  }
}
