import { describe, expect, it } from 'vitest'
import { catalogue, scenarioOf, scenarios } from '../../../sandbox/kubelet/catalogue.ts'
import { corpusImages } from '../../corpus/images.ts'
import { eventsOf } from './facts.ts'
import { play } from './played.ts'
import { podOf } from './pod.ts'

/** Plays a tag that long and tells the states of its container, each change once. */
const statesOf = async (tag: string, seconds: number, container: object = {}, spec: object = {}, known = scenarios) => {
  const game = play(podOf(tag, container, spec), known)
  await game.advanceTo(seconds * 1000)
  const states: string[] = []
  for (const frame of game.frames) {
    if (frame.kind !== 'pods') continue
    const status = frame.pod.status.containerStatuses?.[0]
    if (status === undefined) continue
    const { running, waiting, terminated } = status.state
    const state = running !== undefined ? 'running' : (waiting?.reason ?? `${terminated?.reason} ${terminated?.exitCode}`)
    const text = `${state}${status.ready ? ' ready' : ''} ${status.restartCount}`
    if (text !== states.at(-1)) states.push(text)
  }
  const events = eventsOf(game.frames, game.pod())
  return {
    states,
    events,
    game,
    status: game.pod().status.containerStatuses?.[0],
    ready: game.pod().status.conditions?.find(({ type }) => type === 'Ready')?.status,
  }
}

describe('the scenarios of image tags', () => {
  it.each([
    ['1.4.2', 20, ['ContainerCreating 0', 'running 0', 'running ready 0']],
    ['good', 20, ['ContainerCreating 0', 'running 0', 'running ready 0']],
    ['chatty', 20, ['ContainerCreating 0', 'running 0', 'running ready 0']],
    ['slow', 30, ['ContainerCreating 0', 'running 0', 'running ready 0']],
    ['notready', 30, ['ContainerCreating 0', 'running 0']],
    ['crash', 10, ['ContainerCreating 0', 'running 0', 'Error 1 0', 'running 1', 'Error 1 1', 'CrashLoopBackOff 1']],
    ['leak', 10, ['ContainerCreating 0', 'running 0', 'Error 1 0', 'running 1', 'Error 1 1', 'CrashLoopBackOff 1']],
    ['initfails', 10, ['ContainerCreating 0', 'running 0', 'Error 1 0', 'running 1', 'Error 1 1', 'CrashLoopBackOff 1']],
    ['once', 30, ['ContainerCreating 0', 'running 0', 'Error 1 0', 'running 1', 'running ready 1']],
    ['oom', 10, ['ContainerCreating 0', 'running 0', 'OOMKilled 137 0', 'running 1', 'OOMKilled 137 1', 'CrashLoopBackOff 1']],
    ['flap', 11, ['ContainerCreating 0', 'running 0', 'running ready 0', 'Error 3 0', 'running 1', 'running ready 1', 'Error 3 1', 'CrashLoopBackOff 1']],
    ['badimage', 30, ['ContainerCreating 0', 'ErrImagePull 0', 'ImagePullBackOff 0', 'ErrImagePull 0']],
    ['denied', 30, ['ContainerCreating 0', 'ErrImagePull 0', 'ImagePullBackOff 0', 'ErrImagePull 0']],
    ['pulllimit', 45, ['ContainerCreating 0', 'ErrImagePull 0', 'ImagePullBackOff 0', 'ErrImagePull 0', 'ImagePullBackOff 0', 'running 0', 'running ready 0']],
    ['missingsecret', 30, ['ContainerCreating 0', 'CreateContainerConfigError 0']],
    ['missingvolume', 30, ['ContainerCreating 0']],
    ['badcommand', 10, ['ContainerCreating 0', 'RunContainerError 0', 'RunContainerError 1', 'CrashLoopBackOff 1']],
  ])('%s lives as its name says', async (tag, seconds, expected) => {
    const { states } = await statesOf(tag, seconds)
    expect(states).toEqual(expected)
  })

  it('slow becomes ready only after eighteen seconds', async () => {
    expect((await statesOf('slow', 17)).ready).toBe('False')
    expect((await statesOf('slow', 21)).ready).toBe('True')
  })

  it('liveness restarts a hung container after its failures and its grace period', async () => {
    const probe = { httpGet: { path: '/', port: 3000 }, periodSeconds: 2, failureThreshold: 3 }
    const { states, events } = await statesOf('liveness', 60, { livenessProbe: probe }, { terminationGracePeriodSeconds: 5 })
    expect(states.slice(0, 5)).toEqual(['ContainerCreating 0', 'running 0', 'running ready 0', 'running 0', 'Error 137 0'])
    expect(events).toContain('Warning Unhealthy x3 spec.containers{main} Liveness probe failed: HTTP probe failed with statuscode: 500')
    expect(events).toContain('Normal Killing x1 spec.containers{main} Container main failed liveness probe, will be restarted')
  })

  it('a liveness check that is too early restarts a slow start, which hears SIGTERM', async () => {
    const probe = { httpGet: { path: '/', port: 3000 }, periodSeconds: 2, failureThreshold: 3 }
    const { states, events } = await statesOf('slow', 8, { livenessProbe: probe, lifecycle: { preStop: { sleep: { seconds: 1 } } } })
    expect(states.slice(0, 4)).toEqual(['ContainerCreating 0', 'running 0', 'Error 2 0', 'running 1'])
    expect(events).toContain('Normal Killing x1 spec.containers{main} Container main failed liveness probe, will be restarted')
  })

  it.each([
    ['later-absent', 60, ['ContainerCreating 0', 'ErrImagePull 0', 'ImagePullBackOff 0', 'ErrImagePull 0', 'ImagePullBackOff 0', 'ErrImagePull 0'], /: not found$/],
    ['not-replicated', 30, ['ContainerCreating 0', 'ErrImagePull 0', 'ImagePullBackOff 0', 'running 0', 'running ready 0'], undefined],
    ['exits-126', 5, ['ContainerCreating 0', 'running 0', 'Error 126 0', 'running 1', 'Error 126 1', 'CrashLoopBackOff 1'], undefined],
    ['exits-127', 5, ['ContainerCreating 0', 'running 0', 'Error 127 0', 'running 1', 'Error 127 1', 'CrashLoopBackOff 1'], undefined],
    ['fades', 60, ['ContainerCreating 0', 'running 0', 'running ready 0', 'running 0'], undefined],
    ['refuses-once', 20, ['ContainerCreating 0', 'running 0', 'running ready 0'], undefined],
  ])('%s of the corpus lives as its name says', async (tag, seconds, expected, message) => {
    const { states, status } = await statesOf(tag, seconds, {}, {}, corpusImages)
    expect(states).toEqual(expected)
    if (message !== undefined) expect(status?.state.waiting?.message).toMatch(message)
  })

  it('refuses-once meets one failed health check, and only one', async () => {
    const { events } = await statesOf('refuses-once', 30, {}, {}, corpusImages)
    expect(events.filter((event) => event.includes('Unhealthy'))).toEqual([expect.stringContaining('Unhealthy x1')])
  })

  it('fades says 503 to its health check, and a liveness check goes on passing', async () => {
    const probe = { httpGet: { path: '/', port: 3000 }, periodSeconds: 2 }
    const { events } = await statesOf('fades', 60, { livenessProbe: probe }, {}, corpusImages)
    expect(events).toContain('Warning Unhealthy x3 spec.containers{main} Readiness probe failed: HTTP probe failed with statuscode: 503')
    expect(events.filter((event) => event.includes('Liveness'))).toEqual([])
  })

  it.each([
    ['denied', /pull access denied.*no basic auth credentials/],
    ['pulllimit', /429 Too Many Requests/],
    ['badimage', /registry\.test\/shop:badimage: not found/],
    ['badcommand', /executable file not found/],
    ['missingsecret', /secret "payments-api-key" not found/],
  ])('%s names its cause in the status', async (tag, cause) => {
    const { status } = await statesOf(tag, 5)
    expect(status?.state.waiting?.message ?? status?.lastState.terminated?.message).toMatch(
      tag === 'badcommand' ? /executable file not found|back-off 10s/ : cause,
    )
    if (tag === 'badcommand') expect(status?.lastState.terminated?.message).toMatch(cause)
  })

  it('a job whose container would run for ever completes', async () => {
    const { game, states } = await statesOf('good', 20, { readinessProbe: undefined }, { restartPolicy: 'Never' })
    expect(states.at(-1)).toBe('Completed 0 0')
    expect(game.pod().status.phase).toBe('Succeeded')
  })

  it('a crashing job with restartPolicy Never fails', async () => {
    expect((await statesOf('crash', 20, {}, { restartPolicy: 'Never' })).game.pod().status.phase).toBe('Failed')
  })

  it('the catalogue has every tag once, with a sentence', () => {
    expect(new Set(catalogue.map(({ tag }) => tag)).size).toBe(scenarios.length)
    for (const { what } of catalogue) expect(what).toMatch(/^[A-Z].*\.$/)
  })

  it.each([
    ['registry.test:5000/shop:crash@sha256:aa', 'crash'],
    ['registry.test/shop:2.0', 'good'],
    ['localhost:5000/crash', 'good'],
    ['shop:oom', 'oom'],
  ])('%s plays %s', (image, tag) => {
    expect(scenarioOf(image).tag).toBe(tag)
  })
})
