import type { Api } from '../api/api.ts'
import type { ClusterClock } from '../clock.ts'
import { Failure } from '../failure.ts'
import { resourceNamed, resources } from '../resources.ts'
import type { Change, Store } from '../store.ts'
import type { ControllerContext, Controller } from './context.ts'
import { createClaimController } from './claims.ts'
import { createCronJobController } from './cronjob.ts'
import { createDaemonSetController } from './daemonset.ts'
import { createDeploymentController } from './deployment.ts'
import { createGarbageCollector, createNamespaceController, createQuotaController, expireEvents } from './housekeeping.ts'
import { createJobController } from './job.ts'
import { createEventNames, createRecorder, createSchedulerRecorder } from './recorder.ts'
import { createReplicaSetController } from './replicaset.ts'
import { createScheduler } from './scheduler.ts'
import { createWorkQueue } from './work-queue.ts'

export interface Controllers {
  settled(): Promise<void>
  close(): void
}

const systemNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease']

/** Starts every controller and the scheduler, and lets them see what the store holds already. */
export const startControllers = (options: { api: Api; store: Store; clock: ClusterClock; certificate: string; storageClasses: readonly string[] }): Controllers => {
  const { api, store, clock } = options
  const { now } = clock
  const queue = createWorkQueue(clock, (controller, key, error) => {
    // Refusals and conflicts are ordinary and tried again; anything else is a mistake of ours.
    if (!(error instanceof Failure)) console.error(`sandbox cluster: ${controller} ${key}`, error)
  })
  const eventName = createEventNames(now)
  const context: ControllerContext = {
    api,
    store,
    queue,
    clock,
    now,
    recorder: (component) => createRecorder(api, store, component, now, eventName),
    schedulerRecorder: createSchedulerRecorder(api, store, now, eventName),
  }
  const controllers: Controller[] = [
    createDeploymentController(context),
    createReplicaSetController(context),
    createScheduler(context),
    createJobController(context),
    createCronJobController(context),
    createDaemonSetController(context),
    createClaimController(context, options.storageClasses),
    createNamespaceController(context, options.certificate),
    createGarbageCollector(context),
    createQuotaController(context),
  ]
  const tell = (change: Change): void => {
    for (const controller of controllers) controller.changed(change)
  }
  const stop = store.subscribe(tell)
  const stopExpiry = expireEvents(context)
  for (const resource of resources) {
    if (resource.type === '') continue
    for (const object of store.list(resource.key)) tell({ type: 'ADDED', resource: resource.key, version: Number(object.metadata.resourceVersion), object })
  }
  for (const name of systemNamespaces) if (!store.get('namespaces', '', name)) api.create(resourceNamed('namespaces'), '', { metadata: { name } }, { manager: 'kube-apiserver' })
  return {
    settled: queue.idle,
    close: () => {
      stop()
      stopExpiry()
      queue.close()
    },
  }
}
