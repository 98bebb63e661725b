import type { Scenario } from '../scenario.ts'
import { crashRun } from './crash.ts'
import { goodRun } from './good.ts'

export const badcommand: Scenario = {
  tag: 'badcommand',
  what: 'Its command does not exist in the image: executable file not found.',
  runs: [
    {
      log: [],
      startError:
        'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ' +
        'unable to start container process: error during container init: exec: "shop-server": executable file not found in $PATH',
      failing: 'connection refused',
    },
  ],
}

export const missingsecret: Scenario = {
  tag: 'missingsecret',
  what: 'Wants a Secret that does not exist: the container cannot be created.',
  lacks: { secret: 'payments-api-key' },
  runs: [goodRun],
}

export const missingvolume: Scenario = {
  tag: 'missingvolume',
  what: 'Wants a volume from a ConfigMap that does not exist: the pod never gets past ContainerCreating.',
  lacks: { volume: 'settings', configMap: 'shop-settings' },
  runs: [goodRun],
}

export const initfails: Scenario = {
  tag: 'initfails',
  what: 'Its init container exits with code 1 (a pod without one crashes itself).',
  initFails: true,
  runs: [crashRun],
}

export const once: Scenario = { tag: 'once', what: 'Crashes once, then starts and keeps running: no reason to roll back.', runs: [crashRun, goodRun] }
