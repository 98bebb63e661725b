import { uptime } from 'node:os'

/** What time is told by, in milliseconds. `uptime` goes on while the machine is suspended, `monotonic` need not; nobody can set either. */
export interface TimeSources {
  readonly monotonic: () => number
  readonly uptime: () => number
}

const machine: TimeSources = { monotonic: () => performance.now(), uptime: () => uptime() * 1000 }

/** The uptime of some systems is rounded to seconds: only what exceeds this, in ms, is a suspension. */
const rounding = 2_000
/** Asking for the uptime reads a file on Linux: it is asked at most this often, in ms. */
const askEvery = 1_000

/**
 * The time as it was told when this was made, counted on by clocks that nobody can set: deadlines, stability windows and rests neither end nor begin
 * anew because an operator or an NTP daemon sets the wall clock. The time of a suspended machine is counted.
 */
export const steadyClock = (began: Date, { monotonic, uptime: upFor }: TimeSources = machine): (() => Date) => {
  const [zero, up] = [monotonic(), upFor()]
  let [asked, slept] = [zero, 0]
  return () => {
    const gone = monotonic() - zero
    if (zero + gone - asked >= askEvery) {
      asked = zero + gone
      const missed = upFor() - up - gone
      // Grows only: a clock that goes back by what was rounded would be one more that jumps.
      if (missed - slept > rounding) slept = missed
    }
    return new Date(began.getTime() + gone + slept)
  }
}
