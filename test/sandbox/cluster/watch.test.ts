import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listAt, mapAt, mapsAt, numberAt, textAt, type JsonMap } from '../../../sandbox/cluster/json.ts'
import { closeCluster, openCluster, type Client } from './client.ts'

let client: Client
beforeEach(async () => {
  client = await openCluster()
})
afterEach(() => closeCluster(client))

const secrets = '/api/v1/namespaces/demo/secrets'
const make = (name: string, labels: JsonMap = {}) => client.call('POST', secrets, { metadata: { name, labels } })
const version = async (): Promise<string> => textAt((await client.call('GET', secrets)).body, 'metadata', 'resourceVersion')
const brief = (event: JsonMap | undefined): string => `${textAt(event, 'type')} ${textAt(event, 'object', 'metadata', 'name')}`.trim()

describe('A list', () => {
  it('selects by labels and fields, and its items carry no kind', async () => {
    await make('a', { app: 'x', tier: 'front' })
    await make('b', { app: 'y' })
    await make('c')
    const names = async (query: string) => mapsAt((await client.call('GET', `${secrets}?${query}`)).body, 'items').map((item) => textAt(item, 'metadata', 'name'))
    expect(await names('labelSelector=app%3Dx')).toEqual(['a'])
    expect(await names('labelSelector=app+in+(x,y),tier!%3Dfront')).toEqual(['b'])
    expect(await names('labelSelector=!app')).toEqual(['c'])
    expect(await names('fieldSelector=metadata.name%3Db')).toEqual(['b'])
    expect(await names('fieldSelector=type!%3DOpaque')).toEqual([])
    const { body } = await client.call('GET', secrets)
    expect(textAt(body, 'kind')).toBe('SecretList')
    expect(mapsAt(body, 'items')[0]).not.toHaveProperty('kind')
  })

  it('comes in pages that all show the first moment', async () => {
    for (const name of ['a', 'b', 'c']) await make(name)
    const first = (await client.call('GET', `${secrets}?limit=2`)).body
    expect(numberAt(first, 'metadata', 'remainingItemCount')).toBe(1)
    await make('b2')
    const second = (await client.call('GET', `${secrets}?limit=2&continue=${textAt(first, 'metadata', 'continue')}`)).body
    expect(mapsAt(second, 'items').map((item) => textAt(item, 'metadata', 'name'))).toEqual(['c'])
    expect(textAt(second, 'metadata', 'resourceVersion')).toBe(textAt(first, 'metadata', 'resourceVersion'))
  })

  it('has no further pages once the history is compacted', async () => {
    for (const name of ['a', 'b']) await make(name)
    const first = (await client.call('GET', `${secrets}?limit=1`)).body
    client.cluster.compact()
    const late = await client.call('GET', `${secrets}?limit=1&continue=${textAt(first, 'metadata', 'continue')}`)
    expect([late.status, textAt(late.body, 'reason')]).toEqual([410, 'Expired'])
  })

  it('waits for a version from the future, then says it is too large', async () => {
    const current = Number(await version())
    const waiting = client.call('GET', `${secrets}?resourceVersion=${current + 1}&resourceVersionMatch=NotOlderThan`)
    await make('a')
    expect(listAt((await waiting).body, 'items')).toHaveLength(1)
    const never = await client.call('GET', `${secrets}?resourceVersion=${current + 1000}`)
    expect(never.status).toBe(504)
    expect(never.message).toContain('Too large resource version')
  })
})

describe('A watch', () => {
  it('goes on after a version, over all namespaces as well', async () => {
    await make('before')
    const watch = await client.watch(`/api/v1/secrets?watch=true&resourceVersion=${await version()}`)
    await make('a')
    await client.call('PATCH', `${secrets}/a`, { metadata: { labels: { l: '1' } } })
    await client.call('DELETE', `${secrets}/a`)
    expect([brief(await watch.next()), brief(await watch.next()), brief(await watch.next())]).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a'])
    await watch.close()
  })

  it('begins with everything there when no version is given', async () => {
    await make('a')
    const watch = await client.watch(`${secrets}?watch=true`)
    expect(brief(await watch.next())).toBe('ADDED a')
    await watch.close()
  })

  it('tells of objects that enter and leave a selection', async () => {
    await make('a')
    const watch = await client.watch(`${secrets}?watch=1&labelSelector=l%3D1&resourceVersion=${await version()}`)
    await client.call('PATCH', `${secrets}/a`, { metadata: { labels: { l: '1' } } })
    await client.call('PATCH', `${secrets}/a`, { metadata: { labels: { l: '2' } } })
    expect([brief(await watch.next()), brief(await watch.next())]).toEqual(['ADDED a', 'DELETED a'])
    await watch.close()
  })

  it('ends after timeoutSeconds with a bookmark', async () => {
    const watch = await client.watch(`${secrets}?watch=true&allowWatchBookmarks=true&timeoutSeconds=1&resourceVersion=${await version()}`)
    const bookmark = await watch.next()
    expect(textAt(bookmark, 'type')).toBe('BOOKMARK')
    expect(textAt(bookmark, 'object', 'kind')).toBe('Secret')
    expect(await watch.next()).toBeUndefined()
  })

  it('can send the initial events and mark their end', async () => {
    await make('a')
    const watch = await client.watch(`${secrets}?watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`)
    expect(brief(await watch.next())).toBe('ADDED a')
    expect(mapAt(await watch.next(), 'object', 'metadata', 'annotations')).toEqual({ 'k8s.io/initial-events-end': 'true' })
    await watch.close()
  })

  it('is refused in its stream when the version is too old', async () => {
    const old = await version()
    await make('a')
    client.cluster.compact()
    const watch = await client.watch(`${secrets}?watch=true&resourceVersion=${old}`)
    const error = await watch.next()
    expect([watch.status, textAt(error, 'type'), numberAt(error, 'object', 'code'), textAt(error, 'object', 'reason')]).toEqual([200, 'ERROR', 410, 'Expired'])
    expect(await watch.next()).toBeUndefined()
  })

  it('or with HTTP 410 where asked to', async () => {
    const old = await version()
    await make('a')
    client.cluster.compact('status')
    expect((await client.call('GET', `${secrets}?watch=true&resourceVersion=${old}`)).status).toBe(410)
  })

  it('can be ended by the server', async () => {
    const watch = await client.watch(`${secrets}?watch=true&resourceVersion=${await version()}`)
    client.cluster.endWatches()
    expect(await watch.next()).toBeUndefined()
  })
})
