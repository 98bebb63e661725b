import type { LoggedRequest } from './web-api/serve.ts'

/** Calls of one method: all of them, those answered 429, and the most that fell into one minute. */
export type RequestCount = { calls: number; limited: number; busiestMinute: number }

const minute = 60_000

/** The most of these times that lie within one minute of each other. */
const busiest = (times: number[]): number => {
  const sorted = times.toSorted((a, b) => a - b)
  let first = 0
  let found = 0
  for (const [last, at] of sorted.entries()) {
    while (at - (sorted[first] ?? at) >= minute) first++
    found = Math.max(found, last - first + 1)
  }
  return found
}

/** How often each method was called; 429s count as calls but not for the busiest minute, since Slack did nothing for them. */
export const countRequests = (log: readonly LoggedRequest[]): Record<string, RequestCount> => {
  const counts: Record<string, RequestCount> = {}
  for (const name of new Set(log.map((one) => one.method))) {
    const mine = log.filter((one) => one.method === name)
    const done = mine.filter((one) => one.status !== 429)
    counts[name] = { calls: mine.length, limited: mine.length - done.length, busiestMinute: busiest(done.map((one) => one.at)) }
  }
  return counts
}
