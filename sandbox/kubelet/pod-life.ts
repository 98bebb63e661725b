import { scenarioOf } from './catalogue.ts'
import type { Container, ContainerContext } from './container.ts'
import { containerOf, isStep } from './container.ts'
import { liveContainer } from './container-life.ts'
import type { Host } from './host.ts'
import { PodGone } from './host.ts'
import { failedMount, mountFailure } from './needs.ts'
import { endPod, evictPod } from './pod-end.ts'
import type { PodFacts } from './pod-status.ts'
import { podStatus } from './pod-status.ts'
import type { Scenario } from './scenario.ts'
import { crash } from './scenarios/crash.ts'
import type { WirePod } from './wire-pod.ts'

/** A pod as this node knows it while it lives. */
export interface PodLife {
  readonly host: Host
  /** The newest version seen. */
  pod: WirePod
  readonly initContainers: Container[]
  readonly containers: Container[]
  sandboxReady: boolean
  ended: PodFacts['ended']
  /** What the kubelet says of a pod that it evicted. */
  evicted: PodFacts['evicted']
  /** Writes the status when it says something new. */
  publish(): Promise<void>
  /** Takes the pod as the watch delivers it; a deletion begins its end. */
  update(pod: WirePod): void
  /** Ends the pod as a kubelet does whose node runs out of a resource. It stays, as failed, until somebody deletes it. */
  evict(message: string): void
  /** Leaves the pod as it is: the kubelet stops, or the pod is gone. */
  stop(): void
  /** Resolves when nothing more will happen; rejects on what a kubelet cannot go on after. */
  readonly done: Promise<void>
}

/** Recorded: from the assignment to the first status, to a failed mount, to a ready sandbox. */
const admission = 15
const mountTakes = 200
const sandboxTakes = 90
/** The volume manager's back-off: 0.5 s doubling to 2 min 2 s. */
const mountBackOff = (failures: number) => Math.min(122_000, 500 * 2 ** failures)

class Interrupted extends Error {}

const settled = async (work: Promise<void>): Promise<void> => {
  try {
    await work
  } catch (error) {
    if (!(error instanceof Interrupted || error instanceof PodGone)) throw error
  }
}

const mountVolumes = async (life: PodLife, scenario: Scenario, signal: AbortSignal): Promise<void> => {
  const { clock } = life.host
  const { lacks } = scenario
  const scripted = lacks !== undefined && 'volume' in lacks ? mountFailure(lacks.volume, `configmap "${lacks.configMap}" not found`) : undefined
  for (let failures = 0; ; failures++) {
    const message = scripted ?? (await failedMount(life.pod, life.host))
    if (message === undefined) return
    if (failures === 0) await clock.sleep(mountTakes, signal)
    life.host.event(life.pod, { type: 'Warning', reason: 'FailedMount', message })
    await clock.sleep(mountBackOff(failures), signal)
  }
}

const runPod = async (life: PodLife, scenario: Scenario, signal: AbortSignal): Promise<void> => {
  const { host } = life
  const { clock } = host
  if (life.pod.status.phase === 'Succeeded' || life.pod.status.phase === 'Failed') return
  const finite = life.pod.spec.restartPolicy !== 'Always'
  const context: ContainerContext = {
    host,
    signal,
    finite,
    pod: () => life.pod,
    ip: () => life.pod.status.podIP ?? '',
    publish: () => life.publish(),
  }
  if (!life.sandboxReady) {
    await clock.sleep(admission, signal)
    await life.publish()
    await mountVolumes(life, scenario, signal)
    await clock.sleep(sandboxTakes, signal)
    life.sandboxReady = true
    await life.publish()
  }
  for (const container of life.initContainers) {
    if (!isStep(container) || container.status.ready) continue
    if ((await liveContainer(context, container)) !== 0) {
      life.ended = 'Failed'
      return life.publish()
    }
  }
  const work = Promise.all(life.containers.map((container) => liveContainer(context, container)))
  const sidecars = Promise.all(life.initContainers.filter((container) => !isStep(container)).map((container) => liveContainer(context, container)))
  // The pod is done when its main containers are; a sidecar may run on.
  const codes = await Promise.race([work, sidecars.then(() => work)])
  life.ended = codes.every((code) => code === 0) ? 'Succeeded' : 'Failed'
  await life.publish()
}

/** Begins, or takes up where its status says it is, the life of a pod that is bound to this node. */
export const livePod = (first: WirePod, host: Host, scenarios: readonly Scenario[]): PodLife => {
  const main = scenarioOf(first.spec.containers[0]?.image ?? '', scenarios)
  const stopping = new AbortController()
  const deleting = new AbortController()
  const evicting = new AbortController()
  const initSpecs = first.spec.initContainers ?? []
  const known = (name: string) =>
    [...(first.status.containerStatuses ?? []), ...(first.status.initContainerStatuses ?? [])].find((status) => status.name === name)
  const waiting = initSpecs.length > 0 ? 'PodInitializing' : 'ContainerCreating'
  const startTime = typeof first.status.startTime === 'string' ? Date.parse(first.status.startTime) : host.clock.now()
  const podIP = first.status.podIP ?? host.podIP()
  let published = ''
  let writing: Promise<void> = Promise.resolve()

  const factsOf = (): PodFacts => {
    const statuses = life.containers.map(({ status }) => status)
    const initStatuses = life.initContainers.map(({ status }) => status)
    const begun = [...statuses, ...initStatuses].some(
      ({ state, containerID }) => containerID !== undefined || !['ContainerCreating', 'PodInitializing'].includes(state.waiting?.reason ?? 'none'),
    )
    const { sandboxReady, ended, evicted } = life
    // Recorded: the address shows with the second sync, not with the sandbox.
    const shownIP = (begun && sandboxReady) || first.status.podIP !== undefined || life.pod.status.podIP !== undefined ? podIP : undefined
    return structuredClone({ startTime, hostIP: host.hostIP, podIP: shownIP, sandboxReady, initContainers: initStatuses, containers: statuses, ended, evicted })
  }

  const publish = (): Promise<void> => {
    const facts = factsOf()
    const key = JSON.stringify([facts, life.pod.metadata.generation])
    if (key === published) return writing
    published = key
    const written = writing.then(() => host.writeStatus(first.metadata.uid, (pod) => podStatus(pod, facts, host.clock.now())))
    // The chain goes on after a failed write; whoever published hears of it.
    writing = written.then(undefined, () => undefined)
    return written
  }

  const run = async (): Promise<void> => {
    const signal = AbortSignal.any([stopping.signal, deleting.signal])
    await settled(runPod(life, main, AbortSignal.any([signal, evicting.signal])))
    if (evicting.signal.aborted) await settled(evictPod(life, signal))
    if (stopping.signal.aborted) return
    await settled(host.clock.sleep(Infinity, signal))
    if (!stopping.signal.aborted) await settled(endPod(life, stopping.signal))
  }

  const life: PodLife = {
    host,
    pod: first,
    initContainers: initSpecs.map((spec) =>
      containerOf(spec, true, main.initFails === true ? crash : scenarioOf(spec.image, scenarios), known(spec.name), waiting),
    ),
    containers: first.spec.containers.map((spec) => containerOf(spec, false, scenarioOf(spec.image, scenarios), known(spec.name), waiting)),
    sandboxReady: first.status.conditions?.some(({ type, status }) => type === 'PodReadyToStartContainers' && status === 'True') ?? false,
    ended: undefined,
    evicted: undefined,
    publish,
    evict: (message) => {
      if (life.evicted !== undefined || life.ended !== undefined) return
      life.evicted = message
      evicting.abort(new Interrupted('the pod is evicted'))
    },
    update: (pod) => {
      life.pod = pod
      if (typeof pod.metadata.deletionTimestamp === 'string' && !deleting.signal.aborted) deleting.abort(new Interrupted('the pod is being deleted'))
    },
    stop: () => stopping.abort(new Interrupted('the kubelet stops')),
    get done() {
      return done
    },
  }
  life.update(first)
  const done = run()
  return life
}
