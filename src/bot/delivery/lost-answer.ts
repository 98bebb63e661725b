import type { Looks, Telling } from '../../rack/delivery-store.ts'

/** Looked for so many times before it counts as never stored (reference/slack.md 6.3). */
export const mostLooks = 2

/** Nothing was looked for yet. */
export const noLooks: Looks = { count: 0, at: null }

/** When to look (again), in milliseconds, with `pause` between two looks; a last look that lies ahead is another clock's, and counts for nothing. */
export const lookAgainAt = ({ count, at }: Looks, pause: number, now: number): number => (count === 0 || at === null || at.getTime() > now ? 0 : at.getTime() + pause)

/** Looks in vain for the first direct message, which is under way. */
export const looksForTelling = ([first]: readonly Telling[]): Looks =>
  ({ count: first?.sending?.looks ?? 0, at: first?.sending?.lookedAt === undefined ? null : new Date(first.sending.lookedAt) })

/** A post is looked for from this many seconds before it was tried: the clocks are Slack's and the database's. */
const before = 60
/** And until this many seconds after that: the longest call and what the clocks differ by. */
const after = 90

/** Where the search for a post tried at `at` (milliseconds) begins, as Slack writes times. */
export const oldestFor = (at: number): string => String(at / 1000 - before)

/** Where it ends; without an end a busy channel shows only what came later. */
export const latestFor = (at: number): string => String(at / 1000 + after)
