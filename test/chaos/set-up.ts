import { createOperations } from '../../src/rack/create-operations.ts'
import { admin, channelFor, quickApp, quickImport, runningApp } from '../flows/promotions/quick-app.ts'
import type { Stage } from '../flows/promotions/stage.ts'
import type { Ending } from './endings.ts'
import { manifest } from './outcome.ts'

/** An app in its channel with what its promotion will be about: it runs its past, where it has one. */
export const setUp = async ({ world }: Stage, app: string, { before, tag, params }: Ending): Promise<void> => {
  const channel = channelFor(app).id
  if (before === null) await quickApp(world, { app, channel })
  else await runningApp(world, { app, channel, manifest, params: { stability: '0s' } })
  await quickImport(world, app, tag, manifest)
  await createOperations(world.slipway().rack).setAppParams(admin, { app, params: Object.entries(params) })
}
