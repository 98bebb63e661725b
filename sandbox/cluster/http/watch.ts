import { expired, badRequest } from '../failure.ts'
import { selected } from '../fields/selectors.ts'
import type { JsonMap } from '../json.ts'
import { apiVersionOf } from '../resources.ts'
import type { Change, Store } from '../store.ts'
import { beginStream, type Exchange } from './exchange.ts'
import { versionAsked, waitFor } from './list.ts'
import type { Target } from './route.ts'

/** A quiet watch hears of the version this often (a real API server: about once a minute), in ms. */
const bookmarkEvery = 60_000
/** Without `timeoutSeconds` a watch lives this long (a real API server: 30 to 60 minutes), in ms. */
const longest = 1_800_000

export interface WatchOptions {
  /** How a version that is compacted away is told: in the stream (the default of a real server) or as HTTP 410. */
  tooOld: 'frame' | 'status'
  ended: Set<() => void>
}

/** Serves one watch until the client goes, its time is up, or the server ends it. */
export const serveWatch = async (store: Store, target: Target, exchange: Exchange, options: WatchOptions): Promise<void> => {
  const { query, response } = exchange
  const { resource } = target
  const matches = selected(resource.key, query.get('labelSelector') ?? '', query.get('fieldSelector') ?? '')
  const from = versionAsked(query)
  const initial = query.get('sendInitialEvents') === 'true'
  if (initial && query.get('resourceVersionMatch') !== 'NotOlderThan') {
    throw badRequest('ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
  }
  await waitFor(store, from)
  const bookmarks = query.get('allowWatchBookmarks') === 'true'
  const inScope = (change: Change): boolean => change.resource === resource.key && (target.namespace === '' || change.object.metadata.namespace === target.namespace)

  const current = from === undefined || from === 0 || initial
  const missed = current ? [] : store.since(from)
  const tooOld = expired(`too old resource version: ${from} (${store.version()})`)
  if (!missed && options.tooOld === 'status') throw tooOld

  beginStream(exchange, 'application/json')
  const send = (type: string, object: JsonMap): void => void response.write(`${JSON.stringify({ type, object })}\n`)
  if (!missed) {
    send('ERROR', tooOld.status())
    response.end()
    return
  }

  // An object enters and leaves a selection by changing.
  const deliver = (change: Change): void => {
    if (!inScope(change)) return
    const before = change.previous !== undefined && matches(change.previous)
    const after = change.type !== 'DELETED' && matches(change.object)
    if (before && after) send('MODIFIED', change.object)
    else if (after) send('ADDED', change.object)
    else if (before) send('DELETED', change.object)
  }
  const bookmark = (annotations?: JsonMap): void =>
    send('BOOKMARK', { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata: { resourceVersion: String(store.version()), creationTimestamp: null, ...(annotations && { annotations }) } })

  if (current) for (const object of store.list(resource.key, target.namespace === '' ? undefined : target.namespace)) if (matches(object)) send('ADDED', object)
  if (initial && bookmarks) bookmark({ 'k8s.io/initial-events-end': 'true' })
  for (const change of missed) deliver(change)

  await new Promise<void>((resolve) => {
    const finish = (): void => {
      stop()
      clearInterval(pulse)
      clearTimeout(end)
      options.ended.delete(finish)
      if (!response.writableEnded && !response.destroyed) response.end()
      resolve()
    }
    const stop = store.subscribe(deliver)
    const pulse = setInterval(() => {
      if (bookmarks) bookmark()
    }, bookmarkEvery)
    const seconds = Number(query.get('timeoutSeconds') ?? '0')
    const end = setTimeout(
      () => {
        if (bookmarks) bookmark()
        finish()
      },
      seconds > 0 ? seconds * 1000 : longest,
    )
    options.ended.add(finish)
    response.on('close', finish)
  })
}
