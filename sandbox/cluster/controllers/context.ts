import type { Api } from '../api/api.ts'
import type { ClusterClock } from '../clock.ts'
import type { KubeObject } from '../object.ts'
import { labelsOf, controllerOf, namespaceOf } from '../object.ts'
import { objectSelector } from '../fields/selectors.ts'
import { at } from '../json.ts'
import type { Store, Change } from '../store.ts'
import type { createSchedulerRecorder, Recorder } from './recorder.ts'
import type { WorkQueue } from './work-queue.ts'

/** What every controller is given. */
export interface ControllerContext {
  api: Api
  store: Store
  queue: WorkQueue
  clock: ClusterClock
  /** That of the clock: ms since the epoch. */
  now: () => number
  /** The event recorder of the named component. */
  recorder(component: string): Recorder
  schedulerRecorder: ReturnType<typeof createSchedulerRecorder>
}

/** A controller hears of every change and decides what to look at. */
export interface Controller {
  changed(change: Change): void
}

/** The field manager of everything kube-controller-manager writes. */
export const manager = 'kube-controller-manager'

export const keyOf = (object: KubeObject): string => `${namespaceOf(object)}/${object.metadata.name}`

/** `namespace/name` taken apart. */
export const splitKey = (key: string): [namespace: string, name: string] => {
  const slash = key.indexOf('/')
  return [key.slice(0, slash), key.slice(slash + 1)]
}

/** What `owner` controls and selects, of one resource. */
export const ownedBy = (store: Store, resource: string, owner: KubeObject): KubeObject[] => {
  const matches = objectSelector(at(owner, 'spec', 'selector'))
  return store.list(resource, namespaceOf(owner)).filter((object) => controllerOf(object)?.uid === owner.metadata.uid && matches(labelsOf(object)))
}
