import { badRequest, expired, Failure } from '../failure.ts'
import { selected } from '../fields/selectors.ts'
import { isMap, numberAt, parseJson, textAt, type JsonMap } from '../json.ts'
import type { KubeObject } from '../object.ts'
import { apiVersionOf } from '../resources.ts'
import type { Store } from '../store.ts'
import type { Target } from './route.ts'

/** Later pages of lists, which have to show the state of the first one. */
export interface Pages {
  forget(): void
  read(store: Store, target: Target, query: URLSearchParams): JsonMap
}

/** How long a request waits for a version that does not exist yet, in ms. */
export const freshnessWait = 3000

const tooLarge = (wanted: number, current: number): Failure =>
  new Failure(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${current}`, { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }], retryAfterSeconds: 1 }, { 'retry-after': '1' })

/** The `resourceVersion` of a query as a number; undefined when absent. Throws 400. */
export const versionAsked = (query: URLSearchParams): number | undefined => {
  const text = query.get('resourceVersion') ?? ''
  if (text === '') return undefined
  if (!/^\d+$/.test(text)) throw badRequest(`invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}

/** Waits a little for a version from the future. Throws 504 when it does not come. */
export const waitFor = async (store: Store, version: number | undefined): Promise<void> => {
  if (version === undefined || version <= store.version()) return
  const arrived = await new Promise<boolean>((resolve) => {
    const finish = (reached: boolean): void => {
      clearTimeout(timer)
      stop()
      resolve(reached)
    }
    const timer = setTimeout(() => finish(false), freshnessWait)
    const stop = store.subscribe((change) => {
      if (change.version >= version) finish(true)
    })
  })
  if (!arrived) throw tooLarge(version, store.version())
}

/** An item of a list carries no kind of its own. */
const item = (object: KubeObject): JsonMap => {
  const { kind: _, apiVersion: __, ...rest } = object
  return rest
}

export const createPages = (): Pages => {
  let snapshots = new Map<string, KubeObject[]>()
  let next = 0
  return {
    forget: () => {
      snapshots = new Map()
    },
    read: (store, target, query) => {
      const labels = query.get('labelSelector') ?? ''
      const fields = query.get('fieldSelector') ?? ''
      const matches = selected(target.resource.key, labels, fields)
      const token = query.get('continue') ?? ''
      let version = store.version()
      let rows: KubeObject[]
      if (token === '') rows = store.list(target.resource.key, target.namespace === '' ? undefined : target.namespace).filter(matches)
      else {
        const decoded = Buffer.from(token, 'base64url').toString('utf8')
        const state = decoded.startsWith('{"id":') ? parseJson(decoded) : undefined
        if (!isMap(state)) throw badRequest('invalid continue token: continue key is not valid')
        const kept = snapshots.get(textAt(state, 'id'))
        if (!kept) throw expired('The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.')
        rows = kept
        version = numberAt(state, 'version') ?? version
      }
      const limit = Number(query.get('limit') ?? '0') || rows.length
      const rest = rows.slice(limit)
      const metadata: JsonMap = { resourceVersion: String(version) }
      if (rest.length > 0) {
        next += 1
        snapshots.set(String(next), rest)
        metadata['continue'] = Buffer.from(JSON.stringify({ id: String(next), version })).toString('base64url')
        if (labels === '' && fields === '') metadata['remainingItemCount'] = rest.length
      }
      return { kind: `${target.resource.kind}List`, apiVersion: apiVersionOf(target.resource), metadata, items: rows.slice(0, limit).map(item) }
    },
  }
}
