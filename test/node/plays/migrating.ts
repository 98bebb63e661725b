import { expect } from 'vitest'
import type { Play } from '../play.ts'
import { webManifest } from '../tenant.ts'

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
    expect(await kube.get(`/apis/batch/v1/namespaces/${tenant.namespace}/jobs/release-${next.id.toLowerCase()}`)).toMatchObject({ status: { succeeded: 1 } })
  },
}

const fails: Play = {
  title: 'a release command that fails ends the promotion before any process is replaced',
  app: 'migrate-fails',
  act: async (tenant, { kube }) => {
    const good = await tenant.release({ web: 'serve' }, webManifest())
    const path = `/apis/apps/v1/namespaces/${tenant.namespace}/replicasets`
    const bad = await tenant.release({ web: 'serve' }, withCommand('migrate-fails'))
    expect({ status: bad.status, kind: bad.cause?.kind, exitCode: bad.cause?.exitCode }, JSON.stringify(bad.cause)).toEqual({ status: 'failed', kind: 'release_command_failed', exitCode: 1 })
    expect(await tenant.answer()).toBe(`${good.release.id} hello`)
    expect(JSON.stringify(await kube.get(path))).not.toContain(bad.release.id)
    await tenant.thread(bad.release.id, 'column shops.name does not exist')
  },
}

export const migratingPlays: readonly Play[] = [migrates, fails]
