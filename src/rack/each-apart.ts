import type { Logger } from 'pino'

/** Does it for each, one after the other. What fails for one is logged as `trouble`, comes again with the next look, and keeps it from none of the others. */
export const eachApart = async <Item extends string | { readonly name: string }>(log: Pick<Logger, 'warn'>, trouble: string, items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> => {
  for (const item of items) {
    try {
      await work(item)
    } catch (error) {
      log.warn({ err: error, of: typeof item === 'string' ? item : item.name }, trouble)
    }
  }
}
