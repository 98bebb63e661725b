import type { AppConfig, ReleaseCommand, Timer } from './manifest.ts'

/** One readable line of a manifest's difference, such as `web scale 2 → 3`; `important` marks scale, probes, and what comes and goes. */
export interface ManifestChange {
  readonly text: string
  readonly important: boolean
}

const change = (text: string, important = false): ManifestChange => ({ text, important })

/** Those of the new file in its order, then those that went. */
const byName = <T>(before: readonly T[], after: readonly T[], nameOf: (one: T) => string, says: (name: string, old: T | undefined, now: T | undefined) => readonly ManifestChange[]) => {
  const old = new Map(before.map((one) => [nameOf(one), one]))
  const now = new Set(after.map(nameOf))
  return [
    ...after.flatMap((one) => says(nameOf(one), old.get(nameOf(one)), one)),
    ...before.filter((one) => !now.has(nameOf(one))).flatMap((one) => says(nameOf(one), one, undefined)),
  ]
}

const timerFields: readonly (readonly [string, (timer: Timer) => string])[] = [
  ['schedule', ({ schedule }) => schedule],
  ['command', ({ command }) => command],
  ['service', ({ service }) => service],
  ['concurrency', ({ concurrency }) => concurrency],
  ['parallelCount', ({ parallelCount }) => String(parallelCount)],
]

/** Timers that come, go and change. */
export const diffTimers = (before: readonly Timer[], after: readonly Timer[]): readonly ManifestChange[] =>
  byName(before, after, ({ name }) => name, (name, old, now) => {
    if (now === undefined) return [change(`timer ${name} removed`, true)]
    if (old === undefined) return [change(`timer ${name} added, ${now.schedule} on ${now.service}`, true)]
    return timerFields.flatMap(([field, of]) => (of(old) === of(now) ? [] : [change(`timer ${name} ${field} ${of(old)} → ${of(now)}`)]))
  })

/** Configs by id alone: their content is the author's to show. */
export const diffConfigs = (before: readonly AppConfig[], after: readonly AppConfig[]): readonly ManifestChange[] =>
  byName(before, after, ({ id }) => id, (id, old, now) => {
    if (now === undefined) return [change(`config ${id} removed`)]
    if (old === undefined) return [change(`config ${id} added`)]
    return old.value === now.value ? [] : [change(`config ${id} changed`)]
  })

const releaseText = (release: ReleaseCommand | undefined): string => (release === undefined ? 'none' : `${release.command} on ${release.service}, at most ${release.deadline}s`)

/** The release command, as one line: it runs before anything else does. */
export const diffReleaseCommand = (before: ReleaseCommand | undefined, after: ReleaseCommand | undefined): readonly ManifestChange[] => {
  const [old, now] = [releaseText(before), releaseText(after)]
  return old === now ? [] : [change(`release command ${old} → ${now}`, true)]
}
