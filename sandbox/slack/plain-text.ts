import type { Block } from './blocks/blocks.ts'
import type { ContextElement, InteractiveElement } from './blocks/elements.ts'
import type { RichInline, RichPart } from './blocks/rich-text.ts'
import type { TextObject } from './blocks/text.ts'
import { glyphOf } from './emoji.ts'
import { parseMrkdwn, type Piece } from './mrkdwn.ts'

/** How ids read: `@ana`, `#shop-releases`. */
export type Names = { user: (id: string) => string; channel: (id: string) => string }

const piece =
  (names: Names) =>
  (one: Piece): string => {
    switch (one.kind) {
      case 'text':
      case 'code':
        return one.text
      case 'pre':
        return `\n${one.text}\n`
      case 'bold':
      case 'italic':
      case 'strike':
        return one.children.map(piece(names)).join('')
      case 'quote':
        return `> ${one.children.map(piece(names)).join('').replaceAll('\n', '\n> ')}`
      case 'link':
        return one.label
      case 'user':
        return `@${names.user(one.id)}`
      case 'channel':
        return `#${names.channel(one.id)}`
      case 'group':
        return `@${one.label ?? one.id}`
      case 'broadcast':
        return `@${one.range}`
      case 'date':
        return one.fallback
      case 'emoji':
        return glyphOf(one.name) ?? `:${one.name}:`
      case 'break':
        return '\n'
    }
  }

/** mrkdwn as somebody reads it; dates as their fallback, so that it does not depend on the reader. */
export const plainMrkdwn = (text: string, names: Names): string =>
  parseMrkdwn(text)
    .map(piece(names))
    .join('')
    .replaceAll(/\n{2,}/g, '\n')
    .replace(/^\n|\n$/g, '')

/** A text object as somebody reads it. */
export const plainObject = (text: TextObject, names: Names): string => (text.type === 'plain_text' ? text.text : plainMrkdwn(text.text, names))

const rich =
  (names: Names) =>
  (one: RichInline): string => {
    switch (one.type) {
      case 'text':
        return one.text
      case 'link':
        return one.text ?? one.url
      case 'user':
        return `@${names.user(one.user_id)}`
      case 'channel':
        return `#${names.channel(one.channel_id)}`
      case 'usergroup':
        return `@${one.usergroup_id}`
      case 'emoji':
        return glyphOf(one.name) ?? `:${one.name}:`
      case 'date':
        return one.fallback ?? new Date(one.timestamp * 1000).toISOString()
      case 'broadcast':
        return `@${one.range}`
    }
  }

const richPart =
  (names: Names) =>
  (part: RichPart): string => {
    if (part.type === 'rich_text_list') {
      return part.elements.map((row, index) => `${part.style === 'ordered' ? `${index + 1}.` : '•'} ${row.elements.map(rich(names)).join('')}`).join('\n')
    }
    const text = part.elements.map(rich(names)).join('')
    return part.type === 'rich_text_quote' ? `> ${text.replaceAll('\n', '\n> ')}` : text
  }

const context = (names: Names) => (one: ContextElement) => (one.type === 'image' ? one.alt_text : plainObject(one, names))

/** A button as `(Approve)`, a menu as `[⋯ Cancel request · Promotion info]`, an input by its kind. */
export const plainElement = (element: InteractiveElement): string => {
  switch (element.type) {
    case 'button':
      return `(${element.text.text})`
    case 'overflow':
      return `[⋯ ${element.options.map((one) => one.text.text).join(' · ')}]`
    case 'checkboxes':
      return element.options.map((one) => `☐ ${one.text.text}`).join('\n')
    case 'radio_buttons':
      return element.options.map((one) => `○ ${one.text.text}`).join('\n')
    case 'plain_text_input':
    case 'number_input':
      return `[${element.initial_value ?? ''}]`
    default:
      return `[${'placeholder' in element && element.placeholder ? element.placeholder.text : element.type} ▾]`
  }
}

const plainBlock = (block: Block, names: Names): string => {
  switch (block.type) {
    case 'header':
      return block.text.text
    case 'divider':
      return '---'
    case 'section': {
      const rows = [block.text ? plainObject(block.text, names) : undefined, ...(block.fields ?? []).map((field) => plainObject(field, names))]
      if (block.accessory) rows.push(block.accessory.type === 'image' ? block.accessory.alt_text : plainElement(block.accessory))
      return rows.filter((row) => row !== undefined).join('\n')
    }
    case 'context':
      return block.elements.map(context(names)).join(' ')
    case 'actions':
      return block.elements.map(plainElement).join(' ')
    case 'image':
      return block.title?.text ?? block.alt_text
    case 'input':
      return [block.label.text, plainElement(block.element), block.hint?.text].filter((row) => row !== undefined).join('\n')
    case 'rich_text':
      return block.elements.map(richPart(names)).join('\n')
    case 'markdown':
      return block.text
    case 'table':
      return block.rows.map((row) => row.map((one) => (one.type === 'raw_text' ? one.text : one.elements.map(richPart(names)).join(' '))).join('  ')).join('\n')
  }
}

/** A message as a person reads it: its blocks when it has any, else its text. */
export const plainMessage = (message: { text: string; blocks?: Block[] | undefined }, names: Names): string =>
  message.blocks && message.blocks.length > 0 ? message.blocks.map((block) => plainBlock(block, names)).join('\n') : plainMrkdwn(message.text, names)

/** Every mention in a message, in its text or its blocks: user ids, and `here`, `channel`, `everyone` or `S…` for the many. */
export const mentionsIn = (message: { text: string; blocks?: Block[] | undefined }): Set<string> => {
  const found = new Set<string>()
  // With blocks, the text is only the notification's wording; Slack still resolves mentions in it.
  for (const match of JSON.stringify([message.text, message.blocks ?? []]).matchAll(
    /<(?:@([UW][A-Z0-9]+)|!(here|channel|everyone)|!subteam\^(S[A-Z0-9]+))(?:\|[^<>]*)?>/g,
  )) {
    found.add(match[1] ?? match[2] ?? match[3] ?? '')
  }
  const walk = (part: RichInline) => {
    if (part.type === 'user') found.add(part.user_id)
    if (part.type === 'broadcast') found.add(part.range)
    if (part.type === 'usergroup') found.add(part.usergroup_id)
  }
  for (const block of message.blocks ?? []) {
    if (block.type !== 'rich_text') continue
    for (const part of block.elements) {
      if (part.type === 'rich_text_list') part.elements.forEach((row) => row.elements.forEach(walk))
      else part.elements.forEach(walk)
    }
  }
  found.delete('')
  return found
}
