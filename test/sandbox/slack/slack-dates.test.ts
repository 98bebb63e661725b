import { describe, expect, it } from 'vitest'
import { formatSlackDate } from '../../../sandbox/slack/slack-dates.ts'

/** Local times, so that the table holds in every zone. */
const at = (day: number, hour = 14, minute = 5, second = 9) => new Date(2026, 10, day, hour, minute, second)
const now = at(24)

describe('a Slack date', () => {
  it.each<[string, Date, string | undefined]>([
    ['{time}', at(24), '14:05'],
    ['{time_secs}', at(24), '14:05:09'],
    ['{date_num}', at(3), '2026-11-03'],
    ['{date_short_pretty} {time}', at(24), 'today 14:05'],
    ['{date_short_pretty}', at(23), 'yesterday'],
    ['{date_pretty}', at(25), 'tomorrow'],
    ['{date_short_pretty}', at(12), 'Nov 12, 2026'],
    ['{date}', at(12), 'November 12th, 2026'],
    ['{date}', at(22), 'November 22nd, 2026'],
    ['{date_long}', at(12), 'Thursday, November 12th, 2026'],
    ['{ago}', at(24, 14, 5, 6), 'just now'],
    ['{ago}', at(24, 14, 4, 9), '1 minute ago'],
    ['{ago}', at(24, 11, 5, 9), '3 hours ago'],
    ['{ago}', at(24, 15, 5, 9), 'in 1 hour'],
    ['{when}', at(24), undefined],
  ])('%s', (format, date, shown) => {
    expect(formatSlackDate(Math.floor(date.getTime() / 1000), format, now)).toBe(shown)
  })
})
