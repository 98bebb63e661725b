import type { Http2ServerResponse } from 'node:http2'
import { afterEach, describe, expect, it } from 'vitest'
import { loadKubeConfig } from '../../../src/rack/cluster/credentials.ts'
import { backOff, startListWatch, type ListWatch } from '../../../src/rack/cluster/list-watch.ts'
import { openSession } from '../../../src/rack/cluster/session.ts'
import { answerJson, refuse, startScriptedServer, type Asked, type ScriptedServer } from './scripted-server.ts'

/** A busy machine may take its time: what counts is that it comes. */
const slowly = { timeout: 20_000, interval: 20 }

const pod = (name: string, version: number, more: object = {}) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'convox-shop', uid: name, resourceVersion: String(version) }, ...more })
const frame = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`
const list = (version: number, ...names: string[]) => ({ kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: String(version) }, items: names.map((name) => ({ metadata: pod(name, version).metadata })) })
const isWatch = ({ query }: Asked): boolean => query.get('watch') === 'true'

interface Watched { readonly watch: ListWatch; readonly server: ScriptedServer; readonly names: () => string[]; readonly log: string[]; readonly sights: (string | null)[]; readonly labels: Map<string, string> }

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** `watches` answers the nth watch, `lists` the nth list; the last one answers the rest. */
const watched = async (
  watches: readonly ((response: Http2ServerResponse, asked: Asked) => void)[], lists: readonly ((response: Http2ServerResponse, asked: Asked) => void)[] = [(response) => answerJson(response, 200, list(10))], optional = false,
): Promise<Watched> => {
  let [watchCount, listCount] = [0, 0]
  const server = await startScriptedServer((asked, response) => {
    if (!asked.path.endsWith('/pods')) return false
    if (isWatch(asked)) watches[Math.min(watchCount++, watches.length - 1)]?.(response, asked)
    else lists[Math.min(listCount++, lists.length - 1)]?.(response, asked)
    return true
  })
  const session = openSession(() => loadKubeConfig(server.kubeconfig))
  const stop = new AbortController()
  const kept = new Map<string, string>()
  const log: string[] = []
  const sights: (string | null)[] = []
  const watch: ListWatch = startListWatch<{ name: string; label: string }>(session, { apiVersion: 'v1', kind: 'Pod' }, {
    decode: ({ metadata }) => (metadata.name.startsWith('not-ours') ? undefined : { name: metadata.name, label: metadata.labels?.['who'] ?? '' }),
    reset: (all) => {
      kept.clear()
      for (const { name, label } of all) kept.set(name, label)
    },
    changed: ({ name, label }) => void kept.set(name, label),
    deleted: ({ name }) => void kept.delete(name),
  }, { signal: stop.signal, clock: () => new Date(), optional, log: (trouble) => void log.push(trouble), onSight: () => void sights.push(watch.blindSince() === null ? null : watch.trouble()) })
  closing.push(() => server.close(), () => session.close(), async () => stop.abort())
  return { watch, server, names: () => [...kept.keys()].sort(), log, sights, labels: kept }
}
const open = (...frames: string[]) => (response: Http2ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'application/json' })
  // An empty line sends the headers.
  response.write('\n')
  for (const each of frames) response.write(each)
}
const versions = (server: ScriptedServer): string[] => server.asked.filter(isWatch).map(({ query }) => query.get('resourceVersion') ?? '')
const lists = (server: ScriptedServer): Asked[] => server.asked.filter((asked) => asked.path.endsWith('/pods') && !isWatch(asked))

describe('one list+watch', () => {
  it('goes on where it was when the connection is cut in the middle of a line, and lists nothing anew', async () => {
    const half = frame('ADDED', pod('half', 12))
    const { server, names, watch } = await watched([
      (response) => {
        open(frame('ADDED', pod('a', 11)), half.slice(0, 40))(response)
        setTimeout(() => response.stream.destroy(new Error('cut')), 100)
      },
      open(half, frame('DELETED', pod('a', 13))),
    ])
    await expect.poll(names, slowly).toEqual(['half'])
    expect(versions(server)).toEqual(['10', '11'])
    expect(lists(server)).toHaveLength(1)
    expect(watch.blindSince()).toBeNull()
  })

  it('goes on from a bookmark when the server ends the watch, and was never blind', async () => {
    const { server, sights } = await watched([
      (response) => {
        open(frame('BOOKMARK', { kind: 'Pod', apiVersion: 'v1', metadata: { resourceVersion: '40' } }))(response)
        setTimeout(() => response.end(), 50)
      },
      open(),
    ])
    await expect.poll(() => versions(server), slowly).toEqual(['10', '40'])
    expect(sights).toEqual([null])
  })

  it('reads characters that are cut in two, and objects of a megabyte', async () => {
    const bytes = Buffer.from(frame('ADDED', { ...pod('umlaut', 11), metadata: { ...pod('umlaut', 11).metadata, labels: { who: 'Jürgen' } } }))
    const cut = bytes.indexOf(Buffer.from('ü')) + 1
    const { names, labels } = await watched([(response) => {
      open()(response)
      response.write(bytes.subarray(0, cut))
      setTimeout(() => {
        response.write(bytes.subarray(cut))
        response.write(frame('ADDED', pod('large', 12, { spec: { text: 'x'.repeat(1_000_000) } })))
      }, 50)
    }])
    await expect.poll(names, slowly).toEqual(['large', 'umlaut'])
    expect(labels.get('umlaut')).toBe('Jürgen')
  })

  it('thins out each page of a list before it asks for the next one', async () => {
    const { names, server } = await watched([open()], [
      (response) => answerJson(response, 200, { ...list(10, 'a', 'not-ours-1'), metadata: { resourceVersion: '10', continue: 'more' } }),
      (response) => answerJson(response, 200, list(10, 'not-ours-2', 'b')),
    ])
    await expect.poll(names, slowly).toEqual(['a', 'b'])
    expect(lists(server).map(({ query }) => [query.get('limit'), query.get('continue')])).toEqual([['500', null], ['500', 'more']])
  })

  it('is blind from a 410 until the new list is there', async () => {
    let give: (() => void) | undefined
    const { watch, names } = await watched(
      [(response) => {
        open()(response)
        setTimeout(() => response.write(frame('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 10 (99)' })), 50)
      }, open()],
      [(response) => answerJson(response, 200, list(10, 'old')), (response) => {
        give = () => answerJson(response, 200, list(99, 'new'))
      }],
    )
    await expect.poll(() => watch.trouble(), slowly).toBe('too old resource version: 10 (99)')
    expect(watch.blindSince()).not.toBeNull()
    await expect.poll(() => give, slowly).toBeDefined()
    expect(watch.blindSince()).not.toBeNull()
    give?.()
    await expect.poll(() => watch.blindSince(), slowly).toBeNull()
    expect(names()).toEqual(['new'])
  })

  it('lists ever more slowly when every version is too old', async () => {
    const { server, log, watch } = await watched([(response) => refuse(response, 410, 'Expired', 'too old')])
    await expect.poll(() => lists(server).length, slowly).toBe(5)
    const at = lists(server).map((asked) => asked.at)
    const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0))
    expect(gaps[1]).toBeGreaterThanOrEqual(200)
    expect(gaps[2]).toBeGreaterThanOrEqual(400)
    expect(gaps[3]).toBeGreaterThanOrEqual(800)
    expect(log.filter((line) => line === 'too old')).toHaveLength(1)
    expect(watch.blindSince()).not.toBeNull()
  })

  it.each<[string, (response: Http2ServerResponse) => void]>([
    ['an error in the stream', (response) => open(frame('ERROR', { kind: 'Status', code: 500, reason: 'InternalError', message: 'etcd is away' }))(response)],
    ['a refusal for now', (response) => refuse(response, 503, 'ServiceUnavailable', 'etcd is away')],
    ['a reset', (response) => response.stream.destroy(new Error('reset'))],
    ['words that are no JSON', (response) => open('etcd is away\n')(response)],
  ])('is blind after %s, and sees again on the next watch', async (_what, trouble) => {
    const { names, watch, server } = await watched([trouble, open(frame('ADDED', pod('a', 11)))])
    await expect.poll(names, slowly).toEqual(['a'])
    expect(watch.blindSince()).toBeNull()
    expect(versions(server)).toEqual(['10', '10'])
  })

  it('lists anew after one trouble too many at the same place', async () => {
    const { names, server } = await watched([open('no JSON\n'), open('no JSON\n'), open('no JSON\n'), open('no JSON\n'), open(frame('ADDED', pod('a', 11)))])
    await expect.poll(names, slowly).toEqual(['a'])
    expect(lists(server)).toHaveLength(2)
  })

  it('waits between lists that fail, says why once, and goes on', async () => {
    const failing = (response: Http2ServerResponse): void => refuse(response, 503, 'ServiceUnavailable', 'starting up')
    const { names, log, watch } = await watched([open()], [failing, failing, failing, (response) => answerJson(response, 200, list(10, 'a'))])
    await expect.poll(() => watch.trouble(), slowly).toBe('starting up')
    await expect.poll(names, slowly).toEqual(['a'])
    expect(log).toEqual(['starting up'])
    await expect.poll(() => watch.blindSince(), slowly).toBeNull()
  })

  it('does without a kind that only explains when it may not be seen, and is blind without one that decides', async () => {
    const denying = (response: Http2ServerResponse): void => refuse(response, 403, 'Forbidden', 'pods is forbidden')
    const helpful = await watched([open()], [denying], true)
    await expect.poll(() => helpful.watch.denied(), slowly).toBe('pods is forbidden')
    expect(helpful.watch.blindSince()).toBeNull()
    expect(helpful.sights).toEqual([null])
    const needed = await watched([open()], [denying], false)
    await expect.poll(() => needed.watch.trouble(), slowly).toBe('pods is forbidden')
    expect(needed.watch.blindSince()).not.toBeNull()
    expect(needed.watch.denied()).toBeNull()
  })
})

it('backs off from nothing to ten seconds, with half as much again by chance', () => {
  const between = [[0, 0], [200, 300], [400, 600], [800, 1_200], [1_600, 2_400], [3_200, 4_800], [6_400, 9_600], [10_000, 15_000], [10_000, 15_000]] as const
  for (const [attempt, [least, most]] of between.entries()) {
    expect(backOff(attempt)).toBeGreaterThanOrEqual(least)
    expect(backOff(attempt)).toBeLessThanOrEqual(most)
  }
})
