import type { PodFacts } from '../facts.ts'
import { atLeastOne, causeAt } from '../finding.ts'
import type { Rule } from '../finding.ts'
import { eventsOf, places, sinceOf } from '../places.ts'
import { missingObject } from './cannot-create.ts'

/** Rollouts.md 2, rule 10: attaching takes its time, a missing object does not come by itself. In ms. */
export const mountGrace = 20_000

/** The sandbox comes after the volumes: with it, they are all there, and what waits is an image. */
const mounted = (pod: PodFacts): boolean => pod.conditions.some(({ type, status }) => type === 'PodReadyToStartContainers' && status === 'True')

const notBegun = new Set(['ContainerCreating', 'PodInitializing'])

/** A volume's Secret, ConfigMap or claim does not exist: the pod only ever says ContainerCreating, the truth is in its events. */
export const missingMount: Rule = (view) => {
  const found = places(view).flatMap((place) => {
    const { pod } = place
    if (mounted(pod) || !pod.containers.every((container) => notBegun.has(container.waiting?.reason ?? ''))) return []
    const events = eventsOf(view, pod.meta.uid).filter((event) => event.reason === 'FailedMount' && missingObject(event.message) !== undefined)
    const last = events.at(-1)
    if (!last) return []
    return [{ place, message: last.message, object: missingObject(last.message), since: sinceOf(view, place) }]
  })
  const failing = atLeastOne(found)
  if (!failing) return []
  const [first] = failing
  const since = Math.min(...failing.map((one) => one.since))
  const more = { reason: 'FailedMount', message: first.message, ...(first.object === undefined ? {} : { object: first.object }) }
  const stuck = [first.place, ...failing.slice(1).map((one) => one.place)] as const
  return [{ dueAt: since + mountGrace, cause: causeAt(view, 'missing_object', 'missing-mount', stuck, since, more) }]
}
