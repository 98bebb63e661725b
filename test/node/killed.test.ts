import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { connectApi } from '../../sandbox/kubelet/api.ts'
import { bridge, cgroup, hierarchies } from './leftovers.ts'
import { canRunContainers } from './machine.ts'
import { waitFor } from './tenant.ts'

const phase = z.looseObject({ status: z.looseObject({ phase: z.string().optional() }) })

/** Command lines of the machine's processes that speak of this folder. */
const processesOf = (folder: string): string[] =>
  readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      return line.includes(folder) ? [line] : []
    } catch (error) {
      // It ended while we looked.
      if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return []
      throw error
    }
  })

describe.skipIf(process.env['TEST_KUBECONFIG'] !== undefined || !canRunContainers())('a node whose test run is killed', () => {
  it.each(['SIGKILL', 'SIGINT'] as const)('leaves no process, mount, cgroup, bridge or file behind after %s', async (signal) => {
    const holder = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'hold-node.ts')], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const [line] = await once(createInterface(holder.stdout), 'line')
      const [kubeconfig = '', registry = ''] = String(line).split(' ')
      const folder = dirname(dirname(kubeconfig))
      const kube = connectApi(kubeconfig)
      const spec = { automountServiceAccountToken: false, containers: [{ name: 'main', image: `${registry}/pause:1` }] }
      await kube.post('/api/v1/namespaces/default/pods', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'left' }, spec })
      const isRunning = async () => phase.parse(await kube.get('/api/v1/namespaces/default/pods/left')).status.phase === 'Running'
      await waitFor(() => 'a running pod', async () => ((await isRunning()) ? true : undefined))
      await kube.close()
      expect(processesOf(folder).join('\n')).toContain('containerd-shim')

      holder.kill(signal)
      const isGone = () => !existsSync(folder) && processesOf(folder).length === 0
      await waitFor(() => `nothing of ${folder}: ${processesOf(folder).join(', ')}`, () => (isGone() ? true : undefined))
      expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(folder)
      expect(existsSync(`/sys/class/net/${bridge}`)).toBe(false)
      expect(hierarchies().map(({ path }) => join(path, cgroup)).filter((each) => existsSync(each))).toEqual([])
    } finally {
      holder.kill('SIGKILL')
    }
  })
})
