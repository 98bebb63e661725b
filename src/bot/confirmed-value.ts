import { readReleaseValue, releaseValue } from './action-ids.ts'

/** What a command to promote asked for besides its release. */
export interface Manner {
  /** Null: the app's own deadline. */
  readonly deadlineSeconds: number | null
  readonly force: boolean
  readonly queue: boolean
  readonly override: boolean
}

const letters = { force: 'f', queue: 'q', override: 'o' } as const

/** Value of Promote again and Promote anyway after a command with flags: `<app>:<release>:<seconds><letters>`; 0 seconds: the app's own deadline. */
export const confirmedValue = (app: string, release: string, { deadlineSeconds, force, queue, override }: Manner): string =>
  `${releaseValue(app, release)}:${deadlineSeconds ?? 0}${force ? letters.force : ''}${queue ? letters.queue : ''}${override ? letters.override : ''}`

/** Undoes `confirmedValue` and `releaseValue`; null when it is neither. */
export const readConfirmedValue = (value: string): ({ readonly app: string; readonly release: string } & Manner) | null => {
  const match = /^(.+):(\d{1,7})(f?)(q?)(o?)$/u.exec(value)
  const [, rest, seconds, force, queue, override] = match ?? []
  const chosen = readReleaseValue(rest ?? value)
  if (chosen === null) return null
  return { ...chosen, deadlineSeconds: seconds === undefined || seconds === '0' ? null : Number(seconds), force: force === letters.force, queue: queue === letters.queue, override: override === letters.override }
}
