import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { connectApi, type Api } from '../../sandbox/kubelet/api.ts'
import { createOperations } from '../../src/rack/create-operations.ts'
import type { Operations } from '../../src/rack/operations.ts'
import { installRights } from '../support/install-rights.ts'
import { installBeside, type Installation } from '../support/world.ts'
import { direct, proxied, type Reach } from './endpoints.ts'
import { registryAt, type Registry } from './image.ts'
import { appProgram } from './programs.ts'
import { startRealCluster } from './start.ts'

/** How the program of an image may live (app/main.go). */
export const lives = ['serve', 'work', 'crash', 'eat', 'never-ready', 'exit-after-ready', 'work-then-exit', 'slow', 'liveness'] as const
export type Life = (typeof lives)[number]

/** The whole product beside a cluster that runs real containers. */
export interface Stage {
  readonly world: Installation
  readonly kube: Api
  readonly operations: Operations
  readonly registry: Registry
  readonly reach: Reach
  /** Pushes a tag of its own with that life, and answers its whole reference. */
  image(life: Life): Promise<string>
  /** Ends with everything, or throws what would not go. */
  close(): Promise<void>
}

interface Ground {
  /** An administrator's. */
  readonly kubeconfig: string
  /** The product's. */
  readonly rights: string
  readonly registry: Registry
  readonly own: boolean
  stop(): Promise<void>
}

const openGround = async (program: Buffer): Promise<Ground> => {
  const [kubeconfig, address] = [process.env['TEST_KUBECONFIG'], process.env['TEST_REGISTRY']]
  if (kubeconfig !== undefined) {
    if (address === undefined) throw new Error('TEST_KUBECONFIG needs TEST_REGISTRY: a registry that this machine may push to and that cluster may pull from')
    return { kubeconfig, rights: kubeconfig, registry: registryAt(address), own: false, stop: async () => {} }
  }
  const { control, registry, stop } = await startRealCluster((place) => place.push('pause', '1', { program, entrypoint: ['/app', 'pause'] }))
  try {
    const admin = connectApi(control.kubeconfig)
    await installRights(admin).finally(() => admin.close())
    return { kubeconfig: control.kubeconfig, rights: await control.serviceAccountKubeconfig('slipway', 'slipway'), registry, own: true, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Deletes the namespaces that the plays made on somebody's cluster, and waits until they are gone. */
const removeApps = async (operations: Operations, kube: Api): Promise<void> => {
  const caller = { actor: { id: 'U0BO', name: 'bo', role: 'admin' as const } }
  const remove = async (app: string): Promise<void> => {
    const { namespace } = await operations.deleteApp(caller, { app, confirm: app })
    const isGone = () => kube.get(`/api/v1/namespaces/${namespace}`).then(() => false, (error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 404) return true
      throw error
    })
    while (!(await isGone())) await pause(500)
  }
  await Promise.all((await operations.listApps(caller)).map(({ app }) => remove(app)))
}

/**
 * Starts it: on a node of this machine's own, with exactly the rights of deploy/slipway.yaml, or on the cluster of TEST_KUBECONFIG with the registry
 * TEST_REGISTRY.
 */
export const openStage = async (): Promise<Stage> => {
  const program = readFileSync(await appProgram((line) => void process.stderr.write(`node: ${line}\n`)))
  const ground = await openGround(program)
  const ends: (() => Promise<void>)[] = [() => ground.stop()]
  const close = async (): Promise<void> => {
    const failures: unknown[] = []
    for (const end of ends.splice(0).toReversed()) await end().catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw new AggregateError(failures, 'the stage did not close cleanly')
  }
  try {
    const kube = connectApi(ground.kubeconfig)
    ends.push(() => kube.close())
    const world = await installBeside(ground.rights)
    ends.push(() => world.close())
    const operations = createOperations(world.slipway().rack)
    if (!ground.own) ends.push(() => removeApps(operations, kube))
    const straight = direct()
    ends.push(() => straight.close())
    return {
      world, kube, operations, registry: ground.registry, close,
      reach: ground.own ? straight.reach : proxied(kube),
      image: async (life) => {
        const tag = `${life}-${randomBytes(4).toString('hex')}`
        await ground.registry.push('app', tag, { program, entrypoint: ['/app', life] })
        return `${ground.registry.address}/app:${tag}`
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}
