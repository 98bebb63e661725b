import { describe, expect, it } from 'vitest'
import { frozenNow } from '../../../src/rack/gate/frozen-now.ts'
import { frozenAt, longestWindow, nextWindow, windowFault, type Window } from '../../../src/rack/gate/windows.ts'

const hours = (count: number): number => count * 3600
const weekend: Window = { cron: '0 18 * * 5', seconds: hours(62), zone: 'Europe/Paris' }
const fives: Window = { cron: '*/5 9-17 * * 1-5', seconds: 5 * 60, zone: 'UTC' }
const minutes: Window = { cron: '* 9-17 * * 1-5', seconds: 15 * 60, zone: 'UTC' }
const always: Window = { cron: '* * * * *', seconds: 10 * 60, zone: 'Europe/Paris' }
const night: Window = { cron: '30 2 * * *', seconds: hours(1), zone: 'Europe/Paris' }

describe('a freeze window', () => {
  it.each<[string, Window, string, string | null]>([
    ['a second before it begins', weekend, '2026-11-27T16:59:59Z', null],
    ['as it begins', weekend, '2026-11-27T17:00:00Z', '2026-11-30T07:00:00Z'],
    ['in its last second', weekend, '2026-11-30T06:59:59Z', '2026-11-30T07:00:00Z'],
    ['as it ends', weekend, '2026-11-30T07:00:00Z', null],
    // Summer time begins on 29 March 2026: Monday 08:00 is an hour nearer.
    ['where summer time begins in it, before', weekend, '2026-03-27T17:00:00Z', '2026-03-30T06:00:00Z'],
    ['where summer time begins in it, until the clock shows Monday 08:00', weekend, '2026-03-30T05:59:59Z', '2026-03-30T06:00:00Z'],
    ['where summer time begins in it, then no more', weekend, '2026-03-30T06:00:00Z', null],
    // It ends on 25 October 2026: Monday 08:00 is an hour farther.
    ['where summer time ends in it, before', weekend, '2026-10-23T16:00:00Z', '2026-10-26T07:00:00Z'],
    ['where summer time ends in it, until the clock shows Monday 08:00', weekend, '2026-10-26T06:59:59Z', '2026-10-26T07:00:00Z'],
    ['where summer time ends in it, then no more', weekend, '2026-10-26T07:00:00Z', null],
    // 02:30 is not there on 29 March: what is left of 02:30-03:30 is 03:00-03:30.
    ['that begins in the hour that is not there, before', night, '2026-03-29T00:59:59Z', null],
    ['that begins in the hour that is not there', night, '2026-03-29T01:00:00Z', '2026-03-29T01:30:00Z'],
    ['that begins in the hour that is not there, then no more', night, '2026-03-29T01:30:00Z', null],
    // 02:30 comes twice on 25 October: from the first to the last.
    ['that begins in the hour that comes twice, before', night, '2026-10-25T00:29:59Z', null],
    ['that begins in the hour that comes twice', night, '2026-10-25T00:30:00Z', '2026-10-25T02:30:00Z'],
    ['that begins in the hour that comes twice, in between', night, '2026-10-25T01:10:00Z', '2026-10-25T02:30:00Z'],
    ['that begins in the hour that comes twice, then no more', night, '2026-10-25T02:30:00Z', null],
    ['on clocks set by half an hour (Lord Howe)', { cron: '0 0 * * *', seconds: hours(6), zone: 'Australia/Lord_Howe' }, '2026-04-04T13:00:00Z', '2026-04-04T19:30:00Z'],
    ['that runs into the next one', { cron: '0 0 * * 1,2', seconds: hours(24), zone: 'UTC' }, '2026-11-23T10:00:00Z', '2026-11-25T00:00:00Z'],
    ['with a day of the month or of the week (as cron has it)', { cron: '0 0 1 * 1', seconds: hours(24), zone: 'UTC' }, '2026-12-01T05:00:00Z', '2026-12-02T00:00:00Z'],
  ])('%s', (_, window, now, until) => {
    expect(frozenAt(window, new Date(now))?.until?.toISOString() ?? null).toBe(until === null ? null : new Date(until).toISOString())
  })

  it('has no end in sight where each one runs into the next', () => {
    expect(frozenAt({ cron: '0 0 * * *', seconds: hours(24), zone: 'UTC' }, new Date('2026-11-21T10:00:00Z'))?.until).toBeNull()
  })

  // 23 November 2026 is a Monday.
  it.each<[string, Window, string, boolean]>([
    ['every five minutes of the office hours, before', fives, '2026-11-23T08:59:59Z', false],
    ['every five minutes of the office hours, in the morning', fives, '2026-11-23T09:00:00Z', true],
    ['every five minutes of the office hours, at noon', fives, '2026-11-23T12:02:00Z', true],
    ['every five minutes of the office hours, at their end', fives, '2026-11-23T17:59:59Z', true],
    ['every five minutes of the office hours, after', fives, '2026-11-23T18:00:00Z', false],
    ['every minute of the office hours, at noon', minutes, '2026-11-23T12:02:30Z', true],
    ['every minute of the office hours, in the last window', minutes, '2026-11-23T18:13:59Z', true],
    ['every minute of the office hours, after', minutes, '2026-11-23T18:14:00Z', false],
    ['every minute, all day', always, '2026-11-23T15:31:30Z', true],
    ['every minute, as summer time ends', always, '2026-10-25T00:59:59Z', true],
    ['every minute, in the hour that comes twice', always, '2026-10-25T01:00:00Z', true],
    ['every minute, where an hour is not there', always, '2026-03-29T01:00:00Z', true],
  ])('that starts %s', (_, window, now, holds) => {
    expect(windowFault(window, new Date(now))).toBeNull()
    expect(frozenAt(window, new Date(now)) !== null).toBe(holds)
  })

  it('is not remembered for longer than it was looked at', () => {
    expect(frozenAt(minutes, new Date('2026-11-23T17:30:00Z'))?.until).toBeNull()
    expect(frozenNow(minutes, new Date('2026-11-23T17:30:00Z'))).not.toBeNull()
    expect(frozenNow(minutes, new Date('2026-11-23T18:14:00Z'))).toBeNull()
  })

  it('says from when on it holds', () => {
    expect(frozenAt(weekend, new Date('2026-11-28T12:00:00Z'))?.from).toEqual(new Date('2026-11-27T17:00:00Z'))
  })

  it.each([
    [weekend, '2026-11-21T10:00:00Z', '2026-11-27T17:00:00Z'],
    [weekend, '2026-11-27T17:00:00Z', '2026-12-04T17:00:00Z'],
    [weekend, '2026-03-21T10:00:00Z', '2026-03-27T17:00:00Z'],
    [weekend, '2026-03-28T10:00:00Z', '2026-04-03T16:00:00Z'],
  ] as const)('%# comes next', (window, now, at) => {
    expect(nextWindow(window, new Date(now))).toEqual(new Date(at))
  })
})

describe('a window as typed', () => {
  const now = new Date('2026-11-21T10:50:00Z')
  it.each<[string, Partial<Window>, ReturnType<typeof windowFault>]>([
    ['a good one', {}, null],
    ['names of days', { cron: '0 18 * * FRI' }, null],
    ['a zone without summer time', { zone: 'UTC' }, null],
    ['the longest one', { seconds: longestWindow, cron: '0 0 1 1 *' }, null],
    ['four fields', { cron: '0 18 * *' }, 'cron'],
    ['seconds too', { cron: '0 0 18 * * 5' }, 'cron'],
    ['an hour that is none', { cron: '0 25 * * 5' }, 'cron'],
    ['a word', { cron: 'every friday at six o’clock' }, 'cron'],
    ['a day that never comes', { cron: '0 0 30 2 *' }, 'cron'],
    ['a zone that is none', { zone: 'Paris' }, 'zone'],
    ['a zone with a quote in it', { zone: 'Europe/Paris"' }, 'zone'],
    ['too long', { seconds: longestWindow + 1 }, 'too_long'],
    ['every minute for days', { cron: '* * * * *' }, 'too_often'],
    // It is 10:50: ten of its starts are left today.
    ['every minute of an hour that is nearly over', { cron: '* 10 * * *', seconds: hours(4), zone: 'UTC' }, 'too_often'],
  ])('%s', (_, changed, fault) => {
    expect(windowFault({ ...weekend, ...changed }, now)).toBe(fault)
  })
})
