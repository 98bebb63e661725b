import { expect } from 'vitest'
import { z } from 'zod'
import type { Play } from '../play.ts'
import { webManifest } from '../tenant.ts'

const events = z.looseObject({ items: z.array(z.looseObject({ involvedObject: z.looseObject({ name: z.string() }), count: z.number().nullish() })) })

const withCommand = (command: string): string => `${webManifest()}release:
  service: web
  command: ${command}
  deadline: 60
`

const migrates: Play = {
  title: 'a release command runs once before the processes are replaced, in the new image under the new env, and its words are in the thread',
  app: 'migrates',
  act: async (tenant, { kube }) => {
    await tenant.release({ web: 'serve' }, webManifest())
    const next = await tenant.release({ web: 'serve' }, withCommand('migrate'))
    expect(next.status, JSON.stringify(next.cause)).toBe('succeeded')
    expect(await tenant.answer()).toBe(`${next.release.id} hello`)
    const thread = await tenant.thread(next.release.id, 'applied 0002_second')
    expect(thread).toMatch(/migrating with .*\bGREETING\b.*\bRELEASE\b/)
    expect(thread.split('applied 0001_first')).toHaveLength(2)
    const made = 'involvedObject.kind%3DJob%2Creason%3DSuccessfulCreate'
    const { items } = events.parse(await kube.get(`/api/v1/namespaces/${tenant.namespace}/events?fieldSelector=${made}`))
    expect(items.map(({ involvedObject, count }) => [involvedObject.name, count ?? 1])).toEqual([[`release-${next.id.toLowerCase()}`, 1]])
  },
}

const fails: Play = {
  title: 'a release command that fails ends the promotion before any process is replaced',
  app: 'migrate-fails',
  act: async (tenant, { kube }) => {
    const good = await tenant.release({ web: 'serve' }, webManifest())
    const path = `/apis/apps/v1/namespaces/${tenant.namespace}/replicasets`
    const bad = await tenant.release({ web: 'serve' }, withCommand('migrate-fails'))
    expect(bad, JSON.stringify(bad.cause)).toMatchObject({ status: 'failed', cause: { kind: 'release_command_failed', exitCode: 1 } })
    expect(await tenant.answer()).toBe(`${good.release.id} hello`)
    expect(JSON.stringify(await kube.get(path))).not.toContain(bad.release.id)
    await tenant.thread(bad.release.id, 'column shops.name does not exist')
  },
}

export const migratingPlays: readonly Play[] = [migrates, fails]
