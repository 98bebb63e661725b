import { describe, expect, it } from 'vitest'
import { scenarioOf, scenarios } from '../../../sandbox/kubelet/catalogue.ts'
import { writtenLines } from '../../../sandbox/kubelet/container-log.ts'
import { logLines, logSource } from '../../../sandbox/kubelet/pod-log.ts'
import { runAfter } from '../../../sandbox/kubelet/scenario.ts'
import { play } from './played.ts'
import { podOf } from './pod.ts'

/** The log of a played pod after that long, or the refusal. */
const logAfter = async (tag: string, ms: number, previous: boolean, restart = false): Promise<string[] | string> => {
  const game = play(podOf(tag), scenarios)
  await game.advanceTo(ms)
  if (restart) game.restart()
  const container = game.life.containers[0]
  if (container === undefined) throw new Error('no container')
  const source = logSource('web-1', container, previous)
  if ('refusal' in source) return source.refusal
  const now = game.life.host.clock.now()
  return logLines(container, source, now, 1, false, new Map([['TOKEN', 's3cret']])).map(({ text }) => text)
}

describe('the logs of a played pod', () => {
  it.each([
    ['good', false, 20, 'container "main" in pod "web-1" is waiting to start: ContainerCreating'],
    ['good', true, 5_000, 'previous terminated container "main" in pod "web-1" not found'],
    ['crash', true, 500, 'previous terminated container "main" in pod "web-1" not found'],
    ['badimage', false, 5_000, 'container "main" in pod "web-1" is waiting to start: image can\'t be pulled'],
    ['badimage', false, 15_000, 'container "main" in pod "web-1" is waiting to start: trying and failing to pull image'],
    ['missingsecret', false, 5_000, 'container "main" in pod "web-1" is waiting to start: CreateContainerConfigError'],
  ])('%s with previous=%s after %i ms is refused in the words of a real kubelet', async (tag, previous, ms, refusal) => {
    expect(await logAfter(tag, ms, previous)).toBe(refusal)
  })

  it.each([
    ['while the second run goes on', 1_000, true],
    ['while it waits out its back-off', 5_000, true],
    ['without previous while it waits', 5_000, false],
  ])('tells the ended run of a crashing container %s', async (_when, ms, previous) => {
    expect(await logAfter('crash', ms, previous)).toEqual(runAfter(scenarioOf('a:crash'), 0).log.map(({ text }) => text))
  })

  it('tells the same ended run after the kubelet was started anew', async () => {
    expect(await logAfter('crash', 5_000, true, true)).toEqual(await logAfter('crash', 5_000, true))
  })

  it('tells of the crash and then of the good run of a container that crashes once', async () => {
    expect((await logAfter('once', 30_000, true)).at(-1)).toMatch(/run_main_module/)
    expect((await logAfter('once', 30_000, false)).slice(0, 2)).toEqual(['shop: starting', 'shop: listening on :3000'])
  })

  it('prints the environment of a leaking container', async () => {
    expect(await logAfter('leak', 5_000, true)).toContain('TOKEN=s3cret')
  })

  it('has nothing to tell of a command that does not exist', async () => {
    expect(await logAfter('badcommand', 5_000, true)).toEqual([])
  })

  it('writes a line no earlier than its time, repeated ones again and again', () => {
    const run = runAfter(scenarioOf('a:chatty'), 0)
    const lines = writtenLines(run, 1_000, 2_000, 1, new Map())
    expect(lines).toHaveLength(51)
    expect(lines.at(-1)).toMatchObject({ time: 2_000, text: expect.stringContaining('request 50 handled') })
    expect(writtenLines(run, 1_000, 2_000, 10, new Map())).toHaveLength(501)
  })

  it('keeps no more of an endless log than a node would', () => {
    expect(writtenLines(runAfter(scenarioOf('a:chatty'), 0), 0, 10 * 86_400_000, 1, new Map()).length).toBeLessThan(60_000)
  })
})
