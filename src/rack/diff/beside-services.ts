import type { AppConfig, ReleaseCommand, Timer } from '../manifest/manifest.ts'
import { fieldChange, type FieldChange } from './field-change.ts'

/** Those of the new file in its order, then those that went. */
const byName = <T>(before: readonly T[], after: readonly T[], nameOf: (one: T) => string, says: (name: string, old: T | undefined, now: T | undefined) => readonly FieldChange[]) => {
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

const timerText = ({ schedule, service }: Timer): string => `${schedule} on ${service}`

/** Timers that come, go and change. */
export const diffTimers = (before: readonly Timer[], after: readonly Timer[]): readonly FieldChange[] =>
  byName(before, after, ({ name }) => name, (name, old, now) => {
    const whole = { subject: 'timer', name, field: null, callout: null, important: true } as const
    if (now === undefined) return [{ ...whole, kind: 'removed', from: old === undefined ? null : timerText(old), to: null }]
    if (old === undefined) return [{ ...whole, kind: 'added', from: null, to: timerText(now) }]
    return timerFields.flatMap(([field, of]) => fieldChange({ subject: 'timer', name, field, important: false }, of(old), of(now)))
  })

/** Configs by id alone: their content is the author's to show. */
export const diffConfigs = (before: readonly AppConfig[], after: readonly AppConfig[]): readonly FieldChange[] =>
  byName(before, after, ({ id }) => id, (id, old, now) => {
    const whole = { subject: 'config', name: id, field: null, from: null, to: null, callout: null, important: false } as const
    if (now === undefined) return [{ ...whole, kind: 'removed' }]
    if (old === undefined) return [{ ...whole, kind: 'added' }]
    return old.value === now.value ? [] : [{ ...whole, kind: 'changed' }]
  })

/** The release command, as one line: it runs before anything else does. `deadline` in seconds. */
export const releaseCommandText = (release: ReleaseCommand): string => `${release.command} on ${release.service}, at most ${release.deadline}s`

/** The release command that comes, goes or changes. */
export const diffReleaseCommand = (before: ReleaseCommand | undefined, after: ReleaseCommand | undefined): readonly FieldChange[] => {
  const [from, to] = [before, after].map((release) => (release === undefined ? null : releaseCommandText(release)))
  return fieldChange({ subject: 'release_command', name: '', field: '', important: true }, from ?? null, to ?? null).map((change) => ({ ...change, field: null }))
}
