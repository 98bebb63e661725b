import { setTimeout as pause } from 'node:timers/promises'
import { autoscalerOfWeb, boundPod, cordon, deadlineExceeded, editImage, evict, hasRestarted, hog, newPods, podsOf, readyPods, scale, unhog } from './hands.ts'
import { patient, web } from './manifests.ts'
import type { CorpusScenario } from './scenario.ts'
import { until } from './scene.ts'

/** A second release of `web` with that tag that has to succeed. */
const benign = (name: string, what: string, tag: string, more: Partial<CorpusScenario> = {}): CorpusScenario => ({
  name, what, class: 'benign', after: { web: tag }, ...more, ends: { status: 'succeeded' },
})

/** Nothing here may ever be taken back. */
export const benignScenarios: readonly CorpusScenario[] = [
  benign('pull-once', 'one pull error, then the image', 'not-replicated', { manifest: web({ scale: 1 }) }),
  benign('crash-once', 'one crash of each process, then a good start', 'once'),
  benign('limited', 'a registry that answers 429 for a minute', 'limited-minute'),
  benign('warms-up', 'a slow start within its health check budget', 'warms-up', { manifest: web({ health: patient }) }),
  benign('unhealthy-once', 'a health check that fails once after each start', 'refuses-once'),
  benign('old-crashing', 'old processes that crash while they are replaced', '1.4.1', {
    before: { web: 'turns-bad' },
    prepare: async (scene) => {
      await until('crashing old processes', async () => ((await podsOf(scene)).every(hasRestarted) ? true : undefined))
    },
  }),
  benign('stale-deadline', 'a progress deadline exceeded before, by somebody else', '1.4.1', {
    prepare: async (scene) => {
      await editImage(scene, `${scene.shop}:badimage`, { progressDeadlineSeconds: 2 })
      await deadlineExceeded(scene)
    },
  }),
  benign('out-of-room', 'a new process evicted by its node', 'warms-up', {
    manifest: web({ health: patient }),
    meanwhile: async (scene) => {
      const { pod } = await boundPod(scene)
      await pause(500)
      if (!scene.stage.evictPod(scene.namespace, pod)) throw new Error(`no node has ${pod}`)
    },
  }),
  benign('autoscaled', 'an autoscaler that goes from 3 processes to 6 and back', 'warms-up', {
    // Ours is there and owns the number; nothing measures processes here, so a hand does what it would do.
    on: ['real'], manifest: web({ scale: '3-6', targets: '{cpu: 70}', health: patient }),
    meanwhile: async (scene) => {
      await boundPod(scene)
      await autoscalerOfWeb(scene)
      await scale(scene, 6)
      await pause(2_500)
      await scale(scene, 3)
    },
  }),
  benign('sidecar', 'a sidecar that restarts once in each process', '1.4.1', {
    prepare: ({ stage, namespace, shop }) => stage.addSidecar(namespace, `${shop}:sidecar-once`),
    meanwhile: async (scene) => {
      await until('two restarted sidecars', async () => ((await newPods(scene)).filter(hasRestarted).length === 2 ? true : undefined))
    },
  }),
  benign('drained', 'a node drained in the middle', 'warms-up', {
    on: ['real'], alone: true, manifest: web({ health: patient }),
    meanwhile: async (scene) => {
      const { node } = await boundPod(scene)
      await cordon(scene, node, true)
      for (const { metadata, spec } of await newPods(scene)) if (spec.nodeName === node) await evict(scene, metadata.name)
      await pause(2_000)
      await cordon(scene, node, false)
    },
  }),
  benign('preempted', 'a new process preempted by a more important one', '1.4.1', {
    on: ['real'], alone: true, params: { stability: '5s' }, manifest: web({ cpu: 20_000, more: ['deployment: {minimum: 50, maximum: 100}'] }),
    meanwhile: async (scene) => {
      await readyPods(scene, 2)
      await hog(scene, `${scene.shop}:1.4.0`, '20')
      await until('a preemption', async () => ((await newPods(scene)).some(({ spec }) => spec.nodeName === undefined) ? true : undefined))
      await pause(1_000)
      await unhog(scene)
    },
  }),
  benign('restarted', 'a restart of Slipway', 'warms-up', {
    alone: true, manifest: web({ health: patient }),
    meanwhile: async (scene) => {
      await boundPod(scene)
      await scene.stage.installation.stop()
      await pause(1_000)
      await scene.stage.installation.start()
    },
  }),
  benign('compacted', 'watches that are too old (410)', 'warms-up', {
    alone: true, manifest: web({ health: patient }), prepare: ({ stage }) => stage.readyToCompact(),
    meanwhile: async (scene) => {
      await boundPod(scene)
      await scene.stage.compact()
    },
  }),
  benign('outage', 'a restart of the API server', 'warms-up', {
    alone: true, manifest: web({ health: patient }),
    meanwhile: async (scene) => {
      await boundPod(scene)
      await scene.stage.outage(3_000)
    },
  }),
]
