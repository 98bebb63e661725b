import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { parseDuration } from '../../../src/rack/params.ts'
import type { Change } from '../../../src/rack/recorder/replay-player.ts'
import { parseWatchLine, replayWatch, type WatchOptions } from '../../../src/rack/recorder/replay-watch.ts'
import { everyScenario } from '../../corpus/every-scenario.ts'
import { recordingFile } from '../../corpus/recordings.ts'
import { corpusParams, type CorpusScenario } from '../../corpus/scenario.ts'

/** What a real control plane told while the corpus was played on it (npm run soak -- --record). */
const linesOf = (name: string) =>
  gunzipSync(readFileSync(recordingFile(name))).toString().trimEnd().split('\n').map((text) => {
    const line = parseWatchLine(JSON.parse(text))
    if (line === undefined) throw new Error(`${name}: no line of a recorded watch: ${text}`)
    return line
  })

const seconds = (duration: string): number => {
  const read = parseDuration(duration)
  if (read === undefined) throw new Error(`${duration} is no duration`)
  return read
}

const judged = (scenario: CorpusScenario, options: WatchOptions = {}): Change[] => {
  const { name } = scenario
  const params: Readonly<Record<string, string>> = { ...corpusParams, ...scenario.params }
  const [deadline, stability] = [seconds(params['deadline'] ?? ''), seconds(params['stability'] ?? '') * 1000]
  return replayWatch(linesOf(name), { deadline, stability, ...options }).entries.filter((entry) => entry.kind === 'verdict')
}
const going = (changes: readonly Change[], direction: 'out' | 'back') => changes.filter((change) => change.direction === direction)
const causeOf = (change: Change | undefined) => (change?.verdict.kind === 'failed' ? change.verdict.causes[0] : undefined)
const summary = (changes: readonly Change[]) => changes.map((change) => [change.at.getTime(), change.direction, change.verdict.kind, causeOf(change)?.rule])

const played = everyScenario.filter(({ on, ends }) => (on === undefined || on.includes('real')) && ends.status !== 'failed')
const failing = played.filter((scenario) => scenario.class === 'failing')
const benign = played.filter((scenario) => scenario.class === 'benign')

describe('the judge over what a real control plane told of the corpus', () => {
  it('has a recording of every scenario', () => {
    expect(played.filter(({ name }) => !existsSync(recordingFile(name))).map(({ name }) => name)).toEqual([])
  })

  it.each(failing)('fails $name by its rule, and calls the way back complete', (scenario) => {
    const changes = judged(scenario)
    const { rule, kind, service } = scenario.ends
    expect(causeOf(going(changes, 'out').at(-1))).toMatchObject({ rule, kind, service })
    expect(going(changes, 'back').map(({ verdict }) => verdict.kind)).not.toContain('failed')
    expect(going(changes, 'back').at(-1)?.verdict.kind).toBe('complete')
  })

  it.each(benign)('never fails $name, and calls it complete', (scenario) => {
    const changes = judged(scenario)
    const kinds = changes.map(({ verdict }) => verdict.kind)
    expect(kinds).not.toContain('failed')
    expect(kinds).not.toContain('superseded')
    expect(kinds.at(-1)).toBe('complete')
  })

  it.each(played)('says the same of $name in whatever order the lists are', (scenario) => {
    expect(summary(judged(scenario, { reversed: true }))).toEqual(summary(judged(scenario)))
  })

  it.each(played)('says the same of $name when our clock is an hour off', (scenario) => {
    const plain = summary(judged(scenario))
    for (const skew of [3_600_000, -3_600_000]) {
      expect(summary(judged(scenario, { skew }))).toEqual(plain.map(([at, ...rest]) => [Number(at) + skew, ...rest]))
    }
  })
})
