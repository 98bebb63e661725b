import type { Api } from '../../sandbox/kubelet/api.ts'
import { createOperations } from '../../src/rack/create-operations.ts'
import type { Caller, Operations } from '../../src/rack/operations.ts'
import type { PromotionView } from '../../src/rack/promotion-view.ts'
import { people, type Installation } from '../support/world.ts'
import type { StageKind } from './scenario.ts'

/** Where the corpus is played: an installation of the whole product, and an administrator's hands on its cluster. */
export interface Stage {
  readonly kind: StageKind
  readonly installation: Installation
  readonly kube: Api
  /** Takes the API server away for so many milliseconds. */
  outage(ms: number): Promise<void>
  /** What `compact` needs some seconds for, done beforehand. */
  readyToCompact(): Promise<void>
  /** Makes every resourceVersion that Slipway knows too old, and ends its watches. Resolves once Slipway has been told so: else it were an outage like any other. */
  compact(): Promise<void>
  /** The pod's node runs short of memory and evicts it. */
  evictPod(namespace: string, pod: string): boolean
  /** Has pods of that namespace refused, as a policy does. */
  refusePods(namespace: string): Promise<void>
  /** Has Deployments of that namespace refused at the API. */
  refuseDeployments(namespace: string): Promise<void>
  /** Adds a container `agent` with that image to new pods of that namespace, as a mesh does. */
  addSidecar(namespace: string, image: string): Promise<void>
  close(): Promise<void>
}

/** One app on a stage. */
export interface Scene {
  readonly stage: Stage
  readonly app: string
  readonly namespace: string
  /** The repository of its images. */
  readonly shop: string
  operations(): Operations
  /** The second promotion as the database has it. */
  promotion(): Promise<PromotionView>
}

/** Resolves once a watch was refused its resourceVersion after `disturb`. */
export const untilTooOld = async ({ logged }: Installation, disturb: () => Promise<void>): Promise<void> => {
  const said = logged().length
  await disturb()
  await until('a watch that is too old', async () => (/too old|has been compacted/.test(logged().slice(said)) ? true : undefined))
}

/** Bo, who may do anything. */
export const caller: Caller = { actor: { id: people.bo.id, name: people.bo.name, role: 'admin' } }

/** The operations of the process that runs at this moment. */
export const operationsOf = (stage: Stage): Operations => createOperations(stage.installation.slipway().rack)

/** Asks again, a quarter of a second apart, until there is an answer. */
export const until = async <T>(what: string, ask: () => Promise<T | undefined>, seconds = 60): Promise<T> => {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`not in ${seconds} s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}
