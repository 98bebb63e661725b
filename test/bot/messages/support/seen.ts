import type { AnyBlock, KnownBlock } from '@slack/types'
import { names } from './views.ts'

const two = (value: number): string => String(value).padStart(2, '0')

/** A Slack date as its reader sees it, in UTC on 2026-11-24. */
const date = (seconds: number, form: string): string => {
  const moment = new Date(seconds * 1000)
  const time = `${two(moment.getUTCHours())}:${two(moment.getUTCMinutes())}`
  if (form === '{time_secs}') return `${time}:${two(moment.getUTCSeconds())}`
  if (form === '{ago}') return '3 minutes ago'
  return `today ${time}`
}

const byId: Readonly<Record<string, string | undefined>> = names

/** mrkdwn as a person reads it: mentions by name, dates, entities; back-ticks and asterisks stay. */
export const seen = (mrkdwn: string): string => mrkdwn
  .replace(/<!date\^(\d+)\^([^|>]+)\|[^>]*>/g, (_, seconds: string, form: string) => date(Number(seconds), form))
  .replace(/<@([A-Z0-9]+)>/g, (_, id: string) => `@${byId[id] ?? id}`)
  .replace(/<#([A-Z0-9]+)>/g, (_, id: string) => `#${id}`)
  .replace(/<([^|>]+)\|([^>]*)>/g, '$2')
  .replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&')

/** All strings of a payload, with where they stand. */
export const strings = (value: unknown, path = ''): readonly (readonly [path: string, text: string])[] => {
  if (typeof value === 'string') return [[path, value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => strings(part, `${path}/${key}`))
}

const textOf = (text: { readonly type: string; readonly text: string }): string => (text.type === 'mrkdwn' ? seen(text.text) : text.text)

const isKnown = (block: AnyBlock): block is KnownBlock => ['header', 'section', 'context', 'actions', 'input'].includes(block.type)

/** Blocks as lines a person sees: `[header ] …`, buttons in parentheses, the ⋯ menu in brackets. */
export const drawn = (blocks: readonly AnyBlock[]): string => blocks.map((block) => {
  if (!isKnown(block)) return `[${block.type}]`
  switch (block.type) {
    case 'header': return `[header ] ${textOf(block.text)}`
    case 'section': {
      const button = block.accessory?.type === 'button' ? ` (${block.accessory.text.text})` : ''
      if (block.fields !== undefined) return `[fields ] ${block.fields.map((field) => textOf(field)).join(' | ')}`
      return `${block.text === undefined ? '' : textOf(block.text)}${button}`
    }
    case 'context': return `[context] ${block.elements.map((element) => ('text' in element ? textOf(element) : '')).join(' ')}`
    case 'actions': return `[actions] ${block.elements.map((element) => {
      if (element.type === 'button') return `(${element.text.text})`
      return element.type === 'overflow' ? `[⋯ ${element.options.map((option) => option.text.text).join(' · ')}]` : `<${element.type}>`
    }).join(' ')}`
    case 'input': return `[input  ] ${block.label.text}${block.hint === undefined ? '' : ` (${block.hint.text})`}`
    default: return `[${block.type}]`
  }
}).join('\n')

/** What is missing is said, instead of hiding behind an optional chain. */
export const must = <Value>(value: Value | null | undefined, what: string): Value => {
  if (value === null || value === undefined) throw new Error(`missing: ${what}`)
  return value
}

/** Every mrkdwn text of a message. */
export const mrkdwnOf = (blocks: readonly KnownBlock[]): readonly string[] => blocks.flatMap((block) => {
  if (block.type === 'section') return [...(block.text?.type === 'mrkdwn' ? [block.text.text] : []), ...(block.fields ?? []).map(({ text }) => text)]
  return block.type === 'context' ? block.elements.flatMap((element) => ('text' in element ? [element.text] : [])) : []
})
