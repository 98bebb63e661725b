import { z } from 'zod'
import { chars } from './text.ts'

const style = z.strictObject({
  bold: z.boolean().optional(),
  italic: z.boolean().optional(),
  strike: z.boolean().optional(),
  underline: z.boolean().optional(),
  code: z.boolean().optional(),
})

/** The inline parts of rich text: docs.slack.dev reference/block-kit/blocks/rich-text-block. */
export const richInline = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: chars(10_000), style: style.optional() }),
  z.strictObject({ type: z.literal('link'), url: chars(3000), text: z.string().optional(), unsafe: z.boolean().optional(), style: style.optional() }),
  z.strictObject({ type: z.literal('user'), user_id: chars(255), style: style.optional() }),
  z.strictObject({ type: z.literal('channel'), channel_id: chars(255), style: style.optional() }),
  z.strictObject({ type: z.literal('usergroup'), usergroup_id: chars(255), style: style.optional() }),
  z.strictObject({ type: z.literal('emoji'), name: chars(255), unicode: z.string().optional(), style: style.optional() }),
  z.strictObject({
    type: z.literal('date'),
    timestamp: z.int(),
    format: chars(255),
    url: z.string().optional(),
    fallback: z.string().optional(),
    style: style.optional(),
  }),
  z.strictObject({ type: z.literal('broadcast'), range: z.enum(['here', 'channel', 'everyone']), style: style.optional() }),
])

const section = z.strictObject({ type: z.literal('rich_text_section'), elements: z.array(richInline) })

export const richPart = z.discriminatedUnion('type', [
  section,
  z.strictObject({
    type: z.literal('rich_text_list'),
    style: z.enum(['bullet', 'ordered']),
    elements: z.array(section),
    indent: z.int().min(0).optional(),
    offset: z.int().min(0).optional(),
    border: z.int().min(0).max(1).optional(),
  }),
  z.strictObject({
    type: z.literal('rich_text_preformatted'),
    elements: z.array(richInline),
    border: z.int().min(0).max(1).optional(),
    language: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('rich_text_quote'), elements: z.array(richInline), border: z.int().min(0).max(1).optional() }),
])

export type RichInline = z.infer<typeof richInline>
export type RichPart = z.infer<typeof richPart>
