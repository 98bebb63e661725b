import type { Logger } from 'pino'
import type { Db } from '../db/client.ts'
import type { ClusterView } from './cluster/cache.ts'
import type { ObjectClient } from './cluster/objects.ts'
import type { People } from './people.ts'
import type { ImageReference } from './registry/reference.ts'
import type { Resolution } from './registry/resolve.ts'
import type { RolePolicy } from './roles.ts'
import type { Sealer } from './seal.ts'
import type { Wake } from './wake.ts'

/** One rack with everything an operation needs; no Slack. */
export interface Rack {
  readonly name: string
  /** True when the installation has more than one, so that messages name it. */
  readonly severalRacks: boolean
  readonly db: Db
  readonly sealer: Sealer
  readonly objects: ObjectClient
  readonly cluster: ClusterView
  resolveImage(reference: ImageReference): Promise<Resolution>
  /** Last lines of a container; null when there is no such log. */
  readLog(input: { namespace: string; pod: string; container: string; previous: boolean; lines: number; timeout: number }): Promise<string | null>
  /** The name by which the cluster knows us; null when it does not tell. */
  whoAmI(): Promise<string | null>
  readonly roles: RolePolicy
  readonly people: People
  readonly clock: () => Date
  readonly log: Logger
  /** Id of this installation, in the labels of everything it makes. */
  readonly installation: string
  /** Who holds leases. */
  readonly instance: string
  /** Name of the Secret in the bot's own namespace that pulls images, copied into each app's namespace; null: none. */
  readonly pullSecret: { readonly name: string; readonly namespace: string } | null
  /** Class of the Ingresses of services with a domain. */
  readonly ingressClass: string
  readonly wakeRollouts: Wake
  readonly wakeDelivery: Wake
}

/** A rack without its cluster: all that requests, votes and params are decided by. */
export type Books = Omit<Rack, 'objects' | 'cluster' | 'readLog' | 'whoAmI' | 'resolveImage'>

/** What apps are made and deleted with: the books, and the objects of the cluster. */
export type AppRack = Books & Pick<Rack, 'objects' | 'whoAmI'>
