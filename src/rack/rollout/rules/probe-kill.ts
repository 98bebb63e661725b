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
