import { expect } from 'vitest'
import { z } from 'zod'
import type { Api } from '../../../sandbox/kubelet/api.ts'
import type { Play } from '../play.ts'
import { waitFor, webManifest } from '../tenant.ts'

const small = '    scale:\n      cpu: 10\n      memory: 32\n    termination:\n      grace: 2\n'

const metadata = z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).optional() })
const state = z.looseObject({ phase: z.string().optional(), containerStatuses: z.array(z.looseObject({ ready: z.boolean() })).optional() })
const listed = z.looseObject({ items: z.array(z.looseObject({ metadata, status: state })) })

/** The pods of one service or timer, without those that stop. */
const podsOf = async (kube: Api, namespace: string, name: string) =>
  listed.parse(await kube.get(`/api/v1/namespaces/${namespace}/pods?labelSelector=name%3D${name}`)).items
    .filter((pod) => !('deletionTimestamp' in pod.metadata))
    .map(({ metadata: { name: pod, labels }, status }) => ({
      pod, release: labels?.['release'], phase: status.phase, ready: status.containerStatuses?.every(({ ready }) => ready) === true,
    }))

const mounts: Play = {
  title: 'a process finds its config file, what its init container left, and what its hook left, and is given the time it needs to start',
  app: 'furnished',
  act: async (tenant) => {
    const manifest = `${webManifest(`    startupProbe:
      path: /health
      interval: 1
      grace: 0
      failureThreshold: 30
    initContainer:
      command: init leave-a-note
    lifecycle:
      postStart: /app hook leave-a-note
    volumeOptions:
      - emptyDir:
          id: scratch
          mountPath: /scratch
    configMounts:
      - id: motd
        dir: /etc/shop
        filename: motd.txt
`)}configs:
  - id: motd
    value: |
      open all day
`
    const first = await tenant.release({ web: 'slow' }, manifest)
    expect(first.status, JSON.stringify(first.cause)).toBe('succeeded')
    expect(await tenant.answer('/file/etc/shop/motd.txt')).toBe('open all day')
    expect(await tenant.answer('/file/scratch/note-of-init')).toBe('was here')
    expect(await tenant.answer('/file/scratch/note-of-hook')).toBe('was here')
    const next = await tenant.release({ web: 'serve' }, manifest.replace('all day', 'from nine'))
    expect(next.status, JSON.stringify(next.cause)).toBe('succeeded')
    expect(await tenant.answer('/file/etc/shop/motd.txt')).toBe('open from nine')
  },
}

const agent: Play = {
  title: 'an agent that crashes on its node takes the release back, and the old agent runs again',
  app: 'agent',
  act: async (tenant, { kube }) => {
    const good = await tenant.release({ web: 'serve', logs: 'work' }, `${webManifest()}  logs:\n    build: .\n    agent: true\n${small}`)
    expect(good.status, JSON.stringify(good.cause)).toBe('succeeded')
    const before = await podsOf(kube, tenant.namespace, 'logs')
    expect(before).not.toEqual([])
    expect(before.every(({ release, ready }) => release === good.release.id && ready)).toBe(true)
    // Without a check it counts as ready while it runs, and a busy kubelet tells late that it does not.
    await tenant.params({ stability: '60s' })
    const bad = await tenant.release({ web: 'serve', logs: 'crash' })
    expect(bad, JSON.stringify(bad.cause)).toMatchObject({ status: 'rolled_back', cause: { kind: 'crashed_at_start', service: 'logs' } })
    const after = await podsOf(kube, tenant.namespace, 'logs')
    expect(after).toHaveLength(before.length)
    expect(after.every(({ release, ready }) => release === good.release.id && ready), JSON.stringify(after)).toBe(true)
    expect(await tenant.answer()).toBe(`${good.release.id} hello`)
  },
}

const timer: Play = {
  title: 'a timer of the release runs by the minute, in the image and the env of its service',
  app: 'timer',
  act: async (tenant, { kube }) => {
    const manifest = `${webManifest()}timers:
  clean:
    schedule: "* * * * *"
    command: migrate
    service: web
`
    const good = await tenant.release({ web: 'serve' }, manifest)
    expect(good.status, JSON.stringify(good.cause)).toBe('succeeded')
    const run = async () => (await podsOf(kube, tenant.namespace, 'clean')).find(({ phase }) => phase === 'Succeeded')
    const { pod, release } = await waitFor(() => 'a run of the timer', run)
    expect(release).toBe(good.release.id)
    expect(await kube.text(`/api/v1/namespaces/${tenant.namespace}/pods/${pod}/log`)).toMatch(/migrating with .*\bGREETING\b/)
  },
}

export const furnishedPlays: readonly Play[] = [timer, mounts, agent]
