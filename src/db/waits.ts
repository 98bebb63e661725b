import { sql, type SQL } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'

/** Seconds after which whoever waits looks again, however long there is to wait. */
const longest = 60

/** When to look again at what waits for so many seconds, by the database's clock. */
export const lookAgain = (seconds: number): SQL => sql`now() + ${`${Math.min(seconds, longest)} seconds`}::interval`

/** Further ahead than we write such a time: the database's clock was set back since, and it counts for nothing. */
export const isOfOtherClock = (time: AnyPgColumn): SQL => sql`${time} > now() + ${`${longest + 1} seconds`}::interval`
