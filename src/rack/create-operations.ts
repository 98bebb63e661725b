import { appInfo, appsOfChannel, listApps, pageThroughApps } from './apps.ts'
import { setAppParams } from './app-params.ts'
import { approve, mayDecide } from './approve.ts'
import { exportAudit, listAudit } from './audit.ts'
import { requireRight } from './authorize.ts'
import { buildInfo, listBuilds } from './builds.ts'
import { cancel, cancelApp } from './cancel.ts'
import { callerHere, type About } from './caller-here.ts'
import type { Rack } from './context.ts'
import { createApp } from './create-app.ts'
import { createFrom } from './create-from.ts'
import { deleteApp } from './delete-app.ts'
import { changeEnv, getEnv, readEnv } from './env.ts'
import { addFreeze, dropFreeze, listFreezes } from './freeze.ts'
import { importImage } from './import-image.ts'
import { lockTheApp, takeLock, unlockTheApp } from './lock.ts'
import type { Caller, Operations } from './operations.ts'
import { overrideFreeze } from './override-freeze.ts'
import { listProcesses, processInfo } from './processes.ts'
import { promote, requestAgain } from './promote.ts'
import { promotionDiff } from './promotion-diff.ts'
import { listPromotions, promotionInfo } from './promotions.ts'
import { recordedFacts } from './recorded-facts.ts'
import { reject } from './reject.ts'
import { listReleases, releaseInfo, releaseManifest } from './releases.ts'
import { waitingForMe } from './waiting-for-me.ts'
import { cancelAndRollback, rollback, tryRollbackAgain } from './rollback.ts'

/** The whole domain on one screen, bound to one rack. */
export const createOperations = (rack: Rack): Operations => {
  const here = (caller: Caller, about: About): Promise<Caller> => callerHere(rack, caller, about)
  return {
    rack: rack.name,
    mayBegin: async (caller, input) => requireRight(await here(caller, input), input.operation),
    listApps: async (caller) => listApps(rack, await here(caller, {})),
    pageThroughApps: async (caller, ask) => pageThroughApps(rack, await here(caller, {}), ask),
    appInfo: async (caller, app) => appInfo(rack, await here(caller, { app }), app),
    appsOfChannel: (channel) => appsOfChannel(rack, channel),
    createApp: async (caller, input) => createApp(rack, await here(caller, input), input),
    deleteApp: async (caller, input) => deleteApp(rack, await here(caller, input), input),
    setAppParams: async (caller, input) => setAppParams(rack, await here(caller, input), input),
    lockApp: async (caller, input) => lockTheApp(rack, await here(caller, input), input),
    unlockApp: async (caller, input) => unlockTheApp(rack, await here(caller, input), input),
    takeLock: async (caller, input) => takeLock(rack, await here(caller, input), input),
    addFreeze: async (caller, input) => addFreeze(rack, await here(caller, input), input),
    removeFreeze: async (caller, input) => dropFreeze(rack, await here(caller, input), input),
    listFreezes: async (caller, input) => listFreezes(rack, await here(caller, input), input),
    overrideFreeze: async (caller, input) => overrideFreeze(rack, await here(caller, input), input),
    listReleases: async (caller, input) => listReleases(rack, await here(caller, input), input),
    releaseInfo: async (caller, input) => releaseInfo(rack, await here(caller, input), input),
    releaseManifest: async (caller, input) => releaseManifest(rack, await here(caller, input), input),
    createFrom: async (caller, input) => createFrom(rack, await here(caller, input), input),
    promote: async (caller, input) => promote(rack, await here(caller, input), input),
    rollback: async (caller, input) => rollback(rack, await here(caller, input), input),
    requestAgain: async (caller, input) => requestAgain(rack, await here(caller, input), input),
    tryRollbackAgain: async (caller, input) => tryRollbackAgain(rack, await here(caller, input), input),
    approve: async (caller, input) => approve(rack, await here(caller, input), input),
    waitingForMe: async (caller) => waitingForMe(rack, await here(caller, {})),
    mayDecide: async (caller, input) => mayDecide(rack, await here(caller, input), input),
    reject: async (caller, input) => reject(rack, await here(caller, input), input),
    cancel: async (caller, input) => cancel(rack, await here(caller, input), input),
    cancelApp: async (caller, input) => cancelApp(rack, await here(caller, input), input),
    cancelAndRollback: async (caller, input) => cancelAndRollback(rack, await here(caller, input), input),
    listPromotions: async (caller, input) => listPromotions(rack, await here(caller, input), input),
    promotionInfo: async (caller, input) => promotionInfo(rack, await here(caller, input), input),
    promotionDiff: async (caller, input) => promotionDiff(rack, await here(caller, input), input),
    recordedFacts: async (caller, input) => recordedFacts(rack, await here(caller, input), input),
    readEnv: async (caller, input) => readEnv(rack, await here(caller, input), input),
    getEnv: async (caller, input) => getEnv(rack, await here(caller, input), input),
    changeEnv: async (caller, input) => changeEnv(rack, await here(caller, input), input),
    listBuilds: async (caller, input) => listBuilds(rack, await here(caller, input), input),
    buildInfo: async (caller, input) => buildInfo(rack, await here(caller, input), input),
    importImage: async (caller, input) => importImage(rack, await here(caller, input), input),
    listAudit: async (caller, input) => listAudit(rack, await here(caller, input), input),
    exportAudit: async (caller, input) => exportAudit(rack, await here(caller, input), input),
    listProcesses: async (caller, input) => listProcesses(rack, await here(caller, input), input),
    processInfo: async (caller, input) => processInfo(rack, await here(caller, input), input),
  }
}
