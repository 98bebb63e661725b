import { CronTime } from 'cron'
import { DateTime, IANAZone } from 'luxon'

/** When a freeze holds: from each moment of `cron` (five fields) on, for `seconds`, both by the clocks on the walls of `zone` (an IANA name). */
export interface Window { readonly cron: string; readonly seconds: number; readonly zone: string }

/** `until` is null where one window runs into the next for longer than we look ahead; `least` is as far as we looked, else the end. */
export interface Frozen { readonly from: Date; readonly until: Date | null; readonly least: Date }

/** What is wrong with a window as somebody typed it. */
export type WindowFault = 'cron' | 'zone' | 'too_long' | 'too_often'

/** Of one window; longer closures are several, or a lock. */
export const longestWindow = 31 * 24 * 3600
/** Starts that may fall into one window: what starts more often says nothing that one longer window does not say. */
const mostStarts = 20
/** How far ahead a window as typed is looked at for starts that are too many: every month and week day has come once. */
const farthest = 400 * 24 * 3_600_000
/** Windows that run into each other are followed so far. */
const mostJoined = 20
/** A clock on a wall is set by at most so much where summer time begins and ends (Lord Howe: half an hour; Troll: two hours). */
const clockChange = 3 * 3_600_000

/** The clock on the wall, as if it showed UTC: there cron expressions and durations are plain arithmetic, without summer time. */
const wallOf = (at: Date, zone: string): number => DateTime.fromJSDate(at, { zone }).setZone('utc', { keepLocalTime: true }).toMillis()

/** The first millisecond in (from, to] at which the clock on the wall has been set past `wall`. */
const jumpOver = (wall: number, from: number, to: number, zone: string): number => {
  let [before, after] = [from, to]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (wallOf(new Date(middle), zone) >= wall) after = middle
    else before = middle
  }
  return after
}

/** When the clock on the wall shows that: twice in the hour that summer time gives back; at the jump in the hour that it takes. */
const momentsOf = (wall: number, zone: string): readonly [first: Date, last: Date] => {
  const shown = DateTime.fromMillis(wall, { zone: 'utc' }).setZone(zone, { keepLocalTime: true })
  if (wallOf(shown.toJSDate(), zone) !== wall) {
    const jump = new Date(jumpOver(wall, shown.toMillis() - clockChange, shown.toMillis() + clockChange, zone))
    return [jump, jump]
  }
  const all = shown.getPossibleOffsets().map((each) => each.toMillis())
  return [new Date(Math.min(...all)), new Date(Math.max(...all))]
}

const next = (cron: CronTime, wall: number): number => cron.getNextDateFrom(DateTime.fromMillis(wall, { zone: 'utc' }).set({ millisecond: 0 }).toJSDate(), 'UTC').toMillis()

/** By how much the clock on the wall is set back between the two moments; zero where it is not. */
const setBack = (from: number, to: number, zone: string): number => Math.max(0, (wallOf(new Date(from), zone) - from) - (wallOf(new Date(to), zone) - to))

/** Starts in (from, to]; of those the first `most`. */
const starts = (cron: CronTime, from: number, to: number, most = Infinity): number[] => {
  const found: number[] = []
  for (let at = next(cron, from); at <= to && found.length < most; at = next(cron, at)) found.push(at)
  return found
}

/** Null when it can be used. Pure. */
export const windowFault = ({ cron, seconds, zone }: Window, now: Date): WindowFault | null => {
  if (!IANAZone.isValidZone(zone)) return 'zone'
  if (cron.trim().split(/\s+/).length !== 5 || !CronTime.validateCronExpression(cron).valid) return 'cron'
  if (seconds > longestWindow) return 'too_long'
  const times = new CronTime(cron)
  try {
    const first = next(times, wallOf(now, zone))
    // More than one window's worth: the first may be the last of its day.
    const found = [first, ...starts(times, first, first + farthest, 2 * mostStarts)]
    return found.some((start, at) => (found[at + mostStarts] ?? Infinity) <= start + seconds * 1000) ? 'too_often' : null
  } catch {
    // The library looks eight years ahead and throws when there is no such day (30 February).
    return 'cron'
  }
}

/** The window that holds at `now`, joined with those that begin before it is over; null when none does. Pure. */
export const frozenAt = ({ cron, seconds, zone }: Window, now: Date): Frozen | null => {
  const times = new CronTime(cron)
  const wall = wallOf(now, zone)
  const length = seconds * 1000
  // What the clock shows is enough, except where it was just set back (what began is ahead of it again) or is about to be (what ends by it comes twice).
  const at = now.getTime()
  const near = starts(times, wall - length - setBack(at, at + clockChange, zone), wall + setBack(at - clockChange, at, zone))
  const holds = near.filter((start) => momentsOf(start, zone)[0] <= now && momentsOf(start + length, zone)[1] > now)
  const [first] = holds
  let last = holds.at(-1)
  if (first === undefined || last === undefined) return null
  for (let joined = 0; joined < mostJoined; joined += 1) {
    const following = next(times, last)
    if (following > last + length) {
      const until = momentsOf(last + length, zone)[1]
      return { from: momentsOf(first, zone)[0], until, least: until }
    }
    last = following
  }
  return { from: momentsOf(first, zone)[0], until: null, least: momentsOf(last + length, zone)[1] }
}

/** When the next window begins after `now`. Pure. */
export const nextWindow = ({ cron, zone }: Window, now: Date): Date => momentsOf(next(new CronTime(cron), wallOf(now, zone)), zone)[0]
