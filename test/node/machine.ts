import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { nodeFolder } from './programs.ts'

/** Where Debian's packages put what is not built here. */
export const installed = { runc: '/usr/sbin/runc', cni: '/usr/lib/cni', registry: '/usr/bin/docker-registry' } as const

const lacking = (): string[] => {
  if (process.platform !== 'linux') return ['Linux']
  const found = (program: string): boolean => spawnSync('which', [program]).status === 0
  return [
    ...(userInfo().uid === 0 ? [] : ['root']),
    ...(existsSync(installed.runc) ? [] : ['runc']),
    ...(existsSync(`${installed.cni}/bridge`) ? [] : ['containernetworking-plugins']),
    ...(existsSync(installed.registry) ? [] : ['docker-registry']),
    ...['ip', 'unshare', 'setpriv'].filter((program) => !found(program)),
    ...(existsSync(nodeFolder()) || found('go') ? [] : ['Go (to build kubelet and containerd, once)']),
  ]
}

/**
 * Whether containers can be run here: on the cluster of TEST_KUBECONFIG, else on a node of this machine's own.
 * Without, a laptop is told in one line what is missing; with CI set it throws, because a suite that quietly skips proves nothing.
 */
export const canRunContainers = (): boolean => {
  if (process.env['TEST_KUBECONFIG'] !== undefined) return true
  const missing = lacking()
  if (missing.length === 0) return true
  const need = `test:node runs a real kubelet and containerd and lacks: ${missing.join(', ')} (or name a cluster: TEST_KUBECONFIG and TEST_REGISTRY)`
  if (process.env['CI'] === 'true') throw new Error(need)
  process.stderr.write(`${need}; skipped\n`)
  return false
}
