import { createOperations } from '../../src/rack/create-operations.ts'
import { admin, channelFor, quickApp, quickImport, runningApp } from '../flows/promotions/quick-app.ts'
import type { Stage } from '../flows/promotions/stage.ts'
import type { Ending } from './endings.ts'
import { manifest } from './outcome.ts'

/** An app in its channel with what its promotion will be about, `secret` in its env: it runs its past, where it has one. */
export const setUp = async ({ world }: Stage, app: string, { before, tag, params }: Ending, secret: string): Promise<void> => {
  const channel = channelFor(app).id
  if (before === null) await quickApp(world, { app, channel })
  else await runningApp(world, { app, channel, manifest, params: { stability: '0s' } })
  await quickImport(world, app, tag, manifest)
  const { setAppParams, changeEnv } = createOperations(world.slipway().rack)
  await setAppParams(admin, { app, params: Object.entries(params) })
  await changeEnv(admin, { app, set: [['DATABASE_URL', `postgres://shop:${secret}@db/shop`]], unset: [], replace: false, base: null })
}
