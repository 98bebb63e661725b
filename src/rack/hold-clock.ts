/**
 * A clock for what waits and judges: it shows the wall clock while nothing is `held`, and from then on only as much more as the monotonic clock has run. A wall
 * clock that is set in the middle of a rollout (an hour forward, a day back) neither passes a deadline nor counts as blind time; it is taken over in the
 * next pause.
 */
export const holdClock = (wall: () => Date, held: () => boolean, monotonic: () => number = () => performance.now()): (() => Date) => {
  let base = { wall: wall().getTime(), monotonic: monotonic() }
  return () => {
    const elapsed = monotonic() - base.monotonic
    if (held()) return new Date(base.wall + elapsed)
    base = { wall: wall().getTime(), monotonic: base.monotonic + elapsed }
    return new Date(base.wall)
  }
}
