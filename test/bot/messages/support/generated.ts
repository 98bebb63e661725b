import type { Cause, LogExcerpt } from '../../../../src/rack/cause.ts'
import type { Progress, ServiceProgress, Warning } from '../../../../src/rack/progress.ts'
import { isFinal, isMoving } from '../../../../src/rack/promotion.ts'
import type { PromotionView } from '../../../../src/rack/promotion-view.ts'
import { promotionStatuses, type PromotionStatus } from '../../../../src/db/words.ts'
import { bareCauses, causes, excerpts, notes, phaseProgress, serviceStates, waits, warnings } from './every-case.ts'
import { nasty, randomOf } from './nasty.ts'
import { ana, at, bo, byStatus, cy, P, R, RP } from './views.ts'

/** Chance, in the terms of this file. */
interface Dice {
  readonly number: (below: number) => number
  readonly maybe: (chance: number) => boolean
  readonly one: <Value>(of: readonly Value[]) => Value
  readonly some: <Value>(of: readonly Value[], most: number) => Value[]
  /** Text from outside, now and then a nasty one. */
  readonly text: (plain: string) => string
}

const diceOf = (seed: number): Dice => {
  const random = randomOf(seed)
  const number = (below: number): number => Math.floor(random() * below)
  const maybe = (chance: number): boolean => random() < chance
  const one = <Value>(of: readonly Value[]): Value => {
    const [chosen] = of.slice(number(of.length))
    if (chosen === undefined) throw new Error('nothing to choose from')
    return chosen
  }
  return { number, maybe, one, some: (of, most) => Array.from({ length: number(most + 1) }, () => one(of)), text: (plain) => (maybe(0.5) ? one(nasty) : plain) }
}

const many = <Value>(count: number, make: (index: number) => Value): Value[] => Array.from({ length: count }, (_, index) => make(index))

/** Service names are ours to check at import: letters, digits, dashes, at most 63. */
const serviceNames = (dice: Dice): string[] => many(1 + dice.number(12), (index) => (dice.maybe(0.3) ? `service-with-a-very-long-name-that-a-label-just-holds-${String(index).padStart(9, '0')}` : `web${index}`))

const causeOf = (dice: Dice): Cause => {
  const cause = dice.maybe(0.3) ? dice.one(bareCauses) : dice.one<Cause>(Object.values(causes))
  const { message, reason, object, manager, command } = cause
  return {
    ...cause,
    ...(message === undefined ? {} : { message: dice.text(message) }), ...(reason === undefined ? {} : { reason: dice.text(reason) }), ...(object === undefined ? {} : { object: dice.text(object) }),
    ...(manager === undefined ? {} : { manager: dice.text(manager) }), ...(command === undefined ? {} : { command: dice.text(command) }),
  }
}

const serviceOf = (dice: Dice, name: string): ServiceProgress => {
  const state = dice.one<ServiceProgress>(Object.values(serviceStates))
  const desired = dice.number(5)
  return {
    ...state, service: name, desired, ready: dice.number(desired + 1), oldRunning: dice.number(2), oldStopping: dice.number(2),
    ...(state.cause === undefined ? {} : { cause: { ...causeOf(dice), service: name } }), ...(dice.maybe(0.7) ? { release: dice.one([R, RP]) } : {}), ...(dice.maybe(0.2) ? { note: dice.one(Object.values(notes)) } : {}),
  }
}

const phasesOf = (status: PromotionStatus) => (status === 'rolling_back' ? (['collecting', 'restoring', 'services_back', 'scaling_down'] as const) : (['checking', 'release_command', 'applying', 'services', 'stable', 'removing'] as const))

const progressOf = (dice: Dice, status: PromotionStatus): Progress | null => {
  if (!isMoving(status) && !(isFinal(status) && dice.maybe(0.8))) return null
  const step: Progress = phaseProgress[dice.one(phasesOf(status))]
  const services = serviceNames(dice).map((name) => serviceOf(dice, name))
  return { ...step, services: step.services.length === 0 ? [] : services, ...(dice.maybe(0.2) ? { blindSince: '2026-11-24T14:06:40Z' } : {}) }
}

const logsOf = (dice: Dice): readonly LogExcerpt[] =>
  dice.some<LogExcerpt>(Object.values(excerpts), 3).map((excerpt) => (excerpt.lines.length === 0 ? excerpt : { ...excerpt, lines: many(dice.number(20) + 1, () => dice.text('a line')) }))

const warningsOf = (dice: Dice): readonly Warning[] =>
  dice.some<Warning>(Object.values(warnings), 4).map((warning) => (warning.kind === 'not_removed' || warning.kind === 'not_stopped' || warning.kind === 'timer_suspended' || warning.kind === 'pull_secret_not_copied' || warning.kind === 'dry_run_unsupported' ? { ...warning, why: dice.text(warning.why) } : warning))

const approvalsOf = (dice: Dice): PromotionView['approvals'] => {
  const needed = dice.number(4)
  const votes = dice.some([bo, cy, 'U0DEE'], needed).map((by) => ({ by, at: at('14:05') }))
  return {
    needed, votes: needed === 0 ? [] : votes, approvers: dice.one([[], [bo], [bo, cy], [ana], many(9, (index) => `U0MANY${index}`)]), voided: dice.some([bo, cy], 2),
    ...(needed === 0 ? { waived: 'policy' as const } : dice.maybe(0.2) ? { waived: 'verified_before' as const } : {}),
  }
}

const changeOf = (dice: Dice): PromotionView['change'] => {
  const names = serviceNames(dice)
  const keys = (): string[] => many(dice.number(40), (index) => `VERY_LONG_ENVIRONMENT_KEY_NUMBER_${index}`)
  return {
    images: names.slice(dice.number(names.length + 1)).map((name) => ({
      services: [name], to: `registry.example.com/${'deep/'.repeat(dice.number(30))}shop:2`, message: dice.text('a commit message'), gitSha: '0a1b2c3d4e',
      ...(dice.maybe(0.5) ? { from: 'shop:1' } : {}), ...(dice.maybe(0.7) ? { digest: `sha256:${'b'.repeat(64)}` } : {}),
    })),
    env: { added: keys(), changed: keys(), removed: keys() },
    manifest: names.map((name) => (dice.maybe(0.5) ? { text: `${name} no change`, important: false, unchanged: name } : { text: `${name} command ${dice.text('a')} → ${dice.text('b')}`, important: dice.maybe(0.5) })),
  }
}

const endOf = (dice: Dice, status: PromotionStatus): PromotionView['ended'] => {
  if (status === 'rejected') return { by: bo, at: at('14:06'), reason: dice.text('wait for the migration') }
  if (status === 'cancelled') return { by: ana, at: at('14:03') }
  return dice.maybe(0.2) && status !== 'expired' && status !== 'succeeded' ? { by: cy, at: at('14:06:30') } : null
}

/** A view for every key there is: a key that is added to `PromotionView` is missing here, and the compiler says so. */
type Made = { readonly [Key in keyof Required<PromotionView>]: PromotionView[Key] }

/** One promotion as chance has it, in this status; equal seeds make equal ones. */
export const generatedView = (seed: number, status: PromotionStatus): PromotionView => {
  const dice = diceOf(seed)
  const first = dice.maybe(0.25)
  const from = first ? null : RP
  const base: PromotionView = byStatus[status]
  const ended = endOf(dice, status)
  const failed = status === 'failed' || status === 'rolled_back' || status === 'rollback_failed' || status === 'rolling_back' || status === 'superseded'
  const cause = ended !== null && failed ? { ...causes.cancelled, by: ended.by } : failed ? causeOf(dice) : null
  const waiting = status === 'queued' && dice.maybe(0.7)
  const made: Made = {
    id: P, rack: dice.one(['prod', 'a-rack-with-a-long-name-of-thirty']), app: dice.one(['a', 'shop', 'shop-'.repeat(7).concat('store')]), severalRacks: dice.maybe(0.4),
    kind: dice.one(['promote', 'rollback'] as const), status, rev: dice.number(1000),
    release: { id: R, description: dice.maybe(0.2) ? `rollback to ${RP}` : dice.text('env add:FOO'), build: dice.maybe(0.9) ? 'BXKQWMNVDTR' : null },
    from, target: first ? null : dice.one([RP, RP, 'RLCQYWZTKFE', null]), requester: ana, requestedAt: at('14:02'),
    approvals: approvalsOf(dice), expiresAt: status === 'awaiting_approval' || status === 'expired' || dice.maybe(0.3) ? at('15:02') : null,
    deadlineSeconds: dice.one([60, 600, 5400]), stabilitySeconds: dice.one([0, 30, 3600]), change: changeOf(dice), warnings: warningsOf(dice),
    startedAt: base.startedAt, failedAt: base.failedAt, finishedAt: base.finishedAt, progress: progressOf(dice, status),
    cause, otherCauses: failed ? many(dice.number(4), () => causeOf(dice)) : [], rollbackCause: status === 'rollback_failed' || (status === 'superseded' && dice.maybe(0.3)) ? causeOf(dice) : null,
    logs: logsOf(dice), ended, last: dice.maybe(0.3) ? null : { status: dice.one(promotionStatuses.filter(isFinal)), at: at('12:10') },
    queue: waiting ? { position: 1 + dice.number(3), of: 3, behind: 'RLCQYWZTKFE', behindRequester: cy, forced: dice.maybe(0.3) } : null,
    waits: status === 'queued' ? dice.some(Object.values(waits), 2).map((wait) => ({ ...wait, reason: dice.text(wait.reason) })) : [],
    continuesEarlier: dice.maybe(0.2), ref: '7f3a', names: dice.maybe(0.2) ? {} : { [ana]: dice.text('ana'), [bo]: dice.text('bo'), [cy]: dice.text('cy') },
  }
  return made
}

/** So many of every status, named by the seed that makes them again. */
export const generatedViews = (each: number): readonly (readonly [name: string, view: PromotionView])[] =>
  promotionStatuses.flatMap((status, index) => many(each, (turn) => {
    const seed = index * 1000 + turn
    return [`${status} of seed ${seed}`, generatedView(seed, status)] as const
  }))
