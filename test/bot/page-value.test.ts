import { describe, expect, it } from 'vitest'
import { pageValue, readPageValue, type ListAsk } from '../../src/bot/page-value.ts'

const asked: readonly (readonly [string, ListAsk])[] = [
  ['the beginning of a list', { list: 'builds', rack: 'convox', app: 'shop', page: { limit: 10 } }],
  ['what is older than a release', { list: 'releases', rack: 'prod-eu', app: 'shop', page: { limit: 20, after: 'RABCDEFGHIJ' } }],
  ['what is newer than a promotion', { list: 'promotions', rack: 'convox', app: 'a-b', page: { limit: 100, before: 'PABCDEFGHIJ' } }],
  ['apps of the whole rack', { list: 'apps', rack: 'convox', app: null, page: { limit: 20, after: 'mail' } }],
  ['what happened since a day', { list: 'apps', rack: 'convox', app: null, since: new Date('2026-11-20T10:00:00Z'), page: { limit: 20, before: '1234' } }],
  ['what one person did', { list: 'audit', rack: 'convox', app: null, by: 'U0ANA', page: { limit: 20, after: '1234' } }],
]

describe('the value of a page\'s button', () => {
  it.each(asked)('carries %s there and back', (_what, ask) => {
    expect(readPageValue(pageValue(ask))).toEqual(ask)
  })

  it.each(['', 'shop:10:10', 'secrets:convox:shop::10:after:R', 'releases:convox:shop::10:after:<!here>', `releases:${'x'.repeat(31)}:shop::10:after:R`, 'releases:convox:shop::1000:after:R', 'audit:convox:shop::20:after:1:ana'])('is not %j', (value) => {
    expect(readPageValue(value)).toBeNull()
  })
})
