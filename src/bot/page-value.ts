import type { PageAsk } from '../db/page.ts'

/** The lists that have pages. */
export const pagedLists = ['releases', 'builds', 'promotions', 'apps', 'audit'] as const
export type PagedList = (typeof pagedLists)[number]

/** A list as it was asked for: what its Older and Newer need to go on. */
export interface ListAsk {
  readonly list: PagedList
  readonly rack: string
  /** Null where the list is of the whole rack. */
  readonly app: string | null
  /** Only rows since then. */
  readonly since?: Date
  /** Only what this person did; a Slack id. */
  readonly by?: string
  readonly page: PageAsk
}

/** Value of a page's button: `<list>:<rack>:<app>:<since, seconds>:<limit>:<after|before>:<key>[:<by>]`; what is not said stays empty. */
export const pageValue = ({ list, rack, app, since, by, page }: ListAsk): string => {
  const [way, key] = page.before !== undefined ? ['before', page.before] : ['after', page.after ?? '']
  return [list, rack, app ?? '', since === undefined ? '' : Math.floor(since.getTime() / 1000), page.limit, way, key, ...(by === undefined ? [] : [by])].join(':')
}

/** Undoes `pageValue`; null when it is not one. */
export const readPageValue = (value: string): ListAsk | null => {
  const match = /^([a-z]+):([a-z0-9-]{1,30}):([a-z0-9-]{0,63}):(\d{0,11}):(\d{1,3}):(after|before):([A-Za-z0-9-]{0,63})(?::([UW][A-Z0-9]{1,40}))?$/.exec(value)
  const [, name, rack = '', app = '', since = '', limit = '', way, key = '', by] = match ?? []
  const list = pagedLists.find((known) => known === name)
  if (match === null || list === undefined) return null
  return {
    list, rack, app: app === '' ? null : app, ...(since === '' ? {} : { since: new Date(Number(since) * 1000) }), ...(by === undefined ? {} : { by }),
    page: { limit: Number(limit), ...(key === '' ? {} : way === 'before' ? { before: key } : { after: key }) },
  }
}
