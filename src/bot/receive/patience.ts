import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { readTrouble, type Trouble } from '../delivery/slack-error.ts'

/** Milliseconds. Somebody looks at the screen meanwhile: what Slack wants to wait for longer goes another way. */
const longest = 5_000
const afterLost = 500

/** How often each is tried again. */
const most = { limited: 2, lost: 1 } as const

type Tried = { readonly [Kind in keyof typeof most]: number }

/** How long to wait before the next try, and what it counts as; null: there is none. Pure. */
export const nextTry = (trouble: Trouble, tried: Tried): { readonly as: keyof Tried; readonly wait: number } | null => {
  switch (trouble.kind) {
    case 'limited': {
      const wait = trouble.seconds * 1_000
      return tried.limited < most.limited && wait <= longest ? { as: 'limited', wait } : null
    }
    case 'unsent':
    case 'ambiguous': return tried.lost < most.lost ? { as: 'lost', wait: afterLost } : null
    default: return null
  }
}

/**
 * Calls Slack for somebody who waits: a 429 is waited for within bounds, and what may not have arrived is sent once more, because twice is
 * better than nothing. Throws the last error.
 */
export const patiently = async <Value>(call: () => Promise<Value>, log: Pick<Logger, 'info'>, tried: Tried = { limited: 0, lost: 0 }): Promise<Value> => {
  try {
    return await call()
  } catch (error) {
    const trouble = readTrouble(error)
    const next = trouble === undefined ? null : nextTry(trouble, tried)
    if (trouble === undefined || next === null) throw error
    log.info({ why: trouble.why, wait: next.wait }, 'Slack did not take it; it is tried again')
    await sleep(next.wait)
    return patiently(call, log, { ...tried, [next.as]: tried[next.as] + 1 })
  }
}
