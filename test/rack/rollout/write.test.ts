import { describe, expect, it } from 'vitest'
import { ClusterRefusal, ClusterUnreachable } from '../../../src/rack/cluster/cluster-error.ts'
import type { PlainObject } from '../../../src/rack/cluster/objects.ts'
import { LeaseLostError } from '../../../src/rack/rollout/job.ts'
import { applyObject, persevere, whyRefused, type Writer } from '../../../src/rack/rollout/write.ts'

const web: PlainObject = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'convox-shop' } }
const stale = new ClusterRefusal(409, 'Conflict', 'the object has been modified')
const limits = { until: null, cancellable: true }

/** A job whose cluster says these things to its applies, one after the other, and what was asked of it. */
const writer = (answers: readonly (PlainObject | Error)[], there: readonly (string | null)[], slept: (applies: number) => boolean = () => false) => {
  const asked: string[] = []
  const sent: PlainObject[] = []
  const [saying, versions] = [[...answers], [...there]]
  const lost = new AbortController()
  const applies = () => asked.filter((one) => one.startsWith('apply')).length
  const job: Writer = {
    promotion: () => ({ id: 'PAAAAAAAAAA' }),
    lease: {
      epoch: 1, lost: lost.signal, cancelBy: () => null, look: () => Promise.resolve(), onNews: () => () => undefined, stop: () => undefined,
      remaining: () => {
        if (!slept(applies())) return 9_000
        // Nobody has told it yet: it finds out a moment later.
        setTimeout(() => lost.abort(), 50)
        return 0
      },
    },
    rack: {
      clock: () => new Date(0), cluster: { blindSince: () => null, confirm: () => Promise.resolve(true) },
      objects: {
        read: async () => {
          asked.push('read')
          const version = versions.shift() ?? null
          return version === null ? undefined : { ...web, metadata: { ...web.metadata, resourceVersion: version } }
        },
        apply: async (object, { resourceVersion }) => {
          sent.push(object)
          asked.push(`apply ${resourceVersion ?? 'new'}`)
          const answer = saying.shift()
          if (answer instanceof Error) throw answer
          return answer ?? web
        },
      },
    },
  }
  return { job, asked, sent }
}

describe('applying one object', () => {
  it.each([
    ['one that was seen, with its version', '7', [web], [], ['apply 7']],
    ['one that was seen not to be there, without', null, [web], [], ['apply new']],
    ['one that nobody looked at, after a look', undefined, [web], ['5'], ['read', 'apply 5']],
    ['one that nobody looked at and that is not there', undefined, [web], [null], ['read', 'apply new']],
    ['one that has changed meanwhile, as it is now', '7', [stale, web], ['8'], ['apply 7', 'read', 'apply 8']],
    ['one that is gone meanwhile, anew', '7', [new ClusterRefusal(404, 'NotFound', 'no'), web], [null], ['apply 7', 'read', 'apply new']],
  ] as const)('writes %s', async (_what, seen, answers, there, wanted) => {
    const { job, asked } = writer(answers, there)
    await applyObject(job, limits, web, seen)
    expect(asked).toEqual(wanted)
  })

  it('does not write over what changed meanwhile when that is somebody else\'s, and has been shown it', async () => {
    const { job, asked } = writer([stale, web], ['8'])
    const over = (there: PlainObject | undefined): never => {
      throw new Error(`theirs at ${String(there?.metadata.resourceVersion)}`)
    }
    await expect(applyObject(job, limits, web, '7', over)).rejects.toThrow('theirs at 8')
    expect(asked).toEqual(['apply 7', 'read'])
  })

  it('writes what it is told to write over what it was shown, and over what is gone', async () => {
    const { job, sent } = writer([stale, stale, web], ['8', null])
    const over = (there: PlainObject | undefined): PlainObject => ({ ...web, over: there?.metadata.resourceVersion ?? 'nothing' })
    await applyObject(job, limits, web, '7', over)
    expect(sent.map((object) => object['over'])).toEqual([undefined, '8', 'nothing'])
  })

  it('does not write over what changed while it slept, although nobody has told it yet that its lease is gone', async () => {
    const { job, asked } = writer([stale, web], ['8'], (applies) => applies > 0)
    await expect(applyObject(job, limits, web, '7')).rejects.toThrow(LeaseLostError)
    expect(asked).toEqual(['apply 7'])
  })
})

const down = new ClusterRefusal(500, 'InternalError', 'Internal error occurred: failed calling webhook "images.example.com": failed to call webhook: Post "https://images.svc": dial tcp: refused')

describe('what usually passes', () => {
  const ask = (answers: readonly Error[], refusing?: number) => {
    const { job, asked } = writer(answers, [])
    return { asked, ended: persevere(job, { ...limits, ...(refusing === undefined ? {} : { refusing }) }, (timeout) => job.rack.objects.apply(web, { force: true, timeout })) }
  }

  it('is tried again without an end where none is given', async () => {
    const { asked, ended } = ask([down, down])
    expect(await ended).toEqual(web)
    expect(asked).toHaveLength(3)
  })

  it('is the answer once it has lasted for as long as it may', async () => {
    const { asked, ended } = ask([down, down], 1)
    await expect(ended).rejects.toBe(down)
    expect(asked).toHaveLength(2)
  })

  it('is no answer where there was none', async () => {
    const { asked, ended } = ask([new ClusterUnreachable('GET /api', new Error('reset')), new ClusterUnreachable('GET /api', new Error('reset'))], 0)
    expect(await ended).toEqual(web)
    expect(asked).toHaveLength(3)
  })

  it.each([
    [down, 'the webhook images.example.com does not answer'],
    [new ClusterRefusal(429, 'TooManyRequests', 'too many requests, please try again later'), '429 TooManyRequests'],
    [new ClusterRefusal(503, '', 'hunter2 is not a value'), '503'],
  ])('is told in words of ours: %s', (error, words) => {
    expect(whyRefused(error)).toBe(words)
  })
})

describe('a limit', () => {
  const until = new Date(30_000)
  /** A cluster that answers nothing until `back`, asked by a clock that moves on by ten seconds with each question; how it ended, and at what second. */
  const persevered = async (back: number, view: { readonly blind: (now: number) => boolean; readonly blindMs?: (now: number) => number; readonly alive?: boolean }): Promise<string> => {
    let now = 0
    const { job } = writer([], [])
    let dead = false
    const rack: Writer['rack'] = {
      ...job.rack, clock: () => new Date(now),
      cluster: {
        blindSince: () => (dead || view.blind(now) ? new Date(0) : null),
        confirm: async () => {
          dead = view.alive === false
          return !dead
        },
      },
    }
    const { blindMs } = view
    const limit = { until, cancellable: true, ...(blindMs === undefined ? {} : { blindMs: () => blindMs(now) }) }
    const end = await persevere({ ...job, rack }, limit, async () => {
      now += 10_000
      if (now < back) throw new ClusterRefusal(503, 'ServiceUnavailable', 'later')
      return 'answered'
    }).catch((error: unknown) => (error instanceof Error ? error.message : 'nothing'))
    return `${end} ${now / 1_000}`
  }
  it.each([
    ['runs while the cluster is seen and refuses', 60_000, { blind: () => false }, 'deadline 30'],
    ['is never over while the cluster is not seen', 40_000, { blind: () => true }, 'answered 40'],
    ['is later by what was not seen', 60_000, { blind: (now: number) => now > 0 && now < 20_000, blindMs: () => 10_000 }, 'deadline 40'],
    ['is not over while nobody gets a sign of life', 40_000, { blind: () => false, alive: false }, 'answered 40'],
  ] as const)('%s', async (_what, back, view, wanted) => {
    expect(await persevered(back, view)).toBe(wanted)
  })
})
