import { expect } from 'vitest'
import type { Traffic } from '../endpoints.ts'
import type { Play } from '../play.ts'
import { waitFor, webManifest, type Tenant } from '../tenant.ts'

const manifest = `${webManifest()}  worker:
    build: .
    scale:
      count: 1
      cpu: 10
      memory: 32
    termination:
      grace: 2
`

/** `web` with one release, and a client that repeats no request and follows the EndpointSlices of its k8s Service as a proxy of the cluster does. */
const underTraffic = async (tenant: Tenant, moves: (traffic: Traffic, served: (release: string) => Promise<void>) => Promise<void>): Promise<void> => {
  const endpoints = tenant.endpoints('web')
  await tenant.answer()
  const traffic = tenant.traffic(endpoints)
  try {
    await moves(traffic, async (release) => {
      const isKnown = () => traffic.releases.includes(release) || traffic.failures.length > 0
      await waitFor(() => `an answer of ${release}`, () => (isKnown() ? true : undefined))
    })
  } finally {
    await traffic.end()
    await endpoints.end()
  }
  expect(traffic.failures).toEqual([])
  expect(traffic.answered()).toBeGreaterThan(100)
}

const rolledBack: Play = {
  title: 'no request fails while a release is promoted, and another rolled back for its worker',
  app: 'unbroken',
  act: async (tenant) => {
    const first = await tenant.release({ web: 'serve', worker: 'work' }, manifest)
    expect(first.status).toBe('succeeded')
    await underTraffic(tenant, async (traffic, served) => {
      const good = await tenant.release({ web: 'serve', worker: 'work' })
      expect(good.status).toBe('succeeded')
      await tenant.params({ stability: '15s' })
      // Its web is fine and takes over; its worker is not, so both go back.
      const bad = await tenant.release({ web: 'serve', worker: 'work-then-exit' })
      expect(bad, JSON.stringify(bad.cause)).toMatchObject({ status: 'rolled_back', cause: { service: 'worker' } })
      await served(bad.release.id)
      expect(await tenant.answer()).toBe(`${good.release.id} hello`)
      expect(traffic.releases).toEqual([first.release.id, good.release.id, bad.release.id])
    })
  },
}

const cancelled: Play = {
  title: 'no request fails while a release that already serves is cancelled and goes back',
  app: 'cancelled',
  act: async (tenant, { operations }) => {
    const good = await tenant.release({ web: 'serve' }, webManifest())
    expect(good.status).toBe('succeeded')
    await tenant.params({ stability: '30s' })
    await underTraffic(tenant, async (traffic, served) => {
      const promotion = await tenant.promote(await tenant.import({ web: 'serve' }))
      const { release } = await tenant.until(promotion, 'stable', ({ progress }) => progress?.phase === 'stable')
      await served(release.id)
      await operations.cancel(tenant.caller, { promotion })
      expect((await tenant.ended(promotion)).status).toBe('rolled_back')
      expect(await tenant.answer()).toBe(`${good.release.id} hello`)
      expect(traffic.releases).toEqual([good.release.id, release.id])
    })
  },
}

const neverStarts: Play = {
  title: 'no request fails while a release that cannot run makes place for the old one',
  app: 'unstarted',
  act: async (tenant) => {
    const good = await tenant.release({ web: 'serve' }, webManifest())
    expect(good.status).toBe('succeeded')
    await underTraffic(tenant, async (traffic) => {
      const bad = await tenant.release({ web: 'crash' })
      expect(bad.status).toBe('rolled_back')
      expect(await tenant.answer()).toBe(`${good.release.id} hello`)
      expect(traffic.releases).toEqual([good.release.id])
    })
  },
}

export const unbrokenPlays: readonly Play[] = [rolledBack, cancelled, neverStarts]
