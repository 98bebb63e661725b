import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { binariesFolder } from './build.ts'

/**
 * Whether this machine can run the control plane: it was built before, or Go is there to build it.
 * Without, a laptop is told in one line what is needed; with CI set it throws, because a suite that quietly skips proves nothing.
 */
export const canRunControlPlane = (): boolean => {
  if (existsSync(binariesFolder()) || spawnSync('go', ['version']).status === 0) return true
  const need = 'test:cluster needs Go on the PATH, once, to build etcd and the Kubernetes control plane (about five minutes)'
  if (process.env['CI'] === 'true') throw new Error(need)
  process.stderr.write(`${need}; skipped\n`)
  return false
}
