import { z } from 'zod'

/** A string of `min` to `max` characters (UTF-16 units, which is never more lenient than Slack's count). */
export const chars = (max: number, min = 1) => z.string().min(min).max(max)

/** A web address. Slack says `invalid url` to anything else. */
export const webAddress = (max = 3000) => chars(max).refine((text) => /^https?:\/\/[^\s]+$/.test(text) && URL.canParse(text), { error: 'invalid url' })

/** A plain_text object. Slack renders it as it stands. */
export const plainText = (max: number) => z.strictObject({ type: z.literal('plain_text'), text: chars(max), emoji: z.boolean().optional() })

/** A mrkdwn object. */
export const mrkdwnText = (max: number) => z.strictObject({ type: z.literal('mrkdwn'), text: chars(max), verbatim: z.boolean().optional() })

/** Either kind of text object. */
export const anyText = (max: number) => z.discriminatedUnion('type', [plainText(max), mrkdwnText(max)])

/** docs.slack.dev reference/block-kit/composition-objects/confirmation-dialog-object: title 100, text 300, buttons 30. */
export const confirmDialog = z.strictObject({
  title: plainText(100),
  text: anyText(300),
  confirm: plainText(30),
  deny: plainText(30),
  style: z.enum(['primary', 'danger']).optional(),
})

/**
 * docs.slack.dev reference/block-kit/composition-objects/option-object: text 75, value 150, description 75. Menus show plain text only;
 * overflow menus may link, checkboxes and radio buttons may have mrkdwn.
 */
const value = chars(150)
export const option = z.strictObject({ text: plainText(75), value, description: plainText(75).optional() })
export const overflowOption = z.strictObject({ ...option.shape, url: webAddress().optional() })
export const choiceOption = z.strictObject({ text: anyText(75), value, description: anyText(75).optional() })

export const optionGroup = z.strictObject({ label: plainText(75), options: z.array(option).min(1).max(100) })

export type PlainText = z.infer<ReturnType<typeof plainText>>
export type TextObject = z.infer<ReturnType<typeof anyText>>
export type ConfirmDialog = z.infer<typeof confirmDialog>
export type Option = z.infer<typeof option> | z.infer<typeof overflowOption> | z.infer<typeof choiceOption>
export type OptionGroup = z.infer<typeof optionGroup>
