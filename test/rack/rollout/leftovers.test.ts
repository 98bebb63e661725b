import { describe, expect, it } from 'vitest'
import { ClusterRefusal, ClusterUnreachable } from '../../../src/rack/cluster/cluster-error.ts'
import type { PlainObject } from '../../../src/rack/cluster/objects.ts'
import { withoutLeftovers, type Restorer } from '../../../src/rack/rollout/leftovers.ts'

const running = (image: string) => ({ containers: [{ name: 'main', image }] })
const templates = {
  proven: { spec: running('shop:1') }, left: { metadata: { annotations: { edited: 'by hand' } }, spec: running('shop:1') }, theirs: { spec: running('shop:9') },
} as const
const web = (template: keyof typeof templates, generation: number, uid = 'u1'): PlainObject =>
  ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'convox-shop', uid, generation }, spec: { template: templates[template] } })
const otherwise = new ClusterRefusal(422, 'Invalid', 'testing value /metadata/generation failed: test failed')
const stale = new ClusterRefusal(409, 'Conflict', 'the object has been modified')
const denied = new ClusterRefusal(403, 'Forbidden', 'denied')
const unheard = new ClusterUnreachable('PATCH', new Error('reset'))

/** A job whose cluster answers these to its patches, and shows these to its reads; what was asked. */
const restorer = (answers: readonly (PlainObject | Error)[], there: readonly (PlainObject | undefined)[]) => {
  const asked: string[] = []
  const [saying, showing] = [[...answers], [...there]]
  const job: Restorer = {
    promotion: () => ({ id: 'PAAAAAAAAAA' }),
    lease: {
      epoch: 1, lost: new AbortController().signal, cancelBy: () => null, look: () => Promise.resolve(), onNews: () => () => undefined, stop: () => undefined,
      remaining: () => 9_000,
    },
    rack: {
      clock: () => new Date(0), cluster: { blindSince: () => null, confirm: () => Promise.resolve(true) }, log: { info: () => undefined },
      objects: {
        read: async () => {
          asked.push('read')
          return showing.shift()
        },
        apply: () => Promise.reject(new Error('nothing is applied here')),
        patchJson: async (_name, operations) => {
          asked.push(`patch ${operations.filter(({ op }) => op === 'test').map(({ value }) => String(value)).join(' ')}`)
          const answer = saying.shift()
          if (answer === undefined || answer instanceof Error) throw answer ?? new Error('asked too often')
          return answer
        },
      },
    },
  }
  return { asked, restored: () => withoutLeftovers(job, { until: null, cancellable: false }, web('left', 3), templates.proven) }
}

describe('the proven template is put back', () => {
  it.each<[string, (PlainObject | Error)[], (PlainObject | undefined)[], string[], PlainObject]>([
    ['at once while nobody writes', [web('proven', 4)], [], ['patch u1 3'], web('proven', 4)],
    ['where only its controllers or an autoscaler wrote', [otherwise, web('proven', 5)], [web('left', 4)], ['patch u1 3', 'read', 'patch u1 4'], web('proven', 5)],
    ['where something came in between', [stale, web('proven', 4)], [web('left', 3)], ['patch u1 3', 'read', 'patch u1 3'], web('proven', 4)],
    [
      'however often they write', [otherwise, otherwise, web('proven', 6)], [web('left', 4), web('left', 5)],
      ['patch u1 3', 'read', 'patch u1 4', 'read', 'patch u1 5'], web('proven', 6),
    ],
    ['and taken as it is when the answer to that was lost', [unheard, otherwise], [web('proven', 4)], ['patch u1 3', 'patch u1 3', 'read'], web('proven', 4)],
    ['but not over what somebody else wrote just now', [otherwise], [web('theirs', 4)], ['patch u1 3', 'read'], web('left', 3)],
    ['but not into what was made anew under that name', [otherwise], [web('left', 4, 'u2')], ['patch u1 3', 'read'], web('left', 3)],
    ['but not where it is gone', [otherwise], [undefined], ['patch u1 3', 'read'], web('left', 3)],
  ])('%s', async (_what, answers, there, wanted, end) => {
    const { asked, restored } = restorer(answers, there)
    expect(await restored()).toEqual(end)
    expect(asked).toEqual(wanted)
  })

  it.each<[string, (PlainObject | Error)[], PlainObject[], Error]>([
    ['for good', [denied], [], denied],
    ['because it is not valid there any more: what was tested is as it was', [otherwise], [web('left', 3)], otherwise],
  ])('or the refusal is told where the cluster does not take it %s', async (_why, answers, there, error) => {
    await expect(restorer(answers, there).restored()).rejects.toBe(error)
  })
})
