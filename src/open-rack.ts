import type { Logger } from 'pino'
import type { RackConfig } from './config-racks.ts'
import { listAppRecords } from './db/apps.ts'
import type { Check } from './health.ts'
import { ClusterRefusal, isPassing, isUnauthorized } from './rack/cluster/cluster-error.ts'
import { connectCluster, OldClusterError, requireVersion, type Cluster } from './rack/cluster/connect.ts'
import { MissingRightsError } from './rack/cluster/review-rights.ts'
import type { Rack } from './rack/context.ts'
import { finishDeletions } from './rack/delete-app.ts'
import { expireRequests } from './rack/expire.ts'
import { keepQueues } from './rack/gate/keep-queue.ts'
import { endLocks } from './rack/lock.ts'
import { createDriftReport } from './rack/report-drift.ts'
import { checkRights } from './rack/rights-check.ts'
import { startSupervisor } from './rack/rollout/supervise.ts'
import { createWake } from './rack/wake.ts'
import type { Task } from './schedule.ts'

/** What all racks of a process have in common. */
export type Shared = Pick<Rack, 'severalRacks' | 'db' | 'sealer' | 'resolveImage' | 'clock' | 'installation' | 'instance' | 'roles' | 'people' | 'wakeDelivery'>

/** One rack with its cluster. */
export interface OpenRack {
  readonly rack: Rack
  /** Whether its cluster is seen. */
  readonly check: Check
  readonly tasks: readonly Task[]
  /** Takes up rollouts. */
  supervise(options: { readonly takeOwn: boolean }): { stop(): Promise<void> }
  close(): Promise<void>
}

/** The cluster of a rack answers, and nothing can be done with it: only a person changes that (exit code 78). */
export class RackError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RackError'
  }
}

/** In words of the rack and of where its cluster comes from, where a person has to hear of it; else as it is. */
const namingRack = (config: RackConfig, error: unknown): unknown => {
  const known = error instanceof ClusterRefusal || error instanceof OldClusterError || error instanceof MissingRightsError
  if (!known) return error
  const cluster = config.kubeconfigPath === null ? 'the cluster around' : [config.kubeconfigPath, ...(config.context === null ? [] : [`context ${config.context}`])].join(', ')
  const refused = isUnauthorized(error) ? 'the cluster does not know our credentials' : 'the cluster refuses us'
  const why = error instanceof ClusterRefusal ? `${refused}: ${String(error.status)} ${error.message}` : error.message
  return new RackError(`Rack ${config.name} (${cluster}): ${why}`, { cause: error })
}

/**
 * A cluster that answers is asked its version; one that is away is waited for by the watches, and says so. So is, beside other racks (`several`), one that
 * does not know our credentials.
 */
const greetCluster = async (cluster: Cluster, several: boolean, log: Logger): Promise<void> => {
  try {
    log.info({ version: await requireVersion(cluster.session) }, 'the cluster answers')
  } catch (error) {
    const unknown = several && isUnauthorized(error)
    if (!isPassing(error) && !unknown) throw error
    log.warn({ err: error }, `the cluster does not ${unknown ? 'know our credentials' : 'answer yet'}; nothing is judged until it does`)
  }
}

const sightOf = (cluster: Cluster): string | null => {
  const since = cluster.view.blindSince()
  return since === null ? null : `not seen since ${since.toISOString()}: ${cluster.view.trouble() ?? 'no answer'}`
}

/** Connects to the rack's cluster. One that is away keeps nobody from starting. Throws `RackError`. */
export const openRack = async (config: RackConfig, shared: Shared, parentLog: Logger): Promise<OpenRack> => {
  const log = parentLog.child({ rack: config.name })
  const cluster = connectCluster({
    kubeconfig: config.kubeconfig, kubeconfigPath: config.kubeconfigPath, context: config.context, pullSecret: config.pullSecret, namespacePrefix: `${config.name}-`,
    clock: shared.clock, log: (what, trouble) => log.warn({ what, trouble }, 'trouble with the cluster'),
  })
  try {
    await greetCluster(cluster, shared.severalRacks, log)
    const rights = await checkRights(cluster, async () => (await listAppRecords(shared.db, config.name))[0]?.namespace ?? null, log)
    const rack: Rack = {
      ...shared, name: config.name, objects: cluster.objects, cluster: cluster.view, readLog: cluster.readLog, whoAmI: cluster.whoAmI, log,
      pullSecret: config.pullSecret, ingressClass: config.ingressClass, wakeRollouts: createWake(),
    }
    const called = (what: string): string => (shared.severalRacks ? `${what} of ${config.name}` : what)
    return {
      rack,
      // A single rack has to be seen once, so that a rolling update with a wrong kubeconfig stops; of several each goes on without the others.
      check: { name: called('cluster'), common: shared.severalRacks ? 'never' : 'first', trouble: async () => sightOf(cluster), notes: rights.lines },
      tasks: [
        { name: called('expire requests'), cronTime: '*/5 * * * * *', run: () => expireRequests(rack) },
        { name: called('end locks'), cronTime: '* * * * * *', run: () => endLocks(rack) },
        { name: called('keep queues'), cronTime: '* * * * * *', run: () => keepQueues(rack) },
        { name: called('report drift'), cronTime: '*/15 * * * * *', run: createDriftReport(rack) },
        { name: called('finish deletions'), cronTime: '*/30 * * * * *', run: () => finishDeletions(rack) },
      ],
      supervise: (options) => startSupervisor(rack, options),
      close: async () => {
        rights.stop()
        await cluster.close()
      },
    }
  } catch (error) {
    await cluster.close()
    throw namingRack(config, error)
  }
}

/** All of them, side by side: one that does not answer holds up no other. When one cannot be opened, none is; each that a person has to look at is named. */
export const openRacks = async (configs: readonly [RackConfig, ...RackConfig[]], shared: Shared, log: Logger): Promise<readonly [OpenRack, ...OpenRack[]]> => {
  const opened = await Promise.allSettled(configs.map((config) => openRack(config, shared, log)))
  const racks = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const troubles = opened.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []))
  const [first, ...others] = racks
  if (troubles.length > 0 || first === undefined) {
    await Promise.all(racks.map((one) => one.close()))
    const named = troubles.filter((trouble) => trouble instanceof RackError)
    throw troubles.find((trouble) => !(trouble instanceof RackError)) ?? new RackError(named.map(({ message }) => message).join('\n'))
  }
  return [first, ...others]
}
