import { beforeAll, describe, expect, it } from 'vitest'
import { totalsOfReleases } from '../../src/db/releases.ts'
import type { Books, Rack } from '../../src/rack/context.ts'
import { createFrom } from '../../src/rack/create-from.ts'
import { changeEnv } from '../../src/rack/env.ts'
import { importImage } from '../../src/rack/import-image.ts'
import type { Caller } from '../../src/rack/operations.ts'
import { actingAs, appWithRelease, booksOn, releaseOf } from '../support/books.ts'
import { databaseHere } from '../support/database.ts'

describe('the first half of a delivery that is done again after a crash', () => {
  const database = databaseHere()
  let rack: Books & Pick<Rack, 'resolveImage'>

  beforeAll(() => {
    rack = {
      ...booksOn(database.db, 'prod', { roles: new Map(), groups: new Map() }),
      resolveImage: ({ repository }) => Promise.resolve({ kind: 'resolved', reference: `${repository}@sha256:${'a'.repeat(64)}`, digest: `sha256:${'a'.repeat(64)}` }),
    }
  })

  const makers: readonly [string, (caller: Caller, app: string, release: string) => Promise<{ readonly release: string }>][] = [
    ['env set --promote', (caller, app) => changeEnv(rack, caller, { app, set: [['A', '1']], unset: [], replace: false, base: null })],
    ['releases create-from --promote', (caller, app, release) => createFrom(rack, caller, { app, buildFrom: release, activeBuild: false, envFrom: release, activeEnv: false })],
    ['deploy', (caller, app) => importImage(rack, caller, { app, image: 'shop:1', images: [], description: null, gitSha: null, message: null, base: null, manifest: null })],
  ]

  it.each(makers)('%s finds the release it made, and makes no other', async (_command, make) => {
    const { app, release } = await appWithRelease(rack)
    const caller = { ...actingAs('U0ANA'), firstHalfOf: `envelope-${app}` }
    const first = await make(caller, app, release)
    expect(await make(caller, app, release)).toMatchObject({ release: first.release })
    expect((await totalsOfReleases(rack.db, 'prod', app, 100, null)).total).toBe(2)
    // Another delivery is another wish; and what is asked for as a whole is never taken for a half.
    const other = { ...actingAs('U0ANA'), firstHalfOf: `other-${app}` }
    await releaseOf(rack, app, { B: '2' })
    expect((await make(other, app, release)).release).not.toBe(first.release)
  })

  it('of another app is not found', async () => {
    const [one, two] = [await appWithRelease(rack), await appWithRelease(rack)]
    const caller = { ...actingAs('U0ANA'), firstHalfOf: 'envelope-of-one' }
    const set = (app: string) => changeEnv(rack, caller, { app, set: [['A', '1']], unset: [], replace: false, base: null })
    await set(one.app)
    await expect(set(two.app)).rejects.toThrow()
    expect((await totalsOfReleases(rack.db, 'prod', two.app, 100, null)).total).toBe(1)
  })
})
