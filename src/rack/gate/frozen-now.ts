import { frozenAt, nextWindow, type Frozen, type Window } from './windows.ts'

interface Known { readonly frozen: Frozen | null; readonly from: number; readonly to: number }

/** Windows remembered; the reading of an expression takes milliseconds, and every card asks. */
const mostKnown = 500
/** Looked at anew where no change is in sight. */
const hour = 3_600_000

const known = new Map<string, Known>()

const read = (window: Window, now: Date): Known => {
  const frozen = frozenAt(window, now)
  const change = frozen === null ? nextWindow(window, now) : frozen.least
  // The hour that a clock gives back may hold a moment of its own: nothing is remembered for longer than that.
  return { frozen, from: now.getTime(), to: Math.min(change.getTime(), now.getTime() + hour) }
}

/** `frozenAt`, remembered until the next change. */
export const frozenNow = (window: Window, now: Date): Frozen | null => {
  const key = `${window.cron}\n${window.seconds}\n${window.zone}`
  const at = now.getTime()
  const before = known.get(key)
  if (before !== undefined && before.from <= at && at < before.to) return before.frozen
  const found = read(window, now)
  if (known.size >= mostKnown) known.clear()
  known.set(key, found)
  return found.frozen
}
