import type { Button } from '@slack/types'
import { button } from '../blocks.ts'
import { pageValue, type ListAsk } from '../page-value.ts'

/** Keys of a page's edges, where more rows lie beyond them. */
export interface PageEdges { readonly after: string | null; readonly before: string | null }

/** What a list is of, for a screen reader: `releases of shop`. */
export const aboutList = ({ list, app, rack }: ListAsk): string => `${list} of ${app ?? rack}`

/** The buttons under a page; apps go by name, everything else by age. */
export const pagerButtons = (asked: ListAsk, { after, before }: PageEdges): readonly Button[] => {
  const [down, up] = asked.list === 'apps' ? ['Next', 'Previous'] : ['Older', 'Newer']
  const { limit } = asked.page
  return [
    ...(after === null ? [] : [button({ action: 'older', label: down, value: pageValue({ ...asked, page: { limit, after } }), about: aboutList(asked) })]),
    ...(before === null ? [] : [button({ action: 'newer', label: up, value: pageValue({ ...asked, page: { limit, before } }), about: aboutList(asked) })]),
  ]
}
