import { appInfo, appsOfChannel, listApps, pageThroughApps } from './apps.ts'
import { setAppParams } from './app-params.ts'
import { approve, mayDecide } from './approve.ts'
import { exportAudit, listAudit } from './audit.ts'
import { buildInfo, listBuilds } from './builds.ts'
import { cancel, cancelApp } from './cancel.ts'
import type { Rack } from './context.ts'
import { createApp } from './create-app.ts'
import { createFrom } from './create-from.ts'
import { deleteApp } from './delete-app.ts'
import { changeEnv, getEnv, readEnv } from './env.ts'
import { addFreeze, dropFreeze, listFreezes } from './freeze.ts'
import { importImage } from './import-image.ts'
import { lockTheApp, takeLock, unlockTheApp } from './lock.ts'
import type { Operations } from './operations.ts'
import { overrideFreeze } from './override-freeze.ts'
import { listProcesses, processInfo } from './processes.ts'
import { promote, requestAgain } from './promote.ts'
import { promotionDiff } from './promotion-diff.ts'
import { listPromotions, promotionInfo } from './promotions.ts'
import { recordedFacts } from './recorded-facts.ts'
import { reject } from './reject.ts'
import { listReleases, releaseInfo, releaseManifest } from './releases.ts'
import { cancelAndRollback, rollback, tryRollbackAgain } from './rollback.ts'

/** The whole domain on one screen, bound to one rack. */
export const createOperations = (rack: Rack): Operations => ({
  rack: rack.name,
  listApps: (caller) => listApps(rack, caller),
  pageThroughApps: (caller, ask) => pageThroughApps(rack, caller, ask),
  appInfo: (caller, app) => appInfo(rack, caller, app),
  appsOfChannel: (channel) => appsOfChannel(rack, channel),
  createApp: (caller, input) => createApp(rack, caller, input),
  deleteApp: (caller, input) => deleteApp(rack, caller, input),
  setAppParams: (caller, input) => setAppParams(rack, caller, input),
  lockApp: (caller, input) => lockTheApp(rack, caller, input),
  unlockApp: (caller, input) => unlockTheApp(rack, caller, input),
  takeLock: (caller, input) => takeLock(rack, caller, input),
  addFreeze: (caller, input) => addFreeze(rack, caller, input),
  removeFreeze: (caller, input) => dropFreeze(rack, caller, input),
  listFreezes: (caller, input) => listFreezes(rack, caller, input),
  overrideFreeze: (caller, input) => overrideFreeze(rack, caller, input),
  listReleases: (caller, input) => listReleases(rack, caller, input),
  releaseInfo: (caller, input) => releaseInfo(rack, caller, input),
  releaseManifest: (caller, input) => releaseManifest(rack, caller, input),
  createFrom: (caller, input) => createFrom(rack, caller, input),
  promote: (caller, input) => promote(rack, caller, input),
  rollback: (caller, input) => rollback(rack, caller, input),
  requestAgain: (caller, input) => requestAgain(rack, caller, input),
  tryRollbackAgain: (caller, input) => tryRollbackAgain(rack, caller, input),
  approve: (caller, input) => approve(rack, caller, input),
  mayDecide: (caller, input) => mayDecide(rack, caller, input),
  reject: (caller, input) => reject(rack, caller, input),
  cancel: (caller, input) => cancel(rack, caller, input),
  cancelApp: (caller, input) => cancelApp(rack, caller, input),
  cancelAndRollback: (caller, input) => cancelAndRollback(rack, caller, input),
  listPromotions: (caller, input) => listPromotions(rack, caller, input),
  promotionInfo: (caller, input) => promotionInfo(rack, caller, input),
  promotionDiff: (caller, input) => promotionDiff(rack, caller, input),
  recordedFacts: (caller, input) => recordedFacts(rack, caller, input),
  readEnv: (caller, input) => readEnv(rack, caller, input),
  getEnv: (caller, input) => getEnv(rack, caller, input),
  changeEnv: (caller, input) => changeEnv(rack, caller, input),
  listBuilds: (caller, input) => listBuilds(rack, caller, input),
  buildInfo: (caller, input) => buildInfo(rack, caller, input),
  importImage: (caller, input) => importImage(rack, caller, input),
  listAudit: (caller, input) => listAudit(rack, caller, input),
  exportAudit: (caller, input) => exportAudit(rack, caller, input),
  listProcesses: (caller, input) => listProcesses(rack, caller, input),
  processInfo: (caller, input) => processInfo(rack, caller, input),
})
