import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCluster, type ClusterOptions, type SimulatedCluster } from './cluster/start.ts'
import { fileJournal, memoryJournal, type Journal } from './journal.ts'
import { scenarios as everyScenario } from './kubelet/catalogue.ts'
import { imageReference } from './kubelet/image-reference.ts'
import type { RegistryAnswer } from './kubelet/node-images.ts'
import type { Scenario } from './kubelet/scenario.ts'
import { startKubelet, type Kubelet } from './kubelet/start.ts'
import { startRegistry, type SimulatedRegistry } from './registry/start.ts'
import type { Guide } from './slack/guide.ts'
import { startSlack, type SimulatedSlack, type SlackOptions } from './slack/start.ts'

/** The people of the sandbox, by what they are there for. Ids as Slack makes them. */
export const people = {
  ana: { id: 'U0ANA', name: 'ana', realName: 'Ana Ruiz', role: 'requester' },
  bo: { id: 'U0BO', name: 'bo', realName: 'Bo Lindqvist', role: 'approver' },
  cy: { id: 'U0CY', name: 'cy', realName: 'Cy Okafor', role: 'viewer' },
} as const

/** The channels of the sandbox. */
export const channels = {
  releases: { id: 'C0RELEASES', name: 'shop-releases' },
  general: { id: 'C0GENERAL', name: 'general' },
} as const

const tokens = { botToken: 'xoxb-sandbox-bot', appToken: 'xapp-sandbox-app' } as const

/** Plain versions of the shop, besides the tags that script a fault. */
export const goodTags = ['1.4.0', '1.4.1', '1.4.2', '1.5.0'] as const

export interface WorldOptions {
  /** Where everything is kept; null: in memory. */
  readonly directory: string | null
  /** 0: any free one. */
  readonly ports?: { readonly page?: number; readonly cluster?: number; readonly registry?: number }
  /** How many times as fast as recorded the kubelet plays. */
  readonly speed?: number
  /** Tags that the registry has and the node plays. Default: the whole catalogue. */
  readonly scenarios?: readonly Scenario[]
  readonly guide?: (registry: string) => Guide
  readonly slack?: Partial<SlackOptions>
  readonly cluster?: Partial<ClusterOptions>
  /** Told of trouble that the kubelet goes on after. */
  readonly log?: (line: string) => void
}

/** A simulated workspace and registry beside some cluster, and the settings by which Slipway finds all three. */
export interface Surroundings {
  readonly slack: SimulatedSlack
  readonly registry: SimulatedRegistry
  /** Environment of a process that lives here. */
  readonly settings: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** The cluster's only node. */
export interface SimulatedNode extends Pick<Kubelet, 'evict' | 'evictPod'> {
  /** Goes on that many times as fast as recorded: the kubelet starts anew and finds its containers as they are. */
  setSpeed(speed: number): Promise<void>
}

/** The same with its simulated cluster. */
export interface World extends Surroundings {
  readonly cluster: SimulatedCluster
  readonly node: SimulatedNode
}

/** Closes what was opened, the last one first. */
const closer = () => {
  const closing: (() => Promise<void> | void)[] = []
  return {
    keep: <T>(thing: T, close: () => Promise<void> | void): T => {
      closing.unshift(close)
      return thing
    },
    close: async (): Promise<void> => {
      for (const each of closing.splice(0)) await each()
    },
  }
}

const journalIn = (directory: string | null, name: string): Journal => (directory === null ? memoryJournal() : fileJournal(join(directory, `${name}.jsonl`)))

/** Starts workspace and registry beside the cluster that the kubeconfig file names. */
export const startSurroundings = async (kubeconfig: string, options: WorldOptions): Promise<Surroundings> => {
  const { directory, ports = {} } = options
  const { keep, close } = closer()
  try {
    const journal = journalIn(directory, 'slack')
    keep(journal, () => journal.close())
    const registry = await startRegistry({ port: ports.registry ?? 0, catalog: { shop: [...goodTags, ...(options.scenarios ?? everyScenario).map(({ tag }) => tag)], worker: [...goodTags] } })
    keep(registry, () => registry.close())
    const slack = await startSlack({
      journal, port: ports.page ?? 0, team: { id: 'T0SLIPWAY', name: 'Slipway', domain: 'slipway' },
      people: [{ ...people.ana }, { ...people.bo, admin: true, owner: true }, { ...people.cy }],
      channels: Object.values(channels).map(({ id, name }) => ({ id, name, members: Object.values(people).map((person) => person.id), bot: true })),
      ...tokens, manifest: readFileSync(new URL('../manifest.yml', import.meta.url), 'utf8'), ...(options.guide === undefined ? {} : { guide: options.guide(registry.address) }), ...options.slack,
    })
    keep(slack, () => slack.close())
    return {
      slack, registry, close,
      settings: {
        SLACK_BOT_TOKEN: tokens.botToken, SLACK_APP_TOKEN: tokens.appToken, SLACK_API_URL: slack.apiUrl, KUBECONFIG: kubeconfig, PORT: '0',
        ADMINS: people.bo.id, VIEWERS: people.cy.id, INSTANCE_ID: 'sandbox', LOG_LEVEL: 'warn',
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** What the node hears of an image: our registry's word for its own, and every other one is there. */
const pullFrom = (registry: SimulatedRegistry | null, image: string): RegistryAnswer => {
  const { repository, tag = '' } = imageReference(image)
  if (registry === null || !repository.startsWith(`${registry.address}/`)) return 'present'
  return registry.digest(repository.slice(registry.address.length + 1), tag) === undefined ? 'absent' : 'present'
}

/** Starts the world. A directory that was used before goes on where it was. */
export const startWorld = async (options: WorldOptions): Promise<World> => {
  const { directory, ports = {} } = options
  if (directory !== null) await mkdir(directory, { recursive: true, mode: 0o700 })
  const { keep, close } = closer()
  try {
    const journal = journalIn(directory, 'cluster')
    keep(journal, () => journal.close())
    const cluster = await startCluster({
      journal, port: ports.cluster ?? 0, defaultStorageClass: 'standard', ...(directory === null ? {} : { certificateDir: join(directory, 'certificates') }), ...options.cluster,
    })
    keep(cluster, () => cluster.close())
    const folder = directory ?? (await mkdtemp(join(tmpdir(), 'slipway-world-')))
    if (directory === null) keep(folder, () => rm(folder, { recursive: true, force: true }))
    const kubeconfig = join(folder, 'kubeconfig')
    await writeFile(kubeconfig, cluster.kubeconfig, { mode: 0o600 })
    let registry: SimulatedRegistry | null = null
    const kubeletAt = (speed: number): Promise<Kubelet> =>
      startKubelet({
        kubeconfig, registry: async (image) => pullFrom(registry, image), nodeName: 'instance-0a1b2c3d4e5f', speed, log: options.log ?? (() => undefined),
        scenarios: options.scenarios ?? everyScenario,
      })
    let kubelet = await kubeletAt(options.speed ?? 1)
    const node: SimulatedNode = {
      evict: (reference) => kubelet.evict(reference),
      evictPod: (namespace, name) => kubelet.evictPod(namespace, name),
      setSpeed: async (speed) => {
        await kubelet.stop()
        kubelet = await kubeletAt(speed)
      },
    }
    keep(node, () => kubelet.stop())
    const surroundings = await startSurroundings(kubeconfig, options)
    keep(surroundings, () => surroundings.close())
    registry = surroundings.registry
    return { ...surroundings, cluster, node, close }
  } catch (error) {
    await close()
    throw error
  }
}
