import { readReleaseValue, releaseValue } from './action-ids.ts'

/** Value of Promote again and Promote anyway after a command with `--deadline`: `<app>:<release>:<seconds>`. */
export const deadlineValue = (app: string, release: string, seconds: number): string => `${releaseValue(app, release)}:${seconds}`

/** Undoes `deadlineValue` and `releaseValue`; null when it is neither. */
export const readConfirmedValue = (value: string): { readonly app: string; readonly release: string; readonly deadlineSeconds: number | null } | null => {
  const match = /^(.+):(\d{1,7})$/u.exec(value)
  const chosen = readReleaseValue(match?.[1] ?? value)
  return chosen === null ? null : { ...chosen, deadlineSeconds: match?.[2] === undefined ? null : Number(match[2]) }
}
