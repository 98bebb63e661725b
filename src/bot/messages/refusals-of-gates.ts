import type { Refusal } from '../../rack/refusal.ts'
import { againValue, lockValue } from '../again-value.ts'
import { button } from '../blocks.ts'
import { untilWords } from './gate-answers.ts'
import { code, nameOf, person, say, type Names } from './phrase.ts'
import { cleanText, cut } from './plain-text.ts'
import { reply, type Reply } from './reply.ts'
import { dayAndTime, duration, timeOfDay } from './times.ts'

/** Refusals by locks and freezes, and about them. */
export const gateCodes = [
  'locked', 'frozen', 'lock_of_other', 'not_locked', 'not_frozen', 'freeze_not_found', 'window_invalid', 'reason_needed', 'too_long',
] as const satisfies readonly Refusal['code'][]
export type GateRefusal = Extract<Refusal, { code: (typeof gateCodes)[number] }>
type Of<Code extends GateRefusal['code']> = Extract<GateRefusal, { code: Code }>

/** Queue it: the same once more, and it may wait. */
export const queueButton = (app: string, again: Of<'locked'>['again']) => button({ action: 'queue_it', label: 'Queue it', value: againValue(app, again), about: `${again.release} on ${app}` })

/** Dialog 1 of cards.md 2.5; times in dialogs are UTC. */
export const overrideDialog = (app: string, release: string, reason: string, until: Date | null) => ({
  title: 'Override the freeze?',
  text: `${cut(app, 80)} is frozen${until === null ? '' : ` until ${dayAndTime(until)} UTC`}: "${cut(cleanText(reason), 120)}". Starting ${release} is announced and audited.`,
  confirm: 'Override and start', deny: 'Keep waiting', danger: true,
})

const frozen = (refusal: Of<'frozen'>): Reply => {
  const { app, reason, until, again } = refusal
  const override = button({
    action: 'override_freeze', label: 'Override freeze', value: againValue(app, again), about: `${again.release} on ${app}`, style: 'danger', dialog: overrideDialog(app, again.release, reason, until),
  })
  const mayOverride = refusal.mayOverride && again.kind === 'promote'
  return reply(say`${code(app)} is frozen${untilWords(until)}: "${reason}".`, say`Queue it, and it starts when the freeze is over${mayOverride ? ', or override it' : ''}.`, [queueButton(app, again), ...(mayOverride ? [override] : [])])
}

/** Dialog 3 of cards.md 2.5. */
const takeOver = (refusal: Of<'lock_of_other'>, names: Names) => {
  const owner = cut(nameOf(refusal.owner, names), 30)
  return button({
    action: 'take_lock', label: 'Take over lock', value: lockValue(refusal.app, refusal.owner), about: `of ${refusal.app}`, style: 'danger',
    dialog: {
      title: 'Take over the lock?',
      text: `${owner} locked ${cut(refusal.app, 40)} at ${timeOfDay(refusal.since)} UTC: "${cut(cleanText(refusal.reason), 120)}". ${owner} is told that the lock is yours now.`,
      confirm: 'Take over lock', deny: 'Leave it', danger: true,
    },
  })
}

const windowReply = ({ fault, cron, zone, longest }: Of<'window_invalid'>): Reply => {
  switch (fault) {
    case 'cron': return reply(say`${code(cut(cron, 60))} is not a schedule that ever comes.`, say`Write minute, hour, day of month, month and day of week: ${code('--cron "0 18 * * 5"')} is Friday, 18:00.`)
    case 'zone': return reply(say`Unknown time zone: ${code(cut(zone, 60))}.`, say`Write it as ${code('Europe/Paris')}, ${code('America/New_York')} or ${code('UTC')}.`)
    case 'too_long': return reply(say`A freeze lasts at most ${duration(longest)}.`, say`Lock the app instead: ${code('/convox apps lock shop --reason "why"')}`)
    case 'too_often': return reply(say`${code(cut(cron, 60))} comes again and again before a window is over.`, say`Let it come once for each window: ${code('--cron "0 18 * * 5" --for 62h')}.`)
  }
}

/** Rows 11 and 12 of cards.md 7, and what `apps lock`, `apps unlock` and the freezes refuse. */
export const gateReply = (refusal: GateRefusal, names: Names): Reply => {
  switch (refusal.code) {
    case 'locked': return reply(
      say`${code(refusal.app)} is locked by ${person(refusal.owner)}${untilWords(refusal.until)}: "${refusal.reason}".`, say`Queue it, or ask ${person(refusal.owner)}.`, [queueButton(refusal.app, refusal.again)])
    case 'frozen': return frozen(refusal)
    case 'lock_of_other': return reply(
      say`${code(refusal.app)} is locked by ${person(refusal.owner)}${untilWords(refusal.until)}: "${refusal.reason}".`,
      say`Ask ${person(refusal.owner)}, or take it over${refusal.asked === 'lock' ? ' and lock it again' : ''}.`, [takeOver(refusal, names)])
    case 'not_locked': return reply(say`${code(refusal.app)} is not locked.`, say`Lock it with ${code(`/convox apps lock ${refusal.app} --reason "why"`)}`)
    case 'not_frozen': return reply(say`${code(refusal.app)} is not frozen now.`, say`Nothing to override: see the card.`)
    case 'freeze_not_found': return reply(say`${code(`freeze not found: ${cut(refusal.freeze, 60)}`)}`, say`All: ${code('/convox apps freezes')} and ${code('/convox rack freezes')}`)
    case 'window_invalid': return windowReply(refusal)
    case 'reason_needed': return reply(
      refusal.what === 'lock' ? say`A lock needs a reason: others read it while they wait.` : say`A freeze needs a reason: others read it while they wait.`, say`Add ${code('--reason "why"')}.`)
    case 'too_long': return reply(say`A lock lasts at most ${duration(refusal.longest)}.`, say`Leave ${code('--for')} out: then it lasts until you unlock it.`)
  }
}
