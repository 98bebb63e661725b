import { describe, expect, it } from 'vitest'
import type { Api } from '../../../sandbox/kubelet/api.ts'
import { ApiFailure } from '../../../sandbox/kubelet/api.ts'
import { scenarios } from '../../../sandbox/kubelet/catalogue.ts'
import { eventRecorder } from '../../../sandbox/kubelet/event-recorder.ts'
import { nodeImages } from '../../../sandbox/kubelet/node-images.ts'
import { persist } from '../../../sandbox/kubelet/persist.ts'
import { watchPods } from '../../../sandbox/kubelet/pod-watch.ts'
import type { WirePod } from '../../../sandbox/kubelet/wire-pod.ts'
import { podOf } from './pod.ts'
import { virtualClock } from './virtual-clock.ts'

const never = new AbortController().signal

const apiOf = (some: Partial<Api>): Api => {
  const refuse = async () => {
    throw new ApiFailure(405, 'not expected')
  }
  return { get: refuse, text: refuse, post: refuse, patch: refuse, delete: refuse, watch: async function* () {}, close: async () => undefined, ...some }
}

describe('the pods of a node', () => {
  /** Follows a scripted API server: each watch is a list of frames or an error. */
  const follow = async (lists: string[][], watches: (object[] | Error)[]) => {
    const stop = new AbortController()
    const seen: string[] = []
    const asked: string[] = []
    const pod = (name: string, version: string): WirePod => ({
      ...podOf('good'),
      metadata: { ...podOf('good').metadata, name, uid: name, resourceVersion: version },
    })
    const api = apiOf({
      get: async () => {
        const names = lists.shift() ?? []
        seen.push('list')
        return { metadata: { resourceVersion: '10' }, items: names.map((name) => pod(name, '5')) }
      },
      watch: async function* (path) {
        asked.push(/resourceVersion=(\d+)/.exec(path)?.[1] ?? '')
        const next = watches.shift()
        if (next === undefined) return stop.abort()
        if (next instanceof Error) throw next
        yield* next
      },
    })
    await watchPods(
      api,
      'node-1',
      { onPod: (uid, found) => seen.push(found === undefined ? `-${uid}` : uid), onListed: () => undefined, log: () => undefined },
      stop.signal,
    )
    return { seen, asked }
  }
  const frame = (type: string, name: string, version: string) => ({
    type,
    object: { ...podOf('good'), metadata: { ...podOf('good').metadata, name, uid: name, resourceVersion: version } },
  })

  it('are watched on from the last version when a watch ends', async () => {
    const { seen, asked } = await follow([['a']], [[frame('ADDED', 'b', '11')], [frame('DELETED', 'a', '12')]])
    expect(seen).toEqual(['list', 'a', 'b', '-a'])
    expect(asked).toEqual(['10', '11', '12'])
  })

  it('are watched on from a bookmark', async () => {
    const { asked } = await follow([['a']], [[{ type: 'BOOKMARK', object: { metadata: { resourceVersion: '40' } } }]])
    expect(asked).toEqual(['10', '40'])
  })

  it.each([
    ['the version is too old', [{ type: 'ERROR', object: { code: 410, message: 'too old resource version' } }]],
    ['the connection breaks', new Error('read ECONNRESET')],
    ['the server is overloaded', new ApiFailure(429, 'slow down')],
  ])('are listed anew when %s, and what is gone is told', async (_why, trouble) => {
    const { seen } = await follow(
      [
        ['a', 'b'],
        ['b', 'c'],
      ],
      [trouble],
    )
    expect(seen).toEqual(['list', 'a', 'b', 'list', 'b', 'c', '-a'])
  })
})

describe('work on an API server that is away', () => {
  it.each([new Error('connect ECONNREFUSED'), new ApiFailure(503, 'etcd is away'), new ApiFailure(429, 'slow down')])(
    'is done again after %s',
    async (error) => {
      let tries = 0
      const work = async () => {
        if (++tries < 3) throw error
        return 'done'
      }
      expect(await persist(work, never)).toBe('done')
    },
  )

  it('ends with a refusal', async () => {
    await expect(persist(() => Promise.reject(new ApiFailure(403, 'forbidden')), never)).rejects.toThrow('forbidden')
  })

  it('ends with the kubelet', async () => {
    const stop = new AbortController()
    const work = persist(() => Promise.reject(new Error('connect ECONNREFUSED')), stop.signal)
    stop.abort(new Error('stopped'))
    await expect(work).rejects.toThrow('stopped')
  })
})

describe('the events of a node', () => {
  const record = async (times: number, options: { expired?: boolean; answerLost?: boolean; message?: (n: number) => string } = {}) => {
    const written: string[] = []
    const failures: string[] = []
    const api = apiOf({
      post: async (_path, body) => {
        written.push('created')
        if (options.answerLost === true) throw new ApiFailure(409, 'already exists')
        return body
      },
      patch: async (_path, body) => {
        if (options.expired === true) throw new ApiFailure(404, 'not found')
        written.push(`count ${'count' in body ? body.count : '?'}`)
        return body
      },
    })
    const recorder = eventRecorder(
      api,
      'node-1',
      () => 0,
      never,
      (line) => failures.push(line),
    )
    for (let n = 0; n < times; n++) recorder.record(podOf('good'), { type: 'Normal', reason: 'Pulled', message: options.message?.(n) ?? 'again' })
    await recorder.settled()
    return { written, failures }
  }

  it('raise the count of the same event', async () => {
    expect((await record(3)).written).toEqual(['created', 'count 2', 'count 3'])
  })

  it('are made anew when the first one has expired', async () => {
    expect((await record(2, { expired: true })).written).toEqual(['created', 'created'])
  })

  it('are counted on when the answer to the first was lost', async () => {
    expect(await record(2, { answerLost: true })).toEqual({ written: ['created', 'count 2'], failures: [] })
  })

  it('are one each when they say different things', async () => {
    expect((await record(2, { message: (n) => `number ${n}` })).written).toEqual(['created', 'created'])
  })
})

describe('the images of a node', () => {
  const pullAt = async (image: string, seconds: number, registry: 'present' | 'absent' | 'unreachable' = 'present') => {
    const clock = virtualClock()
    const images = nodeImages(clock, scenarios, async () => registry)
    await images.pull(image)
    await clock.advanceTo(seconds * 1000)
    return { pull: await images.pull(image), has: images.has(image) }
  }

  it.each([
    ['r.test/shop:1.0', 0, 'present', true, undefined],
    [
      'r.test/shop:1.0',
      0,
      'absent',
      false,
      'rpc error: code = NotFound desc = failed to pull and unpack image "r.test/shop:1.0": failed to resolve image: r.test/shop:1.0: not found',
    ],
    ['r.test/shop:1.0', 0, 'unreachable', false, expect.stringContaining('dial tcp: i/o timeout')],
    ['r.test/shop:badimage', 0, 'present', false, expect.stringContaining('not found')],
    ['r.test/shop:denied', 0, 'present', false, expect.stringContaining('authorization failed')],
    ['r.test/shop:pulllimit', 5, 'present', false, expect.stringContaining('https://r.test/v2/shop/manifests/pulllimit: 429 Too Many Requests')],
    ['r.test/shop:pulllimit', 21, 'present', true, undefined],
  ] as const)('%s after %i s with a registry that says %s', async (image, seconds, registry, has, cause) => {
    const result = await pullAt(image, seconds, registry)
    expect(result.has).toBe(has)
    expect(result.pull).toMatchObject(cause === undefined ? { outcome: 'pulled' } : { outcome: 'failed', cause })
  })
})
