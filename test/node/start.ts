import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { connectApi, type Api } from '../../sandbox/kubelet/api.ts'
import { startControlPlane, type ControlPlane } from '../cluster/control-plane/start.ts'
import type { Program } from '../cluster/control-plane/program.ts'
import { freePort } from '../support/free-port.ts'
import { makeCgroups } from './cgroups.ts'
import { startEnclosed } from './enclosure.ts'
import { startJanitor } from './janitor.ts'
import { bridge } from './leftovers.ts'
import { nodePrograms } from './programs.ts'
import { startDockerRegistry } from './registry.ts'
import type { Registry } from './image.ts'
import { cniConfig, containerdConfig, hostsConfig, kubeletConfig, network, type NodeFiles } from './settings.ts'

const nodeName = 'slipway-node'
const condition = z.looseObject({ type: z.string(), status: z.string() })
const named = z.looseObject({ metadata: z.looseObject({ name: z.string() }), status: z.looseObject({ conditions: z.array(condition).optional() }) })
const nodes = z.looseObject({ items: z.array(named) })

/** A control plane with one node that runs real containers, and a registry that it pulls from. */
export interface RealCluster {
  readonly control: ControlPlane
  readonly registry: Registry
  /** Stops everything and leaves nothing behind. */
  stop(): Promise<void>
}

const writeFiles = (files: NodeFiles): void => {
  const { folder, registry } = files
  for (const name of ['cni', `certs.d/${registry}`]) mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, 'containerd.toml'), containerdConfig(files))
  writeFileSync(join(folder, 'certs.d', registry, 'hosts.toml'), hostsConfig(files))
  writeFileSync(join(folder, 'cni', '10-slipway.conflist'), cniConfig(files))
  writeFileSync(join(folder, 'kubelet.json'), kubeletConfig(files))
}

const makeBridge = (): void => {
  for (const args of [['link', 'add', bridge, 'type', 'bridge'], ['addr', 'add', `${network.address}/24`, 'dev', bridge], ['link', 'set', bridge, 'up']]) {
    execFileSync('ip', args, { stdio: 'pipe' })
  }
}

/** Waits until the node says that it is ready, and takes away its taint, since no controller here does. */
const nodeReady = async (admin: Api, node: Program): Promise<void> => {
  const path = `/api/v1/nodes/${nodeName}`
  const deadline = Date.now() + 60_000
  for (;;) {
    const { items } = nodes.parse(await admin.get('/api/v1/nodes'))
    const found = items.find(({ metadata }) => metadata.name === nodeName)
    if (found?.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true) break
    if (node.ended() || Date.now() > deadline) throw new Error(`the node did not become ready:\n${node.tail()}`)
    await pause(100)
  }
  await admin.patch(path, { spec: { taints: null } })
}

/**
 * Starts a control plane, a registry, containerd and a kubelet, in about five seconds once they are built. Needs what machine.ts asks for.
 * `images` fills the registry, which has to hold `pause:1` then. One runs at a time; another waits. What an earlier one that was killed left is removed first.
 */
export const startRealCluster = async (images: (registry: Registry) => Promise<void>): Promise<RealCluster> => {
  const programs = await nodePrograms((line) => void process.stderr.write(`node: ${line}\n`))
  const janitor = await startJanitor()
  const { folder } = janitor
  const ends: (() => Promise<void>)[] = [janitor.end]
  const stop = async (): Promise<void> => {
    const failures: unknown[] = []
    // Last started, first stopped, and one that fails holds up none of the others.
    for (const end of ends.splice(0).toReversed()) await end().catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw new AggregateError(failures, 'the node did not end cleanly')
  }
  try {
    const registry = await startDockerRegistry(folder)
    ends.push(registry.stop)
    const filling = images(registry)
    const control = await startControlPlane(folder)
    ends.push(control.stop)
    await filling
    const files = { folder, registry: registry.address, kubeletPort: await freePort() }
    writeFiles(files)
    makeBridge()
    makeCgroups()
    const kubelet = ['kubelet', `--config=${folder}/kubelet.json`, `--kubeconfig=${control.kubeconfig}`, `--root-dir=${folder}/kubelet`]
    const node = startEnclosed('node', [
      `containerd --config ${folder}/containerd.toml`, [...kubelet, `--hostname-override=${nodeName}`, `--node-ip=${network.address}`].join(' '),
    ], folder, programs)
    ends.push(() => node.stop('SIGKILL'))
    const admin = connectApi(control.kubeconfig)
    ends.push(() => admin.close())
    await nodeReady(admin, node)
    return { control, registry, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
