import { z } from 'zod'
import { anyText, chars, choiceOption, confirmDialog, option, optionGroup, overflowOption, plainText, webAddress } from './text.ts'

/** A person's or a conversation's id. */
const someId = z.string().regex(/^[A-Z0-9]+$/)
const actionId = { action_id: chars(255).optional() }
const focus = { focus_on_load: z.boolean().optional() }
const confirm = { confirm: confirmDialog.optional() }
const placeholder = { placeholder: plainText(150).optional() }
const select = { ...actionId, ...focus, ...confirm, ...placeholder }
const options = { options: z.array(option).min(1).max(100).optional(), option_groups: z.array(optionGroup).min(1).max(100).optional() }
const several = { max_selected_items: z.int().min(1).optional() }
const filter = z.strictObject({
  include: z
    .array(z.enum(['im', 'mpim', 'private', 'public']))
    .min(1)
    .optional(),
  exclude_external_shared_channels: z.boolean().optional(),
  exclude_bot_users: z.boolean().optional(),
})
const conversations = { default_to_current_conversation: z.boolean().optional(), response_url_enabled: z.boolean().optional(), filter: filter.optional() }

const button = z.strictObject({
  type: z.literal('button'),
  ...actionId,
  ...confirm,
  text: plainText(75),
  url: webAddress().optional(),
  value: chars(2000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
  accessibility_label: chars(75).optional(),
})
const overflow = z.strictObject({ type: z.literal('overflow'), ...actionId, ...confirm, options: z.array(overflowOption).min(1).max(5) })
const staticSelect = z.strictObject({ type: z.literal('static_select'), ...select, ...options, initial_option: option.optional() })
const externalSelect = z.strictObject({
  type: z.literal('external_select'),
  ...select,
  min_query_length: z.int().min(0).optional(),
  initial_option: option.optional(),
})
const usersSelect = z.strictObject({ type: z.literal('users_select'), ...select, initial_user: someId.optional() })
const conversationsSelect = z.strictObject({
  type: z.literal('conversations_select'),
  ...select,
  ...conversations,
  initial_conversation: someId.optional(),
})
const channelsSelect = z.strictObject({
  type: z.literal('channels_select'),
  ...select,
  initial_channel: someId.optional(),
  response_url_enabled: z.boolean().optional(),
})
const multiStaticSelect = z.strictObject({
  type: z.literal('multi_static_select'),
  ...select,
  ...options,
  ...several,
  initial_options: z.array(option).min(1).max(100).optional(),
})
const multiUsersSelect = z.strictObject({ type: z.literal('multi_users_select'), ...select, ...several, initial_users: z.array(someId).optional() })
const choice = { ...actionId, ...confirm, ...focus, options: z.array(choiceOption).min(1).max(10) }
const checkboxes = z.strictObject({ type: z.literal('checkboxes'), ...choice, initial_options: z.array(choiceOption).min(1).max(10).optional() })
const radioButtons = z.strictObject({ type: z.literal('radio_buttons'), ...choice, initial_option: choiceOption.optional() })
const datepicker = z.strictObject({
  type: z.literal('datepicker'),
  ...select,
  initial_date: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d$/)
    .optional(),
})
const dispatch = {
  dispatch_action_config: z.strictObject({ trigger_actions_on: z.array(z.enum(['on_enter_pressed', 'on_character_entered'])).min(1) }).optional(),
}
const plainTextInput = z.strictObject({
  type: z.literal('plain_text_input'),
  ...actionId,
  ...focus,
  ...placeholder,
  ...dispatch,
  initial_value: chars(3000, 0).optional(),
  multiline: z.boolean().optional(),
  min_length: z.int().min(0).max(3000).optional(),
  max_length: z.int().min(1).max(3000).optional(),
})
const numberInput = z.strictObject({
  type: z.literal('number_input'),
  ...actionId,
  ...focus,
  ...placeholder,
  ...dispatch,
  is_decimal_allowed: z.boolean(),
  initial_value: z.string().optional(),
  min_value: z.string().optional(),
  max_value: z.string().optional(),
})
const fileInput = z.strictObject({
  type: z.literal('file_input'),
  ...actionId,
  filetypes: z.array(z.string()).min(1).optional(),
  max_files: z.int().min(1).max(10).optional(),
})

/** An image in a context or beside a section. Alternative text up to 2,000. */
export const imageElement = z.strictObject({ type: z.literal('image'), image_url: webAddress(), alt_text: chars(2000) })

const pickers = [staticSelect, externalSelect, usersSelect, conversationsSelect, channelsSelect, checkboxes, radioButtons, datepicker] as const
const multi = [multiStaticSelect, multiUsersSelect] as const

/** What an actions block may hold. */
export const actionsElement = z.discriminatedUnion('type', [button, overflow, ...pickers])
/** What may stand beside a section. */
export const accessory = z.discriminatedUnion('type', [button, overflow, ...pickers, ...multi, imageElement])
/** What an input block may hold. */
export const inputElement = z.discriminatedUnion('type', [plainTextInput, numberInput, fileInput, ...pickers, ...multi])
/** What a context may hold. */
export const contextElement = z.union([anyText(3000), imageElement])

export type Button = z.infer<typeof button>
export type ActionsElement = z.infer<typeof actionsElement>
export type Accessory = z.infer<typeof accessory>
export type InputElement = z.infer<typeof inputElement>
export type ContextElement = z.infer<typeof contextElement>
/** Anything a person can use. */
export type InteractiveElement = Exclude<Accessory, { type: 'image' }> | InputElement
