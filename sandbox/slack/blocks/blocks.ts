import { z } from 'zod'
import { accessory, actionsElement, contextElement, inputElement } from './elements.ts'
import { richPart } from './rich-text.ts'
import { anyText, chars, plainText, webAddress } from './text.ts'

const blockId = { block_id: chars(255).optional() }
const richText = z.strictObject({ type: z.literal('rich_text'), ...blockId, elements: z.array(richPart).min(1) })
const cell = z.discriminatedUnion('type', [z.strictObject({ type: z.literal('raw_text'), text: z.string() }), richText])

/**
 * The blocks that the simulated Slack takes, with the figures of docs.slack.dev reference/block-kit/blocks.
 * Newer ones (plan, card, carousel, data_table …) are refused as `unsupported type`: nothing of ours uses them.
 */
export const block = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('section'),
    ...blockId,
    text: anyText(3000).optional(),
    fields: z.array(anyText(2000)).min(1).max(10).optional(),
    accessory: accessory.optional(),
    expand: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal('header'), ...blockId, text: plainText(150) }),
  z.strictObject({ type: z.literal('divider'), ...blockId }),
  z.strictObject({ type: z.literal('image'), ...blockId, image_url: webAddress(), alt_text: chars(2000), title: plainText(2000).optional() }),
  z.strictObject({ type: z.literal('actions'), ...blockId, elements: z.array(actionsElement).min(1).max(25) }),
  z.strictObject({ type: z.literal('context'), ...blockId, elements: z.array(contextElement).min(1).max(10) }),
  z.strictObject({
    type: z.literal('input'),
    ...blockId,
    label: plainText(2000),
    element: inputElement,
    hint: plainText(2000).optional(),
    optional: z.boolean().optional(),
    dispatch_action: z.boolean().optional(),
  }),
  richText,
  z.strictObject({ type: z.literal('markdown'), ...blockId, text: chars(12_000) }),
  z.strictObject({
    type: z.literal('table'),
    ...blockId,
    rows: z.array(z.array(cell).min(1).max(20)).min(1).max(100),
    column_settings: z
      .array(z.strictObject({ align: z.enum(['left', 'center', 'right']).optional(), is_wrapped: z.boolean().optional() }).nullable())
      .max(20)
      .optional(),
  }),
])

export type Block = z.infer<typeof block>

/** The body of a view as an app sends it. docs.slack.dev reference/views: title, submit and close 24, private_metadata 3,000. */
export const viewBody = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('modal'),
    title: plainText(24),
    blocks: z.array(block).min(1).max(100),
    close: plainText(24).optional(),
    submit: plainText(24).optional(),
    private_metadata: chars(3000, 0).optional(),
    callback_id: chars(255, 0).optional(),
    clear_on_close: z.boolean().optional(),
    notify_on_close: z.boolean().optional(),
    external_id: chars(255, 0).optional(),
    submit_disabled: z.boolean().optional(),
  }),
  z.strictObject({
    type: z.literal('home'),
    blocks: z.array(block).min(1).max(100),
    private_metadata: chars(3000, 0).optional(),
    callback_id: chars(255, 0).optional(),
    external_id: chars(255, 0).optional(),
  }),
])

export type ViewBody = z.infer<typeof viewBody>
