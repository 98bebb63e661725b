import type { Again } from '../rack/refusal.ts'

const kinds = { promote: 'p', rollback: 'r' } as const satisfies Record<Again['kind'], string>

/** Value of Queue it, and of Override freeze on an answer: `<app>:<release>:<p|r>[f]:<seconds>`; 0 seconds: the app's own deadline. */
export const againValue = (app: string, { kind, release, force, deadlineSeconds }: Again): string => `${app}:${release}:${kinds[kind]}${force ? 'f' : ''}:${deadlineSeconds ?? 0}`

/** Undoes `againValue`; null when it is not one. */
export const readAgainValue = (value: string): { readonly app: string; readonly again: Again } | null => {
  const match = /^([a-z0-9-]{1,63}):(R[A-Z]{1,20}):([pr])(f?):(\d{1,7})$/u.exec(value)
  const [, app, release, kind, force, seconds] = match ?? []
  if (app === undefined || release === undefined) return null
  return { app, again: { kind: kind === 'r' ? 'rollback' : 'promote', release, force: force === 'f', deadlineSeconds: seconds === '0' || seconds === undefined ? null : Number(seconds) } }
}

/** Value of Take over lock: `<app>:<owner>`, so that a dialog about one person's lock never takes another's. */
export const lockValue = (app: string, owner: string): string => `${app}:${owner}`

/** Undoes `lockValue`; null when it is not one. */
export const readLockValue = (value: string): { readonly app: string; readonly from: string } | null => {
  const [, app, from] = /^([a-z0-9-]{1,63}):([A-Za-z0-9]{1,40})$/u.exec(value) ?? []
  return app === undefined || from === undefined ? null : { app, from }
}
