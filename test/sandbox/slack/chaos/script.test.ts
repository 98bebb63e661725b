import { describe, expect, it } from 'vitest'
import { randomOf } from '../../../../sandbox/slack/chaos/random.ts'
import { chaosKinds, scriptOf, scriptOfKinds } from '../../../../sandbox/slack/chaos/script.ts'
import { unleash } from '../../../../sandbox/slack/chaos/unleash.ts'
import { clientFor, closeAfterEach, general, releases, slackFor } from '../workspace.ts'

closeAfterEach()

const size = { channels: 5, people: 2 }

describe('a script', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(scriptOf(1234, size)).toEqual(scriptOf(1234, size))
    expect(scriptOf(1234, size)).not.toEqual(scriptOf(1235, size))
  })

  it('meets every kind within as many seeds as there are kinds', () => {
    const met = new Set(chaosKinds.flatMap((_, seed) => [...scriptOf(seed + 1, size).kinds]))
    expect([...met].toSorted()).toEqual([...chaosKinds].toSorted())
  })

  it.each(chaosKinds)('of one kind has something of it and nothing else: %s', (kind) => {
    const { calls, envelopes, acts } = scriptOfKinds([kind], 7, size)
    const all = [...calls, ...envelopes, ...acts]
    expect(all.length).toBeGreaterThan(0)
    expect(new Set(all.map((rule) => rule.kind))).toEqual(new Set([kind]))
  })

  it('ends: nothing goes wrong for ever', () => {
    for (let seed = 1; seed <= 100; seed += 1) for (const rule of scriptOf(seed, size).calls) expect(rule.most).toBeLessThanOrEqual(5)
  })

  it('goes wrong in the same way when it is played again, and not at all once it is stopped', async () => {
    const play = async (): Promise<readonly string[]> => {
      const slack = await slackFor()
      const chaos = unleash(scriptOfKinds(['HTTP 500', 'parent deleted'], 5, { channels: 2, people: 1 }), { slack, channels: [releases, general], people: [] })
      const client = clientFor(slack)
      const post = (text: string): Promise<unknown> => client.chat.postMessage({ channel: releases, text }).catch((error: unknown) => error)
      for (let count = 0; count < 9; count += 1) await post(String(count))
      chaos.stop()
      const before = chaos.occurred().length
      for (let count = 0; count < 5; count += 1) await client.chat.postMessage({ channel: general, text: 'calm' })
      expect(chaos.occurred()).toHaveLength(before)
      return chaos.occurred()
    }
    const first = await play()
    expect(first.length).toBeGreaterThan(1)
    expect(await play()).toEqual(first)
  })
})

describe('numbers by a seed', () => {
  it('stay in their range and use all of it', () => {
    const random = randomOf(3)
    const drawn = new Set(Array.from({ length: 500 }, () => random.between(2, 6)))
    expect([...drawn].toSorted()).toEqual([2, 3, 4, 5, 6])
    expect(() => random.pick([])).toThrow('nothing to pick from')
  })
})
