/** Looked for so many times before it counts as never stored (reference/slack.md 6.3). */
export const mostLooks = 2

/** A post is looked for from this many seconds before it was tried: the clocks are Slack's and the database's. */
const before = 60
/** And until this many seconds after that: the longest call and what the clocks differ by. */
const after = 90

/** Where the search for a post tried at `at` (milliseconds) begins, as Slack writes times. */
export const oldestFor = (at: number): string => String(at / 1000 - before)

/** Where it ends; without an end a busy channel shows only what came later. */
export const latestFor = (at: number): string => String(at / 1000 + after)
