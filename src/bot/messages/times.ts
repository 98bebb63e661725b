const two = (value: number): string => String(value).padStart(2, '0')

/** `14:02`, UTC. */
export const timeOfDay = (date: Date): string => `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`
/** `14:05:11`, UTC. */
export const timeWithSeconds = (date: Date): string => `${timeOfDay(date)}:${two(date.getUTCSeconds())}`
/** `2026-11-24 14:02`, UTC. */
export const dayAndTime = (date: Date): string => `${date.toISOString().slice(0, 10)} ${timeOfDay(date)}`
/** RFC 3339 UTC with seconds, as in every list. */
export const rfc3339 = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`

/** Whole seconds between two moments, never below 0. */
export const secondsBetween = (from: Date, to: Date): number => Math.max(0, Math.round((to.getTime() - from.getTime()) / 1000))

const partsOf = (seconds: number): readonly (readonly [value: number, unit: 'h' | 'min' | 's'])[] => {
  const whole = Math.max(0, Math.round(seconds))
  const parts = [[Math.floor(whole / 3600), 'h'], [Math.floor(whole / 60) % 60, 'min'], [whole % 60, 's']] as const
  const told = parts.filter(([value]) => value > 0)
  return told.length === 0 ? [[0, 's']] : told
}

/** `21 s`, `1 min 40 s` (cards.md 1.3). */
export const duration = (seconds: number): string => partsOf(seconds).map(([value, unit]) => `${value} ${unit}`).join(' ')
/** `21s`, `1m40s`, `10m`: in tables, and as a person types it. */
export const shortDuration = (seconds: number): string =>
  partsOf(seconds).map(([value, unit]) => `${value}${unit === 'min' ? 'm' : unit}`).join('')

/** Seconds of each unit of an age; a month is 30 days, a year 365, as in convox's own lists. */
const ageUnits = [['year', 31_536_000], ['month', 2_592_000], ['week', 604_800], ['day', 86_400], ['hour', 3600], ['minute', 60], ['second', 1]] as const

/** One unit, rounded down: `1 minute ago`; `now` below a second (answers.md). */
export const age = (date: Date, now: Date): string => {
  const seconds = Math.floor((now.getTime() - date.getTime()) / 1000)
  for (const [unit, size] of ageUnits) {
    const count = Math.floor(seconds / size)
    if (count >= 1) return `${count} ${unit}${count === 1 ? '' : 's'} ago`
  }
  return 'now'
}
