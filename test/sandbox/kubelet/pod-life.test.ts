import { describe, expect, it } from 'vitest'
import { scenarios } from '../../../sandbox/kubelet/catalogue.ts'
import { eventsOf, firstNewPod, readRecording, statusesOf } from './facts.ts'
import type { Play } from './played.ts'
import { play } from './played.ts'
import { podOf } from './pod.ts'

const main = (game: Play) => game.pod().status.containerStatuses?.[0]

/** The times (ms) at which the container was seen to begin a run. */
const starts = (frames: Play['frames']) => {
  const times: number[] = []
  let runs = -1
  for (const frame of frames) {
    if (frame.kind !== 'pods') continue
    const status = frame.pod.status.containerStatuses?.[0]
    if (status?.state.running === undefined || status.restartCount <= runs) continue
    runs = status.restartCount
    times.push(frame.t)
  }
  return times
}

describe('a pod of the scripted kubelet', () => {
  it('crashes, waits and starts again when a real one did, within two seconds', async () => {
    const recorded = readRecording('crash')
    const { name } = firstNewPod(recorded).metadata
    const theirs = starts(recorded.filter((frame) => frame.kind === 'pods' && frame.pod.metadata.name === name))
    const game = play(podOf('crash'), scenarios)
    await game.advanceTo(50_000)
    const ours = starts(game.frames)
    expect(ours).toHaveLength(theirs.length)
    ours.forEach((time, index) => expect(Math.abs(time - (theirs[index] ?? 0))).toBeLessThan(2_000))
  })

  it('waits 10, 20, 40, 80, 160 and then always 300 seconds between the runs of a crashing container', async () => {
    const game = play(podOf('crash'), scenarios)
    await game.advanceTo(1_500_000)
    const times = starts(game.frames)
    const gaps = times.slice(1).map((time, index) => Math.round((time - (times[index] ?? 0)) / 10_000) * 10)
    expect(gaps.slice(0, 9)).toEqual([0, 10, 20, 40, 80, 160, 300, 300, 300])
  })

  it('names long back-offs as Go prints durations', async () => {
    const game = play(podOf('crash'), scenarios)
    await game.advanceTo(1_500_000)
    const texts = game.frames.flatMap((frame) => (frame.kind === 'pods' ? [frame.pod.status.containerStatuses?.[0]?.state.waiting?.message] : []))
    const named = new Set(texts.flatMap((text) => /^back-off (\S+)/.exec(text ?? '')?.[1] ?? []))
    expect([...named]).toEqual(['10s', '20s', '40s', '1m20s', '2m40s', '5m0s'])
  })

  it.each([
    ['crash', 5_000],
    ['crash', 13_000],
    ['flap', 2_000],
    ['flap', 12_000],
    ['notready', 5_000],
    ['badimage', 20_000],
  ])('lives %s on when its kubelet is started anew after %i ms', async (tag, at) => {
    const whole = play(podOf(tag), scenarios)
    await whole.advanceTo(60_000)
    const cut = play(podOf(tag), scenarios)
    await cut.advanceTo(at)
    cut.restart()
    await cut.advanceTo(60_000)
    expect(main(cut)?.restartCount).toBe(main(whole)?.restartCount)
    expect(main(cut)?.lastState.terminated?.exitCode).toBe(main(whole)?.lastState.terminated?.exitCode)
    expect(cut.pod().status.podIP).toBe(whole.pod().status.podIP)
  })

  it('does not restart a good container when its kubelet is started anew', async () => {
    const game = play(podOf('good'), scenarios)
    await game.advanceTo(5_000)
    const id = main(game)?.containerID
    game.restart()
    await game.advanceTo(60_000)
    expect(main(game)).toMatchObject({ restartCount: 0, ready: true, containerID: id })
  })

  it('finishes the deletion that its predecessor began', async () => {
    const game = play(podOf('good'), scenarios)
    await game.advanceTo(5_000)
    game.delete()
    game.restart()
    await game.advanceTo(20_000)
    expect(statusesOf(game.frames, 'web-1').at(-1)).toBe('gone')
  })

  it.each([
    [{ preStop: { sleep: { seconds: 5 } } }, 5_130],
    [{ preStop: { exec: { command: ['sh', '-c', 'sleep 3'] } } }, 3_130],
    [undefined, 130],
  ])('stops its container after the hook %j', async (lifecycle, after) => {
    const game = play(podOf('good', lifecycle === undefined ? {} : { lifecycle }), scenarios)
    await game.advanceTo(5_000)
    game.change((pod) => ({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-11-21T01:46:40Z', deletionGracePeriodSeconds: 30 } }))
    await game.advanceTo(5_000 + after - 1)
    expect(main(game)).toMatchObject({ ready: true, state: { running: {} } })
    await game.advanceTo(5_000 + after + 1)
    expect(main(game)?.state.terminated?.exitCode).toBe(2)
  })

  it('is failed as Evicted by a node without room, stays so through a restart, and is removed when it is deleted', async () => {
    const game = play(podOf('good'), scenarios)
    await game.advanceTo(5_000)
    game.life.evict('The node was low on resource: memory. ')
    await game.advanceTo(6_000)
    expect(game.pod().status).toMatchObject({ phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory. ' })
    expect(game.pod().status.conditions).toContainEqual(expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet' }))
    expect(main(game)?.state.terminated?.exitCode).toBe(137)
    game.restart()
    await game.advanceTo(60_000)
    expect(game.pod().status.phase).toBe('Failed')
    expect(main(game)?.restartCount).toBe(0)
    game.delete()
    await game.advanceTo(80_000)
    expect(statusesOf(game.frames, 'web-1').at(-1)).toBe('gone')
  })

  it('kills a container whose hook outlasts the grace period', async () => {
    const game = play(podOf('good', { lifecycle: { preStop: { sleep: { seconds: 60 } } } }), scenarios)
    await game.advanceTo(5_000)
    game.delete()
    await game.advanceTo(5_000 + 4_100)
    expect(main(game)?.state.terminated?.exitCode).toBe(137)
  })

  it('keeps the condition of an eviction through its end', async () => {
    const game = play(podOf('notready'), scenarios)
    await game.advanceTo(5_000)
    const evicted = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', lastTransitionTime: '2026-11-21T01:46:10Z' }
    game.change((pod) => ({ ...pod, status: { ...pod.status, conditions: [...(pod.status.conditions ?? []), evicted] } }))
    game.delete()
    await game.advanceTo(15_000)
    expect(game.pod().status).toMatchObject({ phase: 'Failed' })
    expect(game.pod().status.conditions?.[0]).toMatchObject({ type: 'DisruptionTarget', reason: 'EvictionByEvictionAPI' })
  })

  it('turns unready only after its failureThreshold', async () => {
    const game = play(podOf('liveness'), scenarios)
    await game.advanceTo(13_000)
    expect(main(game)?.ready).toBe(true)
    await game.advanceTo(15_000)
    expect(main(game)?.ready).toBe(false)
  })

  it.each([
    [{ initialDelaySeconds: 5, periodSeconds: 5 }, 5_250],
    [{ periodSeconds: 2, successThreshold: 3 }, 4_300],
    [{ initialDelaySeconds: 20, periodSeconds: 1 }, 20_300],
  ])('becomes ready by its own probe %j', async (times, at) => {
    const game = play(podOf('good', { readinessProbe: { httpGet: { path: '/', port: 3000 }, ...times } }), scenarios)
    await game.advanceTo(at - 500)
    expect(main(game)?.ready).toBe(false)
    await game.advanceTo(at + 500)
    expect(main(game)?.ready).toBe(true)
  })

  it('stops telling of a failing probe after 25 events, as client-go does', async () => {
    const game = play(podOf('notready'), scenarios)
    await game.advanceTo(200_000)
    const told = eventsOf(game.frames, game.pod()).length
    expect(told).toBe(25)
    await game.advanceTo(320_000)
    expect(eventsOf(game.frames, game.pod())).toHaveLength(told + 1)
  })

  it('runs once its missing Secret is there', async () => {
    const objects: Record<string, Record<string, string>> = {}
    const game = play(podOf('good', { envFrom: [{ secretRef: { name: 'env' } }] }), scenarios, [], objects)
    await game.advanceTo(5_000)
    expect(main(game)?.state.waiting).toEqual({ reason: 'CreateContainerConfigError', message: 'secret "env" not found' })
    objects['secret/env'] = { A: '1' }
    await game.advanceTo(20_000)
    expect(main(game)?.ready).toBe(true)
  })

  it('never pulls with imagePullPolicy Never', async () => {
    const game = play(podOf('good', { imagePullPolicy: 'Never' }), scenarios)
    await game.advanceTo(3_000)
    expect(main(game)?.state.waiting).toEqual({
      reason: 'ErrImageNeverPull',
      message: 'Container image "registry.test/shop:good" is not present with pull policy of Never',
    })
  })

  it('pulls a present image again with imagePullPolicy Always', async () => {
    const game = play(podOf('good', { imagePullPolicy: 'Always' }), scenarios, ['registry.test/shop:good'])
    await game.advanceTo(3_000)
    expect(eventsOf(game.frames, game.pod())[0]).toContain('Pulling image')
  })

  it('starts its containers side by side and is ready when all are', async () => {
    const side = { name: 'side', image: 'registry.test/side:slow', readinessProbe: { httpGet: { path: '/', port: 1 }, periodSeconds: 1 } }
    const game = play(podOf('good', {}, { containers: [{ name: 'main', image: 'registry.test/shop:good' }, side] }), scenarios)
    await game.advanceTo(10_000)
    expect(game.pod().status.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'False',
      message: 'containers with unready status: [side]',
    })
    await game.advanceTo(21_000)
    expect(game.pod().status.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True')
  })

  it('runs init containers one after another before its own', async () => {
    const init = (name: string) => ({ name, image: 'registry.test/init:1' })
    const game = play(podOf('good', {}, { initContainers: [init('a'), init('b'), { ...init('side'), restartPolicy: 'Always' }] }), scenarios)
    await game.advanceTo(10_000)
    expect(game.pod().status.phase).toBe('Running')
    expect(game.pod().status.initContainerStatuses?.map(({ state }) => state.terminated?.reason ?? 'running')).toEqual(['Completed', 'Completed', 'running'])
  })
})
