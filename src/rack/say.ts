import type { Json } from '../db/schema.ts'
import { toJson } from './json.ts'
import type { ThreadLine } from './thread-line.ts'

/** A thread line as an outbox fact. */
export const lineFact = (line: ThreadLine): { kind: 'line'; fact: Json } => ({ kind: 'line', fact: toJson(line) })

/** The last word of a promotion; the outbox takes one per promotion. */
export const noticeFact: { kind: 'notice'; fact: Json } = { kind: 'notice', fact: {} }
