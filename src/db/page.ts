/**
 * A page of a list that grows at its top while people read it: found by the key of a row, never by how many rows lie above it, so that
 * what comes in between is neither shown twice nor left out.
 */
export interface PageAsk {
  readonly limit: number
  /** The rows that come after this key in the list (older ones). */
  readonly after?: string
  /** The rows that come before this key (newer ones), the nearest to it. Wins over `after`. */
  readonly before?: string
}

export interface Paged<Row> {
  /** In the order of the list. */
  readonly rows: readonly Row[]
  /** Key of the last row when more come after it, else null. */
  readonly after: string | null
  /** Key of the first row when more come before it, else null. */
  readonly before: string | null
}

/** Which way a list is read from a key; null: from its beginning. */
export type Walk = { readonly way: 'down'; readonly from: string | null } | { readonly way: 'up'; readonly from: string }

/** Cuts a page out of what `read` gives for a way and a number of rows, nearest to the key first. */
export const readPage = async <Row>(ask: PageAsk, read: (walk: Walk, limit: number) => Promise<readonly Row[]>, keyOf: (row: Row) => string): Promise<Paged<Row>> => {
  const walk: Walk = ask.before === undefined ? { way: 'down', from: ask.after ?? null } : { way: 'up', from: ask.before }
  const found = await read(walk, ask.limit + 1)
  const more = found.length > ask.limit
  const near = found.slice(0, ask.limit)
  const rows = walk.way === 'down' ? near : near.toReversed()
  const [first, last] = [rows[0], rows.at(-1)]
  if (first === undefined || last === undefined) return { rows, after: null, before: null }
  // The row whose key was given lies on the side that was come from.
  const [above, below] = walk.way === 'down' ? [walk.from !== null, more] : [more, true]
  return { rows, after: below ? keyOf(last) : null, before: above ? keyOf(first) : null }
}
