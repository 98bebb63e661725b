import type { Json } from '../db/schema.ts'

/** Domain values as the JSON columns keep them: dates become RFC 3339 text, absent fields stay absent. */
export const toJson = (value: unknown): Json => {
  const text = JSON.stringify(value)
  return text === undefined ? null : JSON.parse(text)
}

/**
 * The one named place where a JSON column becomes the domain type that was written into it: rows are written by this code base alone
 * (`toJson`), under a schema whose major version is checked at start.
 */
export const fromJson = <T>(value: Json | null | undefined): T | null => (value === null || value === undefined ? null : (value as T))
