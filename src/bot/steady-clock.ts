/**
 * Milliseconds since 1970 as `clock` told them when this was made, counted on by the monotonic clock: a wall clock that is set back does not
 * hold up what waits for a moment of it (retries, paces, notices).
 */
export const steadyClock = (clock: () => Date, monotonic: () => number = () => performance.now()): (() => number) => {
  const [began, zero] = [clock().getTime(), monotonic()]
  return () => began + monotonic() - zero
}
