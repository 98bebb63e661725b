import { setTimeout as pause } from 'node:timers/promises'
import type { Api } from './api.ts'
import { ApiFailure } from './api.ts'
import { timestamp } from './clock.ts'
import { persist } from './persist.ts'

/** The node this kubelet is. */
export interface NodeIdentity {
  name: string
  ip: string
  /** Of its https server. */
  port: number
}

const heartbeat = 10_000

const conditionsAt = (now: string, since: string) =>
  [
    { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory', message: 'kubelet has sufficient memory available' },
    { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' },
    { type: 'PIDPressure', status: 'False', reason: 'KubeletHasSufficientPID', message: 'kubelet has sufficient PID available' },
    { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
  ].map((condition) => ({ ...condition, lastHeartbeatTime: now, lastTransitionTime: since }))

const sizes = { cpu: '32', memory: '64Gi', pods: '500', 'ephemeral-storage': '200Gi' }

const statusAt = (node: NodeIdentity, now: number, since: number) => ({
  capacity: sizes,
  allocatable: sizes,
  conditions: conditionsAt(timestamp(now), timestamp(since)),
  addresses: [
    { type: 'InternalIP', address: node.ip },
    { type: 'Hostname', address: node.name },
  ],
  daemonEndpoints: { kubeletEndpoint: { Port: node.port } },
  nodeInfo: {
    machineID: node.name,
    systemUUID: node.name,
    bootID: node.name,
    kernelVersion: '6.12.0',
    osImage: 'scripted',
    containerRuntimeVersion: 'containerd://2.4.2',
    kubeletVersion: 'v1.36.1',
    kubeProxyVersion: '',
    operatingSystem: 'linux',
    architecture: 'amd64',
  },
})

/** Makes the Node when it is not there, and says that it is ready. */
export const registerNode = async (api: Api, node: NodeIdentity, since: number, signal: AbortSignal): Promise<void> => {
  const labels = { 'kubernetes.io/hostname': node.name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' }
  const path = `/api/v1/nodes/${node.name}`
  await persist(async () => {
    try {
      await api.post('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: node.name, labels } })
    } catch (error) {
      if (!(error instanceof ApiFailure) || error.code !== 409) throw error
    }
    await api.patch(`${path}/status`, { status: statusAt(node, Date.now(), since) })
    // The taint that admission puts on a new node; the controller that would remove it may not run.
    await api.patch(path, { spec: { taints: null } })
  }, signal)
}

/** Says every ten seconds that the node is ready, until the signal aborts. Makes the Node again should somebody delete it. */
export const heartbeats = async (api: Api, node: NodeIdentity, since: number, signal: AbortSignal, log: (line: string) => void): Promise<void> => {
  while (!signal.aborted) {
    try {
      await pause(heartbeat, undefined, { signal })
      await persist(
        () => api.patch(`/api/v1/nodes/${node.name}/status`, { status: { conditions: conditionsAt(timestamp(Date.now()), timestamp(since)) } }),
        signal,
      )
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof ApiFailure)) throw error
      log(`heartbeat of ${node.name}: ${error.message}`)
      if (error.code === 404) await registerNode(api, node, since, signal)
    }
  }
}
