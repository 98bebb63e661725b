import type { KnownBlock } from '@slack/types'
import type { Message } from './blocks.ts'
import { typedOn } from './typed-on.ts'

/** A command between back-ticks: text from outside has none (messages/phrase.ts), and a code block has three. */
const printed = /(?<!`)`(\/convox [^`]+)`(?!`)/gu

const isText = (node: object): node is { type: 'mrkdwn'; text: string } => 'type' in node && node.type === 'mrkdwn' && 'text' in node && typeof node.text === 'string'

/** Every mrkdwn text of a block that may print a command. */
const textsOf = (block: KnownBlock): readonly string[] => {
  if (block.type === 'section') return [block.text, ...(block.fields ?? [])].flatMap((text) => (text !== undefined && isText(text) ? [text.text] : []))
  return block.type === 'context' ? block.elements.flatMap((element) => (isText(element) ? [element.text] : [])) : []
}

const inText = (rack: string, text: string): string => text.replace(printed, (_whole, command: string) => `\`${typedOn(rack, command)}\``)

const inObject = <Of extends object>(rack: string, node: Of): Of => (isText(node) ? { ...node, text: inText(rack, node.text) } : node)

const inBlock = (rack: string, block: KnownBlock): KnownBlock => {
  if (block.type === 'context') return { ...block, elements: block.elements.map((element) => inObject(rack, element)) }
  if (block.type !== 'section') return block
  return {
    ...block,
    ...(block.text === undefined ? {} : { text: inObject(rack, block.text) }),
    ...(block.fields === undefined ? {} : { fields: block.fields.map((field) => inObject(rack, field)) }),
  }
}

/** As `plain` writes what mrkdwn escapes (messages/phrase.ts). */
const asPlain = (command: string): string => command.replace(/&lt;/gu, '‹').replace(/&gt;/gu, '›').replace(/&amp;/gu, '&')

const literally = (text: string): string => text.replace(/[$()*+.?[\\\]^{|}]/gu, '\\$&')

/** The message, whose commands say the rack: in its blocks, and those of them that its text has too. Pure. */
export const messageOn = (rack: string, message: Message): Message => {
  const commands = message.blocks.flatMap(textsOf).flatMap((text) => [...text.matchAll(printed)].flatMap(([, command]) => (command === undefined ? [] : [asPlain(command)])))
  // The longest first: one may begin like another.
  const any = commands.toSorted((one, other) => other.length - one.length).map(literally).join('|')
  const text = any === '' ? message.text : message.text.replace(new RegExp(any, 'gu'), (command) => typedOn(rack, command))
  return { ...message, text, blocks: message.blocks.map((block) => inBlock(rack, block)) }
}
