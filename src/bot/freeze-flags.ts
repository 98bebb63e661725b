import type { Window } from '../rack/gate/windows.ts'
import type { Args, Flag } from './command.ts'

/** What a freeze is typed as, of an app and of a rack. */
export const freezeFlags: readonly Flag[] = [
  { name: 'cron', kind: 'text', value: '"0 18 * * 5"', needed: true, what: 'When a window begins: minute, hour, day of month, month, day of week.' },
  { name: 'for', kind: 'duration', value: '62h', needed: true, what: 'How long it lasts, by the clocks there.' },
  { name: 'zone', kind: 'text', value: 'Europe/Paris', what: 'Whose clocks; UTC without it.' },
  { name: 'reason', kind: 'text', value: '"why"', needed: true, what: 'Why; others read it while they wait.' },
]

/** The window and its reason as typed. */
export const readFreeze = (args: Args): Window & { readonly reason: string } => {
  const { cron, zone, reason } = args.text
  const seconds = args.number.for
  if (cron === undefined || seconds === undefined || reason === undefined) throw new Error('a freeze was let through without a flag that it needs')
  return { cron, seconds, zone: zone ?? 'UTC', reason }
}
