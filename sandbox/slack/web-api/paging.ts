import { Refused } from './refused.ts'

/** One page of `all`, and the cursor of the next one (empty at the end). Throws `invalid_cursor`, `invalid_limit`. */
export const page = <T>(all: T[], options: { cursor: string | undefined; limit: number | undefined; most: number; usual: number }) => {
  const { limit = options.usual } = options
  if (limit < 1 || limit > options.most) throw new Refused('invalid_limit')
  let start = 0
  if (options.cursor) {
    const match = /^next:(\d+)$/.exec(Buffer.from(options.cursor, 'base64').toString())
    if (!match) throw new Refused('invalid_cursor')
    start = Number(match[1])
  }
  const end = start + limit
  const more = end < all.length
  return { items: all.slice(start, end), more, response_metadata: { next_cursor: more ? Buffer.from(`next:${end}`).toString('base64') : '' } }
}
