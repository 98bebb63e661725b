import type { Action } from './action.ts'
import { approve } from './actions/approve.ts'
import { cancelAndRollBack } from './actions/cancel-and-roll-back.ts'
import { cancelRollout } from './actions/cancel-rollout.ts'
import { editEnv } from './actions/edit-env.ts'
import { importWithManifest } from './actions/import-manifest.ts'
import { more } from './actions/more.ts'
import { overrideFreeze } from './actions/override-freeze.ts'
import { pager } from './actions/pager.ts'
import { pickApp } from './actions/pick-app.ts'
import { promoteConfirmed } from './actions/promote-confirmed.ts'
import { promoteRelease } from './actions/promote.ts'
import { queueIt } from './actions/queue-it.ts'
import { reject } from './actions/reject.ts'
import { requestAgain } from './actions/request-again.ts'
import { runKept } from './actions/run.ts'
import { showCard } from './actions/show-card.ts'
import { showDiff } from './actions/show-diff.ts'
import { takeLock } from './actions/take-lock.ts'
import { tryAgain } from './actions/try-again.ts'
import type { Command } from './command.ts'
import { appsCancel } from './commands/apps-cancel.ts'
import { appsCreate } from './commands/apps-create.ts'
import { appsDelete } from './commands/apps-delete.ts'
import { appsFreezeAdd } from './commands/apps-freeze-add.ts'
import { appsFreezeRemove } from './commands/apps-freeze-remove.ts'
import { appsFreezes } from './commands/apps-freezes.ts'
import { appsInfo } from './commands/apps-info.ts'
import { appsLock } from './commands/apps-lock.ts'
import { appsParamsSet } from './commands/apps-params-set.ts'
import { appsParams } from './commands/apps-params.ts'
import { appsUnlock } from './commands/apps-unlock.ts'
import { apps } from './commands/apps.ts'
import { audit } from './commands/audit.ts'
import { build, buildsExport, buildsImport, buildsLogs } from './commands/building-from-source.ts'
import { buildsImportImage } from './commands/builds-import-image.ts'
import { buildsInfo } from './commands/builds-info.ts'
import { builds } from './commands/builds.ts'
import { deploy } from './commands/deploy.ts'
import { envEdit } from './commands/env-edit.ts'
import { envGet } from './commands/env-get.ts'
import { envSet } from './commands/env-set.ts'
import { envUnset } from './commands/env-unset.ts'
import { env } from './commands/env.ts'
import { helpFor } from './commands/help.ts'
import { promotionsInfo } from './commands/promotions-info.ts'
import { promotions } from './commands/promotions.ts'
import { psInfo } from './commands/ps-info.ts'
import { ps } from './commands/ps.ts'
import { rackFreezeAdd } from './commands/rack-freeze-add.ts'
import { rackFreezes } from './commands/rack-freezes.ts'
import { releasesCreateFrom } from './commands/releases-create-from.ts'
import { releasesInfo } from './commands/releases-info.ts'
import { releasesManifest } from './commands/releases-manifest.ts'
import { releasesPromote } from './commands/releases-promote.ts'
import { releasesRollback } from './commands/releases-rollback.ts'
import { releases } from './commands/releases.ts'
import type { View } from './view.ts'
import { createRelease } from './views/create-release.ts'
import { deleteApp } from './views/delete-app.ts'
import { editEnvironment } from './views/edit-env.ts'
import { importManifest } from './views/import-manifest.ts'
import { rejectPromotion } from './views/reject.ts'

/** Everything that can be typed, in the order of `help`. */
export const commands: readonly Command[] = [
  helpFor(() => commands),
  apps, appsCreate, appsInfo, appsCancel, appsDelete, appsParams, appsParamsSet,
  appsLock, appsUnlock, appsFreezes, appsFreezeAdd, appsFreezeRemove, rackFreezes, rackFreezeAdd,
  releases, releasesInfo, releasesManifest, releasesCreateFrom, releasesPromote, releasesRollback,
  builds, buildsInfo, buildsImportImage, buildsExport, buildsImport, buildsLogs,
  deploy, build,
  env, envGet, envSet, envUnset, envEdit,
  promotions, promotionsInfo,
  ps, psInfo,
  audit,
]

/** Everything that can be clicked. */
export const actions: readonly Action[] = [
  approve, reject, showDiff, more, cancelRollout,
  promoteRelease, promoteConfirmed, cancelAndRollBack, requestAgain, tryAgain, queueIt, overrideFreeze, takeLock,
  showCard, editEnv, importWithManifest, pager, runKept, pickApp,
]

/** Everything that can be submitted. */
export const views: readonly View[] = [rejectPromotion, editEnvironment, createRelease, importManifest, deleteApp]
