import type { Window } from '../rack/gate/windows.ts'
import type { Args, Flag } from './command.ts'
import { UsageFailure } from './usage-error.ts'

/** What a freeze is typed as, of an app and of a rack. */
export const freezeFlags: readonly Flag[] = [
  { name: 'cron', kind: 'text', value: '"0 18 * * 5"', what: 'When a window begins: minute, hour, day of month, month, day of week; needed.' },
  { name: 'for', kind: 'duration', value: '62h', what: 'How long it lasts, by the clocks there; needed.' },
  { name: 'zone', kind: 'text', value: 'Europe/Paris', what: 'Whose clocks; UTC without it.' },
  { name: 'reason', kind: 'text', value: '"why"', what: 'Why; needed.' },
]

/** The window and its reason as typed; what is missing is said by its flag. */
export const readFreeze = (args: Args, command: string): Window & { readonly reason: string } => {
  const { cron, zone, reason } = args.text
  const seconds = args.number.for
  if (cron === undefined) throw new UsageFailure({ code: 'flag_needs_value', flag: '--cron', value: '"0 18 * * 5"', command })
  if (seconds === undefined) throw new UsageFailure({ code: 'flag_needs_value', flag: '--for', value: '62h', command })
  return { cron, seconds, zone: zone ?? 'UTC', reason: reason ?? '' }
}
