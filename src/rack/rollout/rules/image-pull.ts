import type { CauseKind } from '../../cause.ts'
import { atLeastOne, causeAt } from '../finding.ts'
import type { Finding, Rule } from '../finding.ts'
import { eventsOf, places, sinceOf } from '../places.ts'
import type { Place } from '../places.ts'
import type { ServiceView } from '../service-view.ts'

/** Grace periods in ms (rollouts.md 2, rule 4). */
export const permanentGrace = 15_000
export const transientGrace = 120_000

const pulling = new Set(['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable', 'ImageInspectError'])
/** The kubelet does not try these again with another result. */
const hopeless: Readonly<Record<string, CauseKind>> = { InvalidImageName: 'cannot_start', ErrImageNeverPull: 'image_not_found' }

export type PullClass = 'not_found' | 'refused' | 'transient'

/** Digits and words inside a reference (`:5000`, `sha256:401…`, `not-found`) say nothing about the error. */
const withoutReferences = (message: string): string => message.replace(/"[^"]*"/g, ' ').replace(/\S*sha256:\S*/g, ' ').replace(/\S+\/\S+:\S+/g, ' ')

const transientWords = new RegExp(
  [
    '\\b429\\b', 'too ?many ?requests', 'rate.?limit', 'time(d )?.?out', 'deadline exceeded', 'connection (refused|reset)', 'no such host', 'x509', 'tls:',
    'status( code)?:? 5\\d\\d', '\\b50[0-4] [a-z]', 'server misbehaving', 'temporary', 'unreachable', 'unavailable', '\\bEOF\\b',
  ].join('|'),
  'i',
)
const refusedWords = /unauthorized|authentication required|denied|forbidden|\b40[13]\b|no basic auth credentials|insufficient_scope|may require/i
const missingWords = /not ?found|manifest unknown|name unknown|does not exist|\b404\b/i

/** True when a message tells of trouble that passes: a timeout, a rate limit, a server that fails. */
export const tellsOfPassing = (message: string): boolean => transientWords.test(withoutReferences(message))

/** What kind of pull failure a kubelet's message tells of. What is not known to last is taken as passing. */
export const classifyPull = (message: string): PullClass => {
  const words = withoutReferences(message)
  if (tellsOfPassing(message)) return 'transient'
  if (refusedWords.test(words)) return 'refused'
  return missingWords.test(words) ? 'not_found' : 'transient'
}

const kinds: Readonly<Record<PullClass, CauseKind>> = { not_found: 'image_not_found', refused: 'image_pull_refused', transient: 'image_not_pulled' }

const imageOf = ({ spec, container }: Place): string => spec?.image ?? container.image

const pullEvents = (view: ServiceView, place: Place) =>
  eventsOf(view, place.pod.meta.uid).filter(({ reason, message }) => reason === 'Failed' && message.startsWith(`Failed to pull image "${imageOf(place)}"`))

/** The waiting message is sometimes only "Back-off pulling image": the `Failed` event then has the cause. */
const messageOf = (view: ServiceView, place: Place): string => {
  const said = place.container.waiting?.message ?? ''
  const bare = said === '' || /^Back-off pulling image "[^"]*"$/.test(said)
  return bare ? (pullEvents(view, place).at(-1)?.message ?? said) : said
}

/** The image cannot be pulled: for good after two tries, on two pods or after 15 s; for passing reasons after 2 min. */
export const imagePull: Rule = (view) => {
  const all = places(view)
  const findings: Finding[] = []
  for (const [reason, kind] of Object.entries(hopeless)) {
    const failing = atLeastOne(all.filter(({ container }) => container.waiting?.reason === reason))
    if (!failing) continue
    const since = Math.min(...failing.map((place) => sinceOf(view, place)))
    findings.push({ dueAt: since, cause: causeAt(view, kind, 'image-pull', failing, since, { image: imageOf(failing[0]) }) })
  }
  const stuck = all.filter(({ container }) => pulling.has(container.waiting?.reason ?? ''))
  for (const pullClass of ['not_found', 'refused', 'transient'] as const) {
    const failing = atLeastOne(stuck.filter((place) => classifyPull(messageOf(view, place)) === pullClass))
    if (!failing) continue
    const since = Math.min(...failing.map((place) => sinceOf(view, place)))
    const tries = Math.max(...failing.map((place) => pullEvents(view, place).reduce((sum, event) => sum + event.count, 0)))
    const proven = tries >= 2 || new Set(failing.map((place) => place.pod.meta.uid)).size >= 2
    const dueAt = pullClass === 'transient' ? since + transientGrace : since + (proven ? 0 : permanentGrace)
    const [first] = failing
    const cause = causeAt(view, kinds[pullClass], 'image-pull', failing, since, { message: messageOf(view, first), image: imageOf(first) })
    findings.push({ dueAt, cause })
  }
  return findings
}
