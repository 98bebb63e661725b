import { expect } from 'vitest'
import type { CauseKind } from '../../../src/rack/cause.ts'
import type { Play } from '../play.ts'
import type { Life } from '../stage.ts'
import { webManifest } from '../tenant.ts'

interface Failing {
  readonly title: string
  readonly app: string
  readonly life: Life
  readonly manifest?: string
  /** Params once the first release is proven. */
  readonly params?: Readonly<Record<string, string>>
  readonly kind: CauseKind
  /** End of the card's line. */
  readonly says: string
  /** Words of the container's own log, in the notice. */
  readonly log?: string
}

const failing: readonly Failing[] = [
  { title: 'crashes at start', app: 'crash', life: 'crash', kind: 'crashed_at_start', says: 'web crashed at start (exit 1)', log: 'DATABASE_URL is not set' },
  { title: 'eats more memory than it may', app: 'oom', life: 'eat', kind: 'out_of_memory', says: 'web out of memory', log: 'loading the whole catalogue' },
  { title: 'is never ready', app: 'never', life: 'never-ready', kind: 'never_ready', says: 'web never became ready' },
  {
    title: 'exits once it is ready', app: 'exits', life: 'exit-after-ready', params: { stability: '30s' },
    kind: 'exits_once_ready', says: 'web exits once ready (exit 7)', log: 'the queue is gone',
  },
  {
    title: 'fails its liveness check', app: 'liveness', life: 'liveness', params: { stability: '30s' },
    manifest: webManifest(`    termination:
      grace: 2
    liveness:
      path: /live
      grace: 0
      interval: 1
      timeout: 4
      failureThreshold: 2
`),
    kind: 'liveness_restarts', says: 'web restarted by its liveness check', log: 'listening on 5000',
  },
]

const playOf = ({ title, app, life, manifest, params, kind, says, log }: Failing): Play => ({
  title: `a release that ${title} goes back by itself and says why`,
  app,
  act: async (tenant) => {
    const good = await tenant.release({ web: 'serve' }, webManifest())
    expect(good.status).toBe('succeeded')
    if (params !== undefined) await tenant.params(params)
    const bad = await tenant.release({ web: life }, manifest)
    expect(bad, JSON.stringify(bad.cause)).toMatchObject({ status: 'rolled_back', cause: { kind, service: 'web' } })
    expect(bad.cause?.process).toMatch(/^web-/)
    expect(await tenant.answer()).toBe(`${good.release.id} hello`)
    const { card, text } = await tenant.notice(bad.release.id)
    expect(card).toBe(`Rolled back: ${app} runs ${good.release.id} again; ${bad.release.id} failed: ${says}.`)
    expect(text).toContain(`ERROR: rolled back to ${good.release.id}: ${says}`)
    if (log !== undefined) expect(text).toContain(log)
  },
})

const missingImage: Play = {
  title: 'a release whose image went from the registry goes back by itself and says why',
  app: 'missing',
  act: async (tenant, stage) => {
    const good = await tenant.release({ web: 'serve' }, webManifest())
    const image = await stage.image('serve')
    const release = await tenant.importImages({ web: image })
    await stage.registry.remove('app', image.slice(image.lastIndexOf(':') + 1))
    const bad = await tenant.ended(await tenant.promote(release))
    expect(bad, JSON.stringify(bad.cause)).toMatchObject({ status: 'rolled_back', cause: { kind: 'image_not_found' } })
    expect(await tenant.answer()).toBe(`${good.release.id} hello`)
    expect((await tenant.notice(release)).card).toContain('web image not found')
  },
}

const firstRelease: Play = {
  title: 'a first release that crashes leaves nothing running',
  app: 'first',
  act: async (tenant, { kube }) => {
    const bad = await tenant.release({ web: 'crash' }, webManifest())
    expect(bad, JSON.stringify(bad.cause)).toMatchObject({ status: 'failed', cause: { kind: 'crashed_at_start' } })
    expect((await tenant.notice(bad.release.id)).text).toContain('DATABASE_URL is not set')
    expect(await kube.get(`/apis/apps/v1/namespaces/${tenant.namespace}/deployments/web`)).toMatchObject({ spec: { replicas: 0 } })
    expect((await tenant.release({ web: 'serve' })).status).toBe('succeeded')
  },
}

export const failingPlays: readonly Play[] = [...failing.map(playOf), missingImage, firstRelease]
