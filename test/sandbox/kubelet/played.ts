import type { Api } from '../../../sandbox/kubelet/api.ts'
import { ApiFailure } from '../../../sandbox/kubelet/api.ts'
import { eventRecorder } from '../../../sandbox/kubelet/event-recorder.ts'
import type { Host } from '../../../sandbox/kubelet/host.ts'
import { PodGone } from '../../../sandbox/kubelet/host.ts'
import { nodeImages } from '../../../sandbox/kubelet/node-images.ts'
import type { PodLife } from '../../../sandbox/kubelet/pod-life.ts'
import { livePod } from '../../../sandbox/kubelet/pod-life.ts'
import type { Scenario } from '../../../sandbox/kubelet/scenario.ts'
import type { WirePod } from '../../../sandbox/kubelet/wire-pod.ts'
import type { Frame } from './facts.ts'
import { eventSchema } from './facts.ts'
import { virtualClock } from './virtual-clock.ts'

/** A pod played on a virtual clock, with an API server that is a variable. */
export interface Play {
  frames: Frame[]
  life: PodLife
  advanceTo(time: number): Promise<void>
  /** Deletes the pod as an API server does. */
  delete(): void
  /** Changes the pod as somebody else would. */
  change(change: (pod: WirePod) => WirePod): void
  /** Stops this kubelet and lives on with a new one that knows only what the API server has. */
  restart(): void
  pod(): WirePod
}

/** What exists besides the pod: decoded data by `kind/name`. */
export type Objects = Record<string, Record<string, string>>

export const play = (first: WirePod, scenarios: readonly Scenario[], images: readonly string[] = [], objects: Objects = {}): Play => {
  const frames: Frame[] = []
  const clock = virtualClock()
  const origin = clock.now()
  const stored = new Map<string, unknown>()
  let current: WirePod = {
    ...structuredClone(first),
    status: { phase: 'Pending', conditions: first.status.conditions?.filter(({ type }) => type === 'PodScheduled') ?? [] },
  }
  let gone = false

  const show = () => frames.push({ t: clock.now() - origin, kind: 'pods', gone, pod: structuredClone(current) })
  const keepEvent = (name: string, body: object) => {
    const event = eventSchema.parse({ ...Object(stored.get(name)), ...body })
    stored.set(name, event)
    frames.push({ t: clock.now() - origin, kind: 'events', event: structuredClone(event) })
    return event
  }
  const refuse = async () => {
    throw new ApiFailure(405, 'not played')
  }
  const api: Api = {
    get: refuse,
    text: refuse,
    delete: refuse,
    post: async (_path, body) => keepEvent(eventSchema.parse(body).metadata.name, body),
    patch: async (path, body) => keepEvent(path.split('/').at(-1) ?? '', body),
    watch: async function* () {
      yield* []
    },
    close: async () => undefined,
  }

  const begin = (): PodLife => {
    const node = nodeImages(clock, scenarios, async () => 'present')
    for (const image of images) node.add(image)
    const recorder = eventRecorder(
      api,
      'node-1',
      () => clock.now(),
      new AbortController().signal,
      (line) => {
        throw new Error(line)
      },
    )
    const host: Host = {
      clock,
      hostIP: '198.18.0.1',
      podIP: () => '198.18.0.9',
      writeStatus: async (_uid, build) => {
        if (gone) throw new PodGone('the pod is gone')
        current = { ...current, status: { ...current.status, ...build(current) } }
        show()
        started.life.update(current)
      },
      event: (pod, event) => recorder.record(pod, event),
      remove: async () => {
        current = { ...current, metadata: { ...current.metadata, deletionGracePeriodSeconds: 0 } }
        show()
        gone = true
        show()
      },
      data: async (kind, _namespace, name) => objects[`${kind}/${name}`],
      hasImage: (image) => node.has(image),
      pull: (image) => node.pull(image),
    }
    return livePod(current, host, scenarios)
  }

  const started = { life: begin() }
  const change = (by: (pod: WirePod) => WirePod) => {
    current = by(structuredClone(current))
    show()
    started.life.update(current)
  }
  return {
    frames,
    get life() {
      return started.life
    },
    advanceTo: (time) => clock.advanceTo(time),
    change,
    delete: () =>
      change((pod) => ({
        ...pod,
        metadata: { ...pod.metadata, generation: (pod.metadata.generation ?? 1) + 1, deletionTimestamp: '2026-11-21T01:47:06Z', deletionGracePeriodSeconds: 2 },
      })),
    restart: () => {
      started.life.stop()
      started.life = begin()
    },
    pod: () => current,
  }
}
