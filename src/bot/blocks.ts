import type { ActionsBlock, Button, ConfirmationDialog, ContextBlock, HeaderBlock, KnownBlock, Overflow, PlainTextElement, SectionBlock } from '@slack/types'
import type { ActionId } from './action-ids.ts'
import { mrkdwn, type Phrase } from './messages/phrase.ts'
import { cleanCode, cut, cutMrkdwn, escapeMrkdwn } from './messages/plain-text.ts'

/** A Slack message as facts drew it. `text` is the notification, the fallback and what a screen reader says. */
export interface Message { readonly text: string; readonly blocks: KnownBlock[] }

/** An answer to one person. What is too long for Slack is `file`, sent as a direct message. */
export interface Answer extends Message { readonly file?: { readonly name: string; readonly content: string } }

/** Limits of slack.md 3.3. */
const limits = { header: 150, section: 3000, field: 2000, button: 24, label: 75, confirmTitle: 100, confirmText: 300, confirmButton: 30 } as const

export const plainText = (text: string, max: number): PlainTextElement => ({ type: 'plain_text', text: cut(text, max) })

export const header = (text: string): HeaderBlock => ({ type: 'header', text: plainText(text, limits.header) })

export const section = (phrase: Phrase, accessory?: Button): SectionBlock => ({
  type: 'section',
  text: { type: 'mrkdwn', text: cutMrkdwn(mrkdwn(phrase), limits.section) },
  ...(accessory === undefined ? {} : { accessory }),
})

/** At most six; each is `*Label* value`. */
export const fields = (phrases: readonly Phrase[]): SectionBlock => ({
  type: 'section',
  fields: phrases.slice(0, 6).map((phrase) => ({ type: 'mrkdwn' as const, text: cutMrkdwn(mrkdwn(phrase), limits.field) })),
})

export const context = (phrase: Phrase): ContextBlock => ({ type: 'context', elements: [{ type: 'mrkdwn', text: cutMrkdwn(mrkdwn(phrase), limits.section) }] })

/** Escaped lines between back-ticks, at most `max` with their fence; back-ticks in them become apostrophes. */
export const codeText = (text: string, max = 2900): string => `\`\`\`\n${cutMrkdwn(escapeMrkdwn(cleanCode(text)), max - 8)}\n\`\`\``

/** A code block whose text a person may copy: nothing in it is replaced. The text must be short enough and hold no three back-ticks. */
export const exactCodeBlock = (text: string): SectionBlock => ({ type: 'section', text: { type: 'mrkdwn', text: `\`\`\`\n${escapeMrkdwn(text)}\n\`\`\`` } })

export const codeBlock = (text: string, max?: number): SectionBlock => ({ type: 'section', text: { type: 'mrkdwn', text: codeText(text, max) } })

/** A question before a click counts; plain text (cards.md 2.5). */
export interface Dialog { readonly title: string; readonly text: string; readonly confirm: string; readonly deny: string; readonly danger?: boolean }

const confirmation = (dialog: Dialog): ConfirmationDialog => ({
  title: plainText(dialog.title, limits.confirmTitle),
  text: plainText(dialog.text, limits.confirmText),
  confirm: plainText(dialog.confirm, limits.confirmButton),
  deny: plainText(dialog.deny, limits.confirmButton),
  ...(dialog.danger === true ? { style: 'danger' as const } : {}),
})

/** A button as a decision: what it says, does and carries. */
export interface ButtonFacts {
  readonly action: ActionId
  readonly label: string
  /** Ids only. */
  readonly value: string
  /** Said by a screen reader after the label, such as `RMKPLXWQVTA on shop`. */
  readonly about: string
  readonly style?: 'primary' | 'danger'
  readonly dialog?: Dialog
}

export const button = (facts: ButtonFacts): Button => ({
  type: 'button',
  action_id: facts.action,
  text: plainText(facts.label, limits.button),
  value: facts.value,
  accessibility_label: cut(`${facts.label} ${facts.about}`.trim(), limits.label),
  ...(facts.style === undefined ? {} : { style: facts.style }),
  ...(facts.dialog === undefined ? {} : { confirm: confirmation(facts.dialog) }),
})

/** The ⋯ menu; two to five options. */
export const overflow = (action: ActionId, options: readonly { readonly label: string; readonly value: string }[]): Overflow => ({
  type: 'overflow',
  action_id: action,
  options: options.map(({ label, value }) => ({ text: plainText(label, limits.label), value })),
})

export const actions = (elements: readonly (Button | Overflow)[]): ActionsBlock => ({ type: 'actions', elements: [...elements] })

/** Gives each block `<promotion>:<name>:<rev>`: unique in the message, and new with each change (slack.md 3.3). */
export const withIds = (promotion: string, rev: number, named: readonly (readonly [name: string, block: KnownBlock | null])[]): KnownBlock[] =>
  named.flatMap(([name, block]) => (block === null ? [] : [{ ...block, block_id: `${promotion}:${name}:${rev}` }]))
