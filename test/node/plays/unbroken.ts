import { expect } from 'vitest'
import type { Play } from '../play.ts'
import { waitFor, webManifest } from '../tenant.ts'

const manifest = `${webManifest()}  worker:
    build: .
    scale:
      count: 1
      cpu: 10
      memory: 32
    termination:
      grace: 2
`

/** Every answered request is a promise kept: the client repeats none, and follows the Service's EndpointSlices as a proxy of the cluster does. */
const rolledBack: Play = {
  title: 'no request fails while a release is promoted, rolled back for another service of it, and cancelled',
  app: 'unbroken',
  act: async (tenant, { operations }) => {
    const first = await tenant.release({ web: 'serve', worker: 'work' }, manifest)
    expect(first.status).toBe('succeeded')
    const endpoints = tenant.endpoints('web')
    await tenant.answer()
    const traffic = tenant.traffic(endpoints)
    const served = async (release: string): Promise<void> => {
      await waitFor(() => `an answer of ${release}`, () => (traffic.releases.includes(release) || traffic.failures.length > 0 ? true : undefined))
    }
    try {
      const good = await tenant.release({ web: 'serve', worker: 'work' })
      expect(good.status).toBe('succeeded')
      await tenant.params({ stability: '15s' })
      // Its web is fine and takes over; its worker is not, so both go back.
      const bad = await tenant.release({ web: 'serve', worker: 'work-then-exit' })
      expect({ status: bad.status, service: bad.cause?.service }, JSON.stringify(bad.cause)).toEqual({ status: 'rolled_back', service: 'worker' })
      await served(bad.release.id)
      expect(await tenant.answer()).toBe(`${good.release.id} hello`)

      const stopped = await tenant.promote(await tenant.import({ web: 'serve', worker: 'work' }))
      const moving = await tenant.until(stopped, 'stable', ({ progress }) => progress?.phase === 'stable')
      await served(moving.release.id)
      await operations.cancel(tenant.caller, { promotion: stopped })
      expect((await tenant.ended(stopped)).status).toBe('rolled_back')
      expect(await tenant.answer()).toBe(`${good.release.id} hello`)
      expect(traffic.releases).toEqual([first.release.id, good.release.id, bad.release.id, moving.release.id])
    } finally {
      await traffic.end()
      await endpoints.end()
    }
    expect(traffic.failures).toEqual([])
    expect(traffic.answered()).toBeGreaterThan(1_000)
  },
}

export const unbrokenPlays: readonly Play[] = [rolledBack]
