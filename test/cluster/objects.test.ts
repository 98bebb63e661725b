import { readFileSync } from 'node:fs'
import { describe } from 'vitest'
import { tellTaken } from '../rack/render/taken.ts'
import { canRunControlPlane } from './control-plane/available.ts'
import { startControlPlane } from './control-plane/start.ts'

/** test/rack/render/taken.test.ts tells the same on the simulated cluster. */
describe.skipIf(!canRunControlPlane())('a rendered release with every field, on a real control plane', () => {
  tellTaken(async () => {
    const control = await startControlPlane()
    return { kubeconfig: readFileSync(control.kubeconfig, 'utf8'), stop: control.stop }
  })
})
