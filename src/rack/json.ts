import type { Json } from '../db/schema.ts'

/** What Postgres' jsonb does not take, and what a write with it would fail on for ever: NUL characters and halves of surrogate pairs. */
const storable = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? value.replaceAll(/\p{Cs}/gu, '\uFFFD').replaceAll('\0', '\uFFFD') : value

/** Domain values as the JSON columns keep them: dates become RFC 3339 text, absent fields stay absent, text is what the database can hold. */
export const toJson = (value: unknown): Json => {
  const text = JSON.stringify(value, storable)
  return text === undefined ? null : JSON.parse(text)
}

/**
 * The one named place where a JSON column becomes the domain type that was written into it: rows are written by this code base alone
 * (`toJson`), under a schema whose major version is checked at start.
 */
export const fromJson = <T>(value: Json | null | undefined): T | null => (value === null || value === undefined ? null : (value as T))
