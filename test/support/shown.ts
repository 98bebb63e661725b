import { elementsOf } from '../../sandbox/slack/block-rules.ts'
import type { Block } from '../../sandbox/slack/blocks/blocks.ts'
import { channels, people } from './world.ts'

const names: Readonly<Record<string, string>> = Object.fromEntries([...Object.values(people), ...Object.values(channels)].map(({ id, name }) => [id, name]))

/** mrkdwn as a person reads it; dates become `<day>`, `<ago>` or `<secs>`, fences go. */
const read = (mrkdwn: string): string => mrkdwn
  .replace(/^```\n?/, '').replace(/\n?```$/, '')
  .replace(/<!date\^\d+\^([^|>]+)\|[^>]*>/g, (_, form: string) => (form === '{ago}' ? '‹ago›' : form === '{time_secs}' ? '‹secs›' : '‹day›'))
  .replace(/<@([A-Z0-9]+)>/g, (_, id: string) => `@${names[id] ?? id}`)
  .replace(/<#([A-Z0-9]+)>/g, (_, id: string) => `#${names[id] ?? id}`)
  .replace(/<([^|>]+)\|([^>]*)>/g, '$2')
  .replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')

const textOf = (text: { readonly type: string; readonly text: string }): string => (text.type === 'mrkdwn' ? read(text.text) : text.text)

const lineOf = (block: Block): string => {
  const controls = elementsOf(block).map(({ element }) => (element.type === 'button' ? `(${element.text.text})` : `<${element.type}>`)).join(' ')
  switch (block.type) {
    case 'header': return `# ${textOf(block.text)}`
    case 'section': {
      const texts = [...(block.text === undefined ? [] : [block.text]), ...(block.fields ?? [])]
      return [...texts.map(textOf), controls].filter((part) => part !== '').join(' ')
    }
    case 'context': return block.elements.map((element) => ('text' in element ? textOf(element) : '')).join(' ').replace(/^ref [0-9a-f]{4}$/, 'ref ‹ref›')
    case 'input': return `[${block.label.text}] ${controls}`
    default: return controls
  }
}

/** What a person reads in blocks, a line or more for each: code without its fence, buttons in parentheses, every ref the same. */
export const shown = (blocks: readonly Block[] | undefined): string => (blocks ?? []).map(lineOf).join('\n')

/** Labels of the buttons in blocks, in their order. */
export const buttonsOf = (blocks: readonly Block[] | undefined): string[] =>
  (blocks ?? []).flatMap((block) => elementsOf(block)).flatMap(({ element }) => (element.type === 'button' ? [element.text.text] : []))
