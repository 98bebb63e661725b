import type { Json } from '../db/schema.ts'
import type { Announcement } from './announcement.ts'
import { toJson } from './json.ts'
import type { ThreadLine } from './thread-line.ts'

/** RFC 3339 with whole seconds, as the lines of the seeds have it. */
const wholeSeconds = (at: string): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')

/** A thread line as an outbox fact; with a key when it must not be said twice. */
export const lineFact = (line: ThreadLine, key?: string): { kind: 'line'; fact: Json } =>
  ({ kind: 'line', fact: toJson({ ...line, at: wholeSeconds(line.at), ...(key === undefined ? {} : { key }) }) })

/** An announcement as an outbox fact; the key tells it from others of its promotion. */
export const announcementFact = (announcement: Announcement, key: string): { kind: 'announcement'; fact: Json } => ({ kind: 'announcement', fact: toJson({ ...announcement, key }) })

/** The last word of a promotion; the outbox takes one per promotion. */
export const noticeFact: { kind: 'notice'; fact: Json } = { kind: 'notice', fact: {} }

/** The key of a fact that must not be said twice; null where it has none. */
export const keyOf = (fact: unknown): string | null => (typeof fact === 'object' && fact !== null && 'key' in fact && typeof fact.key === 'string' ? fact.key : null)
