import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Api } from '../../sandbox/kubelet/api.ts'
import { ApiFailure, connectApi } from '../../sandbox/kubelet/api.ts'
import { scenarios } from '../../sandbox/kubelet/catalogue.ts'
import type { Scenario } from '../../sandbox/kubelet/scenario.ts'
import { flap } from '../../sandbox/kubelet/scenarios/flap.ts'
import { badimage } from '../../sandbox/kubelet/scenarios/pulls.ts'
import { slow } from '../../sandbox/kubelet/scenarios/slow.ts'
import { startKubelet } from '../../sandbox/kubelet/start.ts'
import type { WirePod } from '../../sandbox/kubelet/wire-pod.ts'
import { podSchema } from '../../sandbox/kubelet/wire-pod.ts'
import type { Frame } from '../sandbox/kubelet/facts.ts'
import { eventSchema, eventsOf, firstNewPod, readRecording, statusesOf, timeOf } from '../sandbox/kubelet/facts.ts'
import { canRunControlPlane } from './control-plane/available.ts'
import type { ControlPlane } from './control-plane/start.ts'
import { startControlPlane } from './control-plane/start.ts'

const recordedTags: Scenario[] = [
  { ...flap, tag: 'late' },
  { ...badimage, tag: 'nosuchtag' },
  { ...slow, tag: 'slow', runs: [{ ...slow.runs[0], servesAfter: 13_000 }] },
  ...scenarios,
]

const present = ['ok', 'ok2', 'crash', 'late', 'notready'].map((tag) => `127.0.0.1:5000/shop:${tag}`)

const recorded = [
  'good',
  'crash',
  'oom',
  'exit-after-ready',
  'never-ready',
  'slow-start',
  'image-not-found',
  'invalid-image-name',
  'missing-secret',
  'missing-configmap-volume',
  'init-fails',
]

/** Asks again until it is so. */
const until = async (what: string, isSo: () => boolean | Promise<boolean>, seconds = 20): Promise<void> => {
  const deadline = Date.now() + seconds * 1000
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not in ${seconds} s: ${what}`)
    await pause(50)
  }
}

/** How often a probe failed depends on the millisecond of a pod's end: ten times tell enough. */
const countable = (events: string[]) => events.filter((event) => !/Unhealthy x\d\d/.test(event))

const frameSchema = z.looseObject({ type: z.string(), object: z.unknown() })
const podListSchema = z.looseObject({ items: z.array(podSchema) })

describe.skipIf(!canRunControlPlane())('the scripted kubelet on a real control plane', () => {
  let cluster: ControlPlane
  let api: Api
  let kubelet: { stop(): Promise<void> }
  const trouble: string[] = []
  const rollouts = new Map<string, Promise<Frame[]>>()

  const startNode = () =>
    startKubelet({ kubeconfig: cluster.kubeconfig, nodeName: 'node-1', scenarios: recordedTags, images: present, log: (line) => trouble.push(line) })

  beforeAll(async () => {
    cluster = await startControlPlane()
    api = connectApi(cluster.kubeconfig)
    kubelet = await startNode()
    // All at once: each takes as long as its recording.
    for (const name of recorded) rollouts.set(name, rollout(name))
    await Promise.all(rollouts.values())
  })
  afterAll(async () => {
    await kubelet?.stop()
    await api?.close()
    await cluster?.stop()
  })

  /** Makes a namespace that has its service account, so that pods are admitted. */
  const namespace = async (name: string) => {
    await api.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
    await until(`a service account in ${name}`, async () => {
      try {
        await api.get(`/api/v1/namespaces/${name}/serviceaccounts/default`)
        return true
      } catch (error) {
        if (error instanceof ApiFailure && error.code === 404) return false
        throw error
      }
    })
  }

  /** Records pods and events of a namespace, as the recordings were made. */
  const record = (name: string) => {
    const frames: Frame[] = []
    const stop = new AbortController()
    const from = Date.now()
    const follow = async (kind: 'pods' | 'events') => {
      for await (const raw of api.watch(`/api/v1/namespaces/${name}/${kind}?watch=true`, stop.signal)) {
        const { type, object } = frameSchema.parse(raw)
        const t = Date.now() - from
        frames.push(kind === 'pods' ? { t, kind, gone: type === 'DELETED', pod: podSchema.parse(object) } : { t, kind, event: eventSchema.parse(object) })
      }
      if (!stop.signal.aborted) throw new Error(`the watch of ${kind} in ${name} ended`)
    }
    const following = Promise.all([follow('pods'), follow('events')])
    const end = async () => {
      stop.abort()
      await following
    }
    return { frames, end }
  }

  const deploy = (name: string, podSpec: object) =>
    api.post(`/apis/apps/v1/namespaces/${name}/deployments`, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: podSpec } },
    })
  const remove = (name: string) => api.delete(`/apis/apps/v1/namespaces/${name}/deployments/web`, { propagationPolicy: 'Background' })
  const onlyPod = async (name: string) => podListSchema.parse(await api.get(`/api/v1/namespaces/${name}/pods`)).items[0]
  const logOf = async (name: string, query = '') => api.text(`/api/v1/namespaces/${name}/pods/${(await onlyPod(name))?.metadata.name}/log?${query}`)
  const isGone = (frames: readonly Frame[], name: string) => frames.some((frame) => frame.kind === 'pods' && frame.gone && frame.pod.metadata.name === name)

  /** Deploys the recorded pod by itself, and deletes it when its recording was rolled back. */
  const rollout = async (name: string): Promise<Frame[]> => {
    const theirs = readRecording(name)
    const pod = firstNewPod(theirs)
    const { containers, initContainers, volumes, terminationGracePeriodSeconds } = pod.spec
    const ns = `rec-${name}`
    await namespace(ns)
    const { frames, end } = record(ns)
    await deploy(ns, { containers, initContainers, volumes, terminationGracePeriodSeconds, automountServiceAccountToken: false })
    await until('a pod', () => frames.some(({ kind }) => kind === 'pods'))
    if (isGone(theirs, pod.metadata.name)) {
      await pause(timeOf(theirs, 'ROLLBACK'))
      await remove(ns)
      const ours = firstNewPod(frames).metadata.name
      await until(`the end of ${name}`, () => isGone(frames, ours))
    } else await pause(5_000)
    await end()
    return frames
  }

  it.each(recorded)('lives %s as a real kubelet did', async (name) => {
    const theirs = readRecording(name)
    const pod = firstNewPod(theirs)
    const frames = (await rollouts.get(name)) ?? []
    const ours = firstNewPod(frames)
    expect(statusesOf(frames, ours.metadata.name)).toEqual(statusesOf(theirs, pod.metadata.name))
    expect(countable(eventsOf(frames, ours))).toEqual(countable(eventsOf(theirs, pod)))
  })

  it('serves the logs of the current and the previous run through the API server', async () => {
    await namespace('logs')
    await deploy('logs', { terminationGracePeriodSeconds: 2, containers: [{ name: 'main', image: '127.0.0.1:5000/shop:crash' }] })
    await until('a second run', async () => (await onlyPod('logs'))?.status.containerStatuses?.[0]?.restartCount === 1)
    const previous = await logOf('logs', 'previous=true')
    expect(previous.split('\n')[0]).toBe('shop: starting')
    expect(previous).toContain('Error: DATABASE_URL is not set\n    at readConfig')
    expect(await logOf('logs', 'previous=true&tailLines=1')).toBe('    at node:internal/main/run_main_module:28:49\n')
    expect(await logOf('logs', 'previous=true&tailLines=1&timestamps=true')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z {5}at node/)
    await remove('logs')
  })

  it('refuses a previous log that does not exist in the words of a real kubelet', async () => {
    await namespace('no-previous')
    await deploy('no-previous', { terminationGracePeriodSeconds: 2, containers: [{ name: 'main', image: '127.0.0.1:5000/shop:ok' }] })
    await until('a running pod', async () => (await onlyPod('no-previous'))?.status.phase === 'Running')
    const name = (await onlyPod('no-previous'))?.metadata.name
    await expect(logOf('no-previous', 'previous=true')).rejects.toThrow(`previous terminated container "main" in pod "${name}" not found`)
    await remove('no-previous')
  })

  it('prints the environment of a leaking container as its Secret has it', async () => {
    await namespace('leak')
    await api.post('/api/v1/namespaces/leak/secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'env' },
      stringData: { PASSWORD: 'hunter2 and more' },
    })
    await deploy('leak', {
      terminationGracePeriodSeconds: 2,
      containers: [{ name: 'main', image: '127.0.0.1:5000/shop:leak', envFrom: [{ secretRef: { name: 'env' } }] }],
    })
    await until('a second run', async () => (await onlyPod('leak'))?.status.containerStatuses?.[0]?.restartCount === 1)
    expect(await logOf('leak', 'previous=true')).toContain('PASSWORD=hunter2 and more\n')
    await remove('leak')
  })

  it('picks a pod up where it was after a restart of its own and one of the API server', async () => {
    await namespace('resume')
    await deploy('resume', { terminationGracePeriodSeconds: 2, containers: [{ name: 'main', image: '127.0.0.1:5000/shop:crash' }] })
    const waits = async () => (await onlyPod('resume'))?.status.containerStatuses?.[0]
    await until('a back-off', async () => (await waits())?.state.waiting?.reason === 'CrashLoopBackOff')
    await kubelet.stop()
    await cluster.killApiServer()
    const starting = startNode()
    await pause(1_000)
    await cluster.restartApiServer()
    kubelet = await starting
    expect((await waits())?.restartCount).toBe(1)
    await until('the next run', async () => (await waits())?.restartCount === 2)
    await until('the next back-off', async () => (await waits())?.state.waiting?.message?.startsWith('back-off 20s') === true)
    await remove('resume')
    await until('the end of the pod', async () => (await onlyPod('resume')) === undefined)
  })

  it('leaves what is too large for the node unscheduled, in the words of the recording', async () => {
    await namespace('unschedulable')
    await deploy('unschedulable', { containers: [{ name: 'main', image: '127.0.0.1:5000/shop:ok', resources: { requests: { cpu: '900' } } }] })
    const scheduled = (pod: WirePod | undefined) => pod?.status.conditions?.find(({ type }) => type === 'PodScheduled')
    await until('a decision of the scheduler', async () => scheduled(await onlyPod('unschedulable')) !== undefined)
    const theirs = scheduled(firstNewPod(readRecording('unschedulable').filter((frame) => frame.kind !== 'pods' || scheduled(frame.pod) !== undefined)))
    const { status, reason, message } = scheduled(await onlyPod('unschedulable')) ?? {}
    expect({ status, reason, message }).toEqual({ status: 'False', reason: theirs?.reason, message: theirs?.message })
    await remove('unschedulable')
  })

  it('knows the rights of a service account', async () => {
    await namespace('rights')
    const narrow = connectApi(await cluster.serviceAccountKubeconfig('rights', 'default'))
    await expect(narrow.get('/api/v1/namespaces/rights/pods')).rejects.toThrow('User "system:serviceaccount:rights:default" cannot list resource "pods"')
    await narrow.close()
  })

  // The controllers back off for up to 30 s after an outage: the pod's deletion may take them that long.
  it('goes on through a kill of the API server', async () => {
    await namespace('outage')
    await deploy('outage', { terminationGracePeriodSeconds: 2, containers: [{ name: 'main', image: '127.0.0.1:5000/shop:ok' }] })
    await until('a running pod', async () => (await onlyPod('outage'))?.status.phase === 'Running')
    await cluster.killApiServer()
    await pause(2_000)
    await cluster.restartApiServer()
    await remove('outage')
    await until('the end of the pod', async () => (await onlyPod('outage')) === undefined, 90)
  })
})
