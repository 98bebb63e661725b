import type { Exit } from '../remember.ts'
import { eventsOf } from '../places.ts'
import type { Place } from '../places.ts'
import type { ServiceView } from '../service-view.ts'

/** Which of its probes made the kubelet kill a container, and what that probe said last. */
export interface ProbeKill {
  readonly probe: 'liveness' | 'startup'
  readonly message: string
}

/** The kubelet writes a `Killing` event when a probe ends a container; undefined when none did. */
export const probeKill = (view: ServiceView, { pod, container }: Place): ProbeKill | undefined => {
  const events = eventsOf(view, pod.meta.uid)
  for (const probe of ['liveness', 'startup'] as const) {
    const killed = events.find((event) => event.reason === 'Killing' && event.message.startsWith(`Container ${container.name} failed ${probe} probe`))
    if (!killed) continue
    const opening = `${probe === 'liveness' ? 'Liveness' : 'Startup'} probe failed: `
    const said = events.filter((event) => event.reason === 'Unhealthy' && event.message.startsWith(opening)).at(-1)
    return { probe, message: said ? said.message.slice(opening.length) : killed.message }
  }
  return undefined
}

/** Exit codes of a container that was told to stop: its own 0, or SIGKILL's and SIGTERM's. */
const toldToStop: readonly number[] = [0, 137, 143]
/** Milliseconds for the kubelet's word why it told it so: a check's `Killing` event may reach us after the end itself (seen on a busy real node). */
export const wordIsLate = 2_000

/** How long to wait for it: only where a check may have ended the container, it looks like that, and nothing has been said yet. */
export const wordMayCome = (view: ServiceView, place: Place, exit: Pick<Exit, 'exitCode'>): number =>
  (place.spec?.mayBeKilled === true && toldToStop.includes(exit.exitCode) && probeKill(view, place) === undefined ? wordIsLate : 0)
