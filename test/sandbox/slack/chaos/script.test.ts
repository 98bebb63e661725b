import { describe, expect, it } from 'vitest'
import { randomOf } from '../../../../sandbox/slack/chaos/random.ts'
import { actKinds, callKinds, chaosKinds, envelopeKinds, meetingsOf, scriptOf, scriptOfKinds, type ChaosKind } from '../../../../sandbox/slack/chaos/script.ts'
import { unleash } from '../../../../sandbox/slack/chaos/unleash.ts'
import { clientFor, closeAfterEach, general, releases, slackFor } from '../workspace.ts'

closeAfterEach()

const decided = { calls: 3, decided: true }
const undecided = { calls: 2, decided: false }
const ground = [decided, decided, decided, undecided, undecided]
/** What takes away a decider matters where somebody decides. */
const channelsFor = (kind: ChaosKind): readonly number[] => (kind === 'user deactivated' || kind === 'user group emptied' ? [0, 1, 2] : [0, 1, 2, 3, 4])

describe('a script', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(scriptOf(1234, ground)).toEqual(scriptOf(1234, ground))
    expect(scriptOf(1234, ground)).not.toEqual(scriptOf(1235, ground))
  })

  it.each([1, 2, 7, 13, 31, 96, 181])('lets each kind meet each channel in which it matters within twenty seeds, from %i on', (first) => {
    const met = new Set(Array.from({ length: 20 }, (_, index) => scriptOf(first + index, ground)).flatMap((script) => meetingsOf(script, ground).map(({ kind, channel }) => `${kind} in ${String(channel)}`)))
    expect([...met].toSorted()).toEqual(chaosKinds.flatMap((kind) => channelsFor(kind).map((channel) => `${kind} in ${String(channel)}`)).toSorted())
  })

  it('lets each act meet each trouble within a hundred seeds', () => {
    const met = new Set(Array.from({ length: 100 }, (_, index) => scriptOf(index + 1, ground).kinds.slice(0, 2).join(' with ')))
    expect([...met].toSorted()).toEqual(actKinds.flatMap((act) => [...callKinds, ...envelopeKinds].map((trouble) => `${act} with ${trouble}`)).toSorted())
  })

  it('has no more than one act in a channel, each before the last call that surely comes there', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const { acts } = scriptOf(seed, ground)
      expect(new Set(acts.map(({ channel }) => channel)).size).toBe(acts.length)
      for (const { channel, nth } of acts) expect(nth).toBeLessThanOrEqual(ground[channel]?.calls ?? 0)
    }
  })

  it('surely goes wrong with another call for each of its kinds', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const script = scriptOf(seed, ground)
      const surely = script.calls.slice(0, script.kinds.filter((kind) => callKinds.some((one) => one === kind)).length)
      expect(new Set(surely.map(({ method, nth }) => `${method} ${String(nth)}`)).size).toBe(surely.length)
    }
  })

  it.each(chaosKinds)('of one kind has something of it and nothing else: %s', (kind) => {
    const { calls, envelopes, acts } = scriptOfKinds([kind], 7, ground)
    const all = [...calls, ...envelopes, ...acts]
    expect(all.length).toBeGreaterThan(0)
    expect(new Set(all.map((rule) => rule.kind))).toEqual(new Set([kind]))
  })

  it('ends: nothing goes wrong for ever', () => {
    for (let seed = 1; seed <= 100; seed += 1) for (const rule of scriptOf(seed, ground).calls) expect(rule.most).toBeLessThanOrEqual(10)
  })

  it('goes wrong in the same way when it is played again, and not at all once it is stopped', async () => {
    const play = async (): Promise<readonly string[]> => {
      const slack = await slackFor()
      const chaos = unleash(scriptOfKinds(['HTTP 500', 'parent deleted'], 5, [undecided, undecided]), { slack, channels: [releases, general] })
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
