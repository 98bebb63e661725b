import type postgres from 'postgres'
import type { Caller, Operations } from '../../src/rack/operations.ts'
import type { PromotionView } from '../../src/rack/promotion-view.ts'
import { isFinal } from '../../src/rack/promotion.ts'
import { channels, people } from '../../sandbox/world.ts'

export const requester: Caller = { actor: { id: people.ana.id, name: people.ana.name, role: 'admin' } }
export const approver: Caller = { actor: { id: people.bo.id, name: people.bo.name, role: 'admin' } }

/** Asks ten times a second, by the clock of this process, until the promotion has ended. */
export const ended = async (operations: Operations, promotion: string, seconds = 240): Promise<PromotionView> => {
  const until = Date.now() + seconds * 1000
  for (;;) {
    const view = await operations.promotionInfo(requester, { promotion })
    if (isFinal(view.status)) return view
    if (Date.now() > until) throw new Error(`${promotion} of ${view.app} is still ${view.status} after ${seconds} s`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Waits until all have ended, asking five times a second in one query. */
export const allEnded = async (sql: postgres.Sql, promotions: readonly string[], seconds = 240): Promise<void> => {
  const until = Date.now() + seconds * 1000
  for (;;) {
    const open = await sql`select id, app, status from promotions where id in ${sql([...promotions])} and finished_at is null`
    if (open.length === 0) return
    if (Date.now() > until) throw new Error(`not ended after ${String(seconds)} s: ${open.map((row) => `${String(row['id'])} of ${String(row['app'])}, ${String(row['status'])}`).join('; ')}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** Makes an app and promotes its first release; throws when that does not succeed. */
export const goodApp = async (operations: Operations, app: string, input: { readonly image: string; readonly manifest: string; readonly channel?: string; readonly params?: Readonly<Record<string, string>> }): Promise<void> => {
  await operations.createApp(requester, { app, channel: input.channel ?? channels.releases.id })
  await operations.setAppParams(requester, { app, params: Object.entries({ approvals: '0', stability: '1s', ...input.params }) })
  const release = await importAs(operations, app, `${input.image}:1.4.0`, input.manifest)
  const view = await ended(operations, (await operations.promote(requester, { app, release, deadlineSeconds: null, confirmed: [] })).id)
  if (view.status !== 'succeeded') throw new Error(`${app}: its first release ended ${view.status}: ${JSON.stringify(view.cause)}`)
}

/** A release of that image, of others for the services that are named; its id. */
export const importAs = async (operations: Operations, app: string, image: string, manifest: string | null, images: readonly (readonly [service: string, image: string])[] = []): Promise<string> =>
  (await operations.importImage(requester, { app, image, images, description: null, gitSha: null, message: null, base: null, manifest })).release
