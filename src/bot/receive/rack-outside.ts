import type { Operations } from '../../rack/operations.ts'
import type { Outside } from './drain.ts'

/**
 * What may have to wait for somebody else: a registry, the cluster, Slack's word on who somebody is, or another one's turn at the same app. The rest only
 * reads our own tables.
 */
const waits: Readonly<Record<Exclude<keyof Operations, 'rack'>, boolean>> = {
  mayBegin: false, listApps: false, pageThroughApps: false, appInfo: false, appsOfChannel: false, createApp: true, deleteApp: true, setAppParams: true,
  lockApp: true, unlockApp: true, takeLock: true, addFreeze: true, removeFreeze: true, listFreezes: false,
  listReleases: false, releaseInfo: false, releaseManifest: false, createFrom: true,
  promote: true, rollback: true, requestAgain: true, tryRollbackAgain: true, approve: true, waitingForMe: true, mayDecide: true, reject: true,
  cancel: true, overrideFreeze: true, cancelApp: true, cancelAndRollback: true,
  listPromotions: false, promotionInfo: false, promotionDiff: false, recordedFacts: false, readEnv: false, getEnv: false, changeEnv: true,
  listBuilds: false, buildInfo: false, importImage: true, listAudit: false, exportAudit: false, listProcesses: false, processInfo: false,
}
const waiting = new Set<string | symbol>(Object.entries(waits).flatMap(([name, does]) => (does ? [name] : [])))

/** The rack as it is, each of its operations that may have to wait for somebody else a wait `outside`. */
export const rackOutside = (rack: Operations, outside: Outside): Operations =>
  new Proxy(rack, {
    get: (target, name) => {
      const found: unknown = Reflect.get(target, name)
      return typeof found === 'function' && waiting.has(name) ? (...given: unknown[]) => outside(async () => Reflect.apply(found, target, given)) : found
    },
  })
