import type { Cause } from '../../rack/cause.ts'
import type { PromotionView } from '../../rack/promotion-view.ts'
import type { Progress, ServiceProgress } from '../../rack/progress.ts'
import { managerOf, shortOf } from './causes.ts'
import { printedCommand } from './printed-command.ts'
import { namesOf, wayBack } from './promotion-facts.ts'
import { code, enumerated, joined, say, secs, type Phrase } from './phrase.ts'
import { cleanText, cut } from './plain-text.ts'
import { duration } from './times.ts'

type Mark = '✓' | '●' | '○' | '✕'
const marks = {
  failed: '✕', going: '●', waiting: '○', ready: '✓', unchanged: '✓', removed: '✓', scaled_to_zero: '✓',
} as const satisfies Record<ServiceProgress['state'], Mark>
/** Failed, going on, waiting, done (cards.md 2.3). */
const order: readonly Mark[] = ['✕', '●', '○', '✓']
/** From this many services on, five have a line of their own. */
const manyServices = 7

const isDone = (service: ServiceProgress): boolean => marks[service.state] === '✓'

/** Ten cells, ⌊10·n/m⌋ of them full. */
export const bar = (ready: number, of: number): string => {
  const full = of === 0 ? 10 : Math.min(10, Math.floor((10 * ready) / of))
  return '█'.repeat(full) + '░'.repeat(10 - full)
}

const others = (service: ServiceProgress): string => {
  if (service.oldRunning > 0) return `, ${service.oldRunning} old still running`
  return service.oldStopping > 0 ? `, ${service.oldStopping} old still stopping` : ''
}

/** `also` stands before the bar, which ends the line. */
const counted = (service: ServiceProgress, back: string | null, also: Phrase = []): Phrase => {
  const count = `${service.ready} of ${service.desired}`
  const words = back === null ? say`${count} ready${others(service)}` : say`${count} back on ${code(back)}`
  return say`${words}${also} ${code(bar(service.ready, service.desired))}`
}

const heldUp = { paused: 'paused', scaled_to_zero: 'scaled to 0' } as const

/** That somebody keeps it from moving, and who. */
const heldUpWords = ({ note }: ServiceProgress): Phrase | undefined => {
  if (note?.kind !== 'paused' && note?.kind !== 'scaled_to_zero') return undefined
  return note.by === undefined ? say`${heldUp[note.kind]}` : say`${heldUp[note.kind]} by ${code(cut(cleanText(note.by), 60))}`
}

/** What is still there while it goes. */
const goingWords = (service: ServiceProgress, back: string | null): Phrase => {
  const held = heldUpWords(service)
  if (service.desired === 0) return held ?? say`scaling to 0`
  return counted(service, back, held === undefined ? [] : say`, ${held}`)
}

const words = (service: ServiceProgress, view: PromotionView, back: string | null): Phrase => {
  switch (service.state) {
    case 'waiting': return heldUpWords(service) ?? say`not started`
    case 'going': return goingWords(service, back)
    case 'ready':
      if (service.note?.kind === 'timer') return say`in place`
      if (service.note?.kind === 'no_node') return say`runs on no node`
      return service.desired === 0 ? say`scaled to 0` : counted(service, back)
    case 'failed': return service.cause === undefined ? say`failed` : say`failed: ${shortOf(service.cause, namesOf(view))}`
    case 'unchanged': return say`unchanged`
    case 'removed': return say`removed`
    case 'scaled_to_zero': return say`scaled to 0`
  }
}

const sorted = (services: readonly ServiceProgress[]): readonly ServiceProgress[] =>
  services.toSorted((one, other) => order.indexOf(marks[one.state]) - order.indexOf(marks[other.state]))

/** One line per service; from seven services on five lines and how the others stand. */
export const serviceLines = (view: PromotionView): readonly Phrase[] => {
  const all = sorted(view.progress?.services ?? [])
  const back = view.status === 'rolling_back' ? wayBack(view) : null
  const shown = all.length >= manyServices ? all.slice(0, 5) : all
  const rest = all.slice(shown.length)
  const lines = shown.map((service) => say`${marks[service.state]} ${code(service.service)} ${words(service, view, back)}`)
  if (rest.length === 0) return lines
  const ready = rest.filter((service) => isDone(service)).length
  const more = ready === rest.length ? say`✓ ${rest.length} more ready` : say`○ ${rest.length} more, ${ready} of them ready`
  return [...lines, more]
}

const objects = (count: number): string => `${count} ${count === 1 ? 'object' : 'objects'}`
const tally = (progress: Progress): string => `${progress.services.filter((service) => isDone(service)).length} of ${progress.services.length}`

/** What has been done, goes on and comes, in one line; a mark in front of each step. */
export const stepsLine = (view: PromotionView, progress: Progress): Phrase => {
  const stable = `stable ${duration(view.stabilitySeconds)}`
  const back = wayBack(view)
  const target = back === null ? say`scaled to 0` : say`${code(back)} applied`
  const applied = `${progress.applied.done} of ${objects(progress.applied.total)}`
  const before = progress.releaseCommand?.done === true ? '✓ release command · ' : ''
  switch (progress.phase) {
    case 'release_command': return say`● release command${progress.releaseCommand === undefined ? [] : say` since ${secs(progress.releaseCommand.startedAt)}`} · ○ applied · ○ services · ○ ${stable}`
    case 'checking': return say`● checking · ○ applied · ○ services · ○ ${stable}`
    case 'applying': return say`${before}● applying, ${applied} · ○ services · ○ ${stable}`
    case 'services': return say`${before}✓ applied · ● services ${tally(progress)} · ○ ${stable}`
    case 'stable': return progress.stableUntil === undefined
      ? say`${before}✓ applied · ✓ services ${tally(progress)} · ● ${stable}`
      : say`${before}✓ applied · ✓ services ${tally(progress)} · ● stable until ${secs(progress.stableUntil)}`
    case 'removing':
      return say`${before}✓ applied · ✓ services ${tally(progress)} · ✓ ${stable} · ● removing ${objects(progress.removing ?? 1)} that this release lacks`
    case 'collecting': return back === null ? say`● keeping evidence · ○ ${target}` : say`● keeping evidence · ○ ${target} · ○ services · ○ verified`
    case 'restoring': return say`✓ evidence kept · ● applying ${back === null ? '' : code(back)}, ${applied} · ○ services · ○ verified`
    case 'services_back': return say`✓ evidence kept · ✓ ${target} · ● services ${tally(progress)} back · ○ verified`
    case 'scaling_down': return say`✓ evidence kept · ● scaling to 0`
  }
}

/** The middle of the context while it moves: what may still happen, and when. */
export const outlook = (view: PromotionView, progress: Progress): Phrase | null => {
  if (view.status === 'rolling_back') {
    return progress.deadlineAt === undefined
      ? say`a rollback cannot be cancelled`
      : say`gives up at ${secs(progress.deadlineAt)}, a rollback cannot be cancelled`
  }
  const back = wayBack(view)
  if (progress.phase === 'stable' && progress.stableUntil !== undefined) return say`a crash before ${secs(progress.stableUntil)} still ${back === null ? say`scales it to 0` : say`rolls back to ${code(back)}`}`
  if (progress.phase === 'removing') return say`it is proven, only leftovers go now`
  if (progress.phase === 'checking') return say`no service has changed yet`
  if (progress.phase === 'release_command') {
    return progress.releaseCommand === undefined ? say`no service has changed yet` : say`no service has changed yet, it may run until ${secs(progress.releaseCommand.until)}`
  }
  if (progress.deadlineAt === undefined) return null
  return back === null ? say`scaled to 0 at ${secs(progress.deadlineAt)}` : say`rolls back to ${code(back)} by itself at ${secs(progress.deadlineAt)}`
}

const onRelease = (service: ServiceProgress): Phrase =>
  service.release === undefined ? say`${code(service.service)}` : say`${code(service.service)} on ${code(service.release)}`

const listed = (services: readonly ServiceProgress[], part: (service: ServiceProgress) => Phrase, between: string): Phrase => {
  const shown = joined(services.slice(0, 6).map((service) => part(service)), between)
  return services.length <= 6 ? shown : say`${shown} and ${services.length - 6} more`
}

const verified = (progress: Progress | null): Phrase => (progress?.verifiedAt === undefined ? [] : say`, verified ${secs(progress.verifiedAt)}`)

/** What runs after a rollback: `RP: web 2 of 2, worker 1 of 1 ready, verified …`. */
export const runningRestored = (view: PromotionView): Phrase => {
  const services = (view.progress?.services ?? []).filter(({ state, note }) => state !== 'removed' && note?.kind !== 'timer' && note?.kind !== 'no_node')
  const back = wayBack(view)
  const release = back === null ? say`nothing` : say`${code(back)}`
  if (services.length === 0) return say`${release}${verified(view.progress)}`
  const counts = listed(services, ({ service, ready, desired }) => say`${code(service)} ${ready} of ${desired}`, ', ')
  return say`${release}: ${counts} ready${verified(view.progress)}`
}

/** What a timer or an agent without a node runs is no number of processes. */
const countOf = ({ note, ready, desired }: ServiceProgress): string => {
  if (note?.kind === 'timer') return 'in place'
  return note?.kind === 'no_node' ? 'on no node' : `${ready} of ${desired} ready`
}

/** What runs when the way back failed: each service with the release it is on. */
export const runningMixed = (view: PromotionView): Phrase => {
  const services = view.progress?.services ?? []
  if (services.length === 0) return say`not known: see ${printedCommand(view, 'ps')}`
  return listed(
    services,
    (each) => say`${code(each.service)} ${each.release === undefined ? '' : say`${code(each.release)} `}${countOf(each)}`,
    ' · ',
  )
}

/** What runs when somebody else changed a service: it as they left it, the others on their release. */
export const runningSuperseded = (view: PromotionView, cause: Cause | null): Phrase => {
  const services = view.progress?.services ?? []
  const manager = cause === null ? 'somebody else' : managerOf(cause)
  const theirs = cause?.service
  const others = services.filter(({ service }) => service !== theirs)
  const left = theirs === undefined ? [] : [say`${code(theirs)} as ${code(manager)} left it`]
  const parts = [...others.slice(0, 6).map((service) => onRelease(service)), ...(others.length > 6 ? [say`${others.length - 6} more`] : []), ...left]
  return parts.length === 0 ? say`not known: see ${printedCommand(view, 'ps')}` : joined(parts, ', ')
}

/** What runs after a failed first release: nothing, its processes kept for inspection. */
export const runningNothing = (view: PromotionView): Phrase => {
  const services = (view.progress?.services ?? []).map(({ service }) => code(service))
  if (services.length === 0) return say`nothing; its processes are scaled to 0 and kept for inspection`
  const shown = services.slice(0, 6)
  return services.length === shown.length
    ? say`nothing; ${joined(shown, ', ')} scaled to 0 and kept for inspection`
    : say`nothing; ${joined(shown, ', ')} and ${services.length - shown.length} more scaled to 0 and kept for inspection`
}

/** The same for the notice: `nothing; web and worker are scaled to 0 …`. */
export const runningNothingTold = (view: PromotionView): Phrase => {
  const services = (view.progress?.services ?? []).map(({ service }) => code(service))
  if (services.length === 0 || services.length > 6) return runningNothing(view)
  return say`nothing; ${enumerated(services, 'and')} ${services.length === 1 ? 'is' : 'are'} scaled to 0 and kept for inspection`
}
