import { z } from 'zod'

const modalIds = z.record(z.string(), z.union([z.string(), z.number(), z.null()]))

/** The ids a modal was opened with (`private_metadata`). Throws when they are not ours. */
export const readMetadata = (text: string): Readonly<Record<string, string | number | null>> => modalIds.parse(JSON.parse(text))

/** One id as text; '' when the modal has none of that name. */
export const idOf = (ids: Readonly<Record<string, string | number | null>>, name: string): string => {
  const value = ids[name]
  return typeof value === 'string' ? value : ''
}
