import { expect } from 'vitest'
import type { Play } from '../play.ts'
import { webManifest } from '../tenant.ts'

const goodPromote: Play = {
  title: 'a good release answers over HTTP, and then the next one does',
  app: 'good',
  act: async (tenant) => {
    const first = await tenant.release({ web: 'serve' }, webManifest())
    expect(first.status).toBe('succeeded')
    expect(await tenant.answer()).toBe(`${first.release.id} hello`)
    const next = await tenant.release({ web: 'serve' })
    expect(next.status).toBe('succeeded')
    expect(next.release.id).not.toBe(first.release.id)
    expect(await tenant.answer()).toBe(`${next.release.id} hello`)
  },
}

const envChange: Play = {
  title: 'an env change reaches the process, and going back takes it away again',
  app: 'env',
  act: async (tenant, { operations }) => {
    const { app, caller } = tenant
    const first = await tenant.release({ web: 'serve' }, webManifest())
    const changed = await operations.changeEnv(caller, { app, set: [['GREETING', 'bye & "good" luck']], unset: [], replace: false, base: null })
    expect((await tenant.ended(await tenant.promote(changed.release))).status).toBe('succeeded')
    expect(await tenant.answer()).toBe(`${changed.release} bye & "good" luck`)
    const back = await operations.rollback(caller, { app, release: first.release.id })
    expect((await tenant.ended(back.promotion.id)).status).toBe('succeeded')
    expect(await tenant.answer()).toBe(`${back.release} hello`)
  },
}

const slowStart: Play = {
  title: 'a release that takes eight seconds to be ready is waited for',
  app: 'slow',
  act: async (tenant) => {
    await tenant.release({ web: 'serve' }, webManifest())
    const slow = await tenant.release({ web: 'slow' }, webManifest().replace('grace: 0', 'grace: 10'))
    expect(slow.status, JSON.stringify(slow.cause)).toBe('succeeded')
    expect(await tenant.answer()).toBe(`${slow.release.id} hello`)
  },
}

export const servingPlays: readonly Play[] = [goodPromote, envChange, slowStart]
