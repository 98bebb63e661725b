import { describe, expect, it } from 'vitest'
import type { Scenario } from '../../../sandbox/kubelet/scenario.ts'
import { scenarios } from '../../../sandbox/kubelet/catalogue.ts'
import { flap } from '../../../sandbox/kubelet/scenarios/flap.ts'
import { badimage } from '../../../sandbox/kubelet/scenarios/pulls.ts'
import { slow } from '../../../sandbox/kubelet/scenarios/slow.ts'
import { eventsOf, firstNewPod, readRecording, statusesOf, timeOf } from './facts.ts'
import { play } from './played.ts'

/** The tags of the images that were recorded, with what they did. */
const recordedTags: Scenario[] = [
  { ...flap, tag: 'late' },
  { ...badimage, tag: 'nosuchtag' },
  { ...slow, tag: 'slow', runs: [{ ...slow.runs[0], servesAfter: 13_000 }] },
  ...scenarios,
]

/** What the eviction API adds before it deletes. */
const disrupted = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'EvictionByEvictionAPI',
  message: 'Eviction API: evicting',
  lastTransitionTime: '2026-11-21T01:49:31Z',
}

const cases: { name: string; pulled: boolean; ends?: string }[] = [
  { name: 'good', pulled: false },
  { name: 'crash', pulled: false },
  { name: 'oom', pulled: true },
  { name: 'exit-after-ready', pulled: false },
  { name: 'never-ready', pulled: false },
  { name: 'slow-start', pulled: true },
  { name: 'image-not-found', pulled: true },
  { name: 'invalid-image-name', pulled: false },
  { name: 'missing-secret', pulled: false },
  { name: 'missing-configmap-volume', pulled: false },
  { name: 'init-fails', pulled: false },
  { name: 'evicted-during', pulled: false, ends: 'EVICT' },
]

describe.each(cases)('a pod of the recording $name', ({ name, pulled, ends = 'ROLLBACK' }) => {
  const played = async () => {
    const recorded = readRecording(name)
    const pod = firstNewPod(recorded)
    const images = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map(({ image }) => image)
    const game = play(pod, recordedTags, pulled ? [] : images)
    // A good release is not rolled back: its pod lives on when the recording ends.
    const deleted = recorded.some((frame) => frame.kind === 'pods' && frame.gone && frame.pod.metadata.name === pod.metadata.name)
    const end = deleted ? timeOf(recorded, ends) : (recorded.at(-1)?.t ?? 0)
    await game.advanceTo(end)
    if (ends === 'EVICT') game.change((seen) => ({ ...seen, status: { ...seen.status, conditions: [...(seen.status.conditions ?? []), disrupted] } }))
    if (deleted) game.delete()
    await game.advanceTo(end + 10_000)
    return { recorded, game, pod }
  }

  it('has the same statuses in the same order', async () => {
    const { recorded, game, pod } = await played()
    expect(statusesOf(game.frames, pod.metadata.name)).toEqual(statusesOf(recorded, pod.metadata.name))
  })

  it('has the same events with the same counts', async () => {
    const { recorded, game, pod } = await played()
    expect(eventsOf(game.frames, pod)).toEqual(eventsOf(recorded, pod))
  })
})
