import { z } from 'zod'
import { checkMessageBlocks, withIds } from '../block-rules.ts'
import type { Block } from '../blocks/blocks.ts'
import { metadata, type Metadata } from '../records.ts'
import { invalidBlocks, Refused } from './refused.ts'

/** A boolean as a form sends it (`true`, `1`) or as JSON does. */
export const flag = z.union([z.boolean(), z.enum(['true', '1']).transform(() => true), z.enum(['false', '0', '']).transform(() => false)]).optional()

/** A whole number, also as a form's text. */
export const whole = z.coerce.number().int().optional()

/** A value that a form sends as JSON text. Not JSON: refused with `code`. */
export const fromJson = (value: unknown, code: string): unknown => {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch (error) {
    throw new Refused(code, { response_metadata: { messages: [`[ERROR] ${error instanceof Error ? error.message : 'not JSON'}`] } })
  }
}

/** Total size of a message's blocks as JSON text: undocumented, seen by third parties near 13,200 (slackapi/bolt-js#2509). */
const maxBlocks = 13_200

/** Blocks of a message, checked, with ids. Undefined when there are none. Throws `invalid_blocks_format`, `invalid_blocks`, `msg_blocks_too_long`. */
export const messageBlocks = (value: unknown): Block[] | undefined => {
  if (value === undefined || value === null || value === '') return undefined
  const parsed = fromJson(value, 'invalid_blocks_format')
  if (!Array.isArray(parsed)) throw new Refused('invalid_blocks_format')
  const verdict = checkMessageBlocks(parsed)
  if (!verdict.ok) throw verdict.code === undefined ? invalidBlocks(verdict.messages) : new Refused(verdict.code)
  if (JSON.stringify(verdict.value).length > maxBlocks) throw new Refused('msg_blocks_too_long')
  return verdict.value.length > 0 ? withIds(verdict.value) : undefined
}

/** Slack names no figure for metadata; we take 8,000 characters of JSON. */
const maxMetadata = 8000

/** Metadata: undefined when not sent, null when `{}` asks for its removal. Throws `invalid_metadata_format`, `…_schema`, `metadata_too_large`. */
export const messageMetadata = (value: unknown): Metadata | null | undefined => {
  if (value === undefined || value === '') return undefined
  const parsed = fromJson(value, 'invalid_metadata_format')
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new Refused('invalid_metadata_format')
  if (Object.keys(parsed).length === 0) return null
  const checked = z.strictObject(metadata.shape).safeParse(parsed)
  if (!checked.success || checked.data.event_type === '') throw new Refused('invalid_metadata_schema')
  if (JSON.stringify(checked.data).length > maxMetadata) throw new Refused('metadata_too_large')
  return checked.data
}
