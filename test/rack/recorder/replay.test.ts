import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { diffFacts } from '../../../src/rack/recorder/diff-facts.ts'
import { replayText } from '../../../src/rack/recorder/replay.ts'
import { replayReport } from '../../../src/rack/recorder/replay-report.ts'
import { judgeStability } from '../../../src/rack/rollout/judge.ts'
import { at as moment, rollout, stamp, windowFrom } from '../rollout/cluster-objects.ts'

const at = '2026-11-21T08:00:00.000Z'
const later = (seconds: number): string => new Date(Date.parse(at) + seconds * 1000).toISOString()
const frame = { direction: 'out', ourManager: 'slipway', fresh: true, startedAt: at, deadlineAt: later(600), deadline: 600, expected: [{ service: 'web', workload: 'Deployment', deployment: 'web', uid: 'd', generation: 1, templateKey: 'k', containers: [] }], baseline: {} }
const begin = { at, begin: { version: 1, promotion: 'PABCDEFGHIJ', app: 'shop', owner: 'here' }, frame }
const meta = { uid: 'd', name: 'web', namespace: 'convox-shop', labels: {}, annotations: {}, owners: [], generation: 1, resourceVersion: '1', createdAt: at }
const deployment = {
  kind: 'Deployment', meta, managers: [], replicas: 1, paused: false, maxUnavailable: 0, templateKey: 'k', conditions: [],
  status: { observedGeneration: 1, replicas: 0, updated: 0, ready: 0, available: 0, unavailable: 1 },
}
const lines = (...some: readonly unknown[]): string => some.map((line) => JSON.stringify(line)).join('\n')

const bad: readonly [what: string, text: string, says: string | RegExp][] = [
  ['an empty file', '', 'it is empty'],
  ['something that is not JSON', `${lines(begin)}\n{"at":`, /^line 2 is not JSON: /],
  ['some other JSON', '{"a":1}', 'line 1 is no line of a recording of this version'],
  ['a newer version', lines({ ...begin, begin: { ...begin.begin, version: 2 } }), 'line 1 is no line of a recording of this version'],
  ['a line of another form', lines(begin, { at, put: { kind: 'Pod' } }), 'line 2 is no line of a recording of this version'],
  ['objects that are not facts', lines(begin, { at, put: { kind: 'Deployment', meta: { uid: 'd', name: 'web' } } }), /^its facts are not those of this version: /],
  ['a watch without its beginning', lines({ t: 0, kind: 'note', type: 'PROMOTE', object: {} }), 'it holds no ReplicaSet, so that nothing says when it was'],
]

describe('a replay', () => {
  it.each(bad)('refuses %s, and says what is wrong with it', (_what, text, says) => {
    expect(() => replayText(text)).toThrow(expect.objectContaining({ name: 'BadRecordingError', message: typeof says === 'string' ? says : expect.stringMatching(says) }))
  })

  it('judges again by the clock alone, and lets the clock run on as long as it is told', () => {
    const text = lines(begin, { at, put: deployment }, { at, verdict: { kind: 'progressing' } }, { at: later(20), verdict: { kind: 'progressing' } })
    expect(replayText(text).entries.map((entry) => entry.kind)).toEqual(['remark', 'verdict'])
    expect(replayReport(replayText(text, { waitOn: 3_600_000 })).slice(-3)).toEqual([
      '  600.000 s  roll-out: failed', expect.stringMatching(/^ {15}deadline {2}timed_out {2}web: 0 of 1 ready, first seen /), expect.stringContaining('"kind":"failed"'),
    ])
    expect(replayReport(replayText(text, { deadline: 15 })).at(-3)).toBe('   15.000 s  roll-out: failed')
  })

  it.each([
    ['after its end', { stableUntil: later(1_800), stableBlindMs: 0 }, {}, 2_400],
    ['after its end, and what was blind in it', { deadlineAt: later(800), stableUntil: later(1_800), stableBlindMs: 50_000 }, {}, 2_550],
    ['after its end, when it is another one', { stableUntil: later(1_800), stableBlindMs: 0 }, { deadline: 15 }, 1_815],
    ['after its beginning, when it was recorded before its end was kept', { deadlineAt: later(800) }, {}, 600],
  ])('gives what is not good in a stability window the deadline %s', (_when, more, options, failsAt) => {
    const text = lines({ ...begin, frame: { ...frame, stableSince: at, ...more } }, { at, put: deployment })
    expect(replayReport(replayText(text, { ...options, waitOn: 7_200_000 })).at(-3)).toBe(`${String(failsAt).padStart(5)}.000 s  roll-out: failed (stability window)`)
  })

  it('agrees with the judge on a window that was recorded', () => {
    const facts = rollout({ deadlineAt: stamp(700) })
    const window = { ...windowFrom(5, 1_800), stableBlindMs: 40_000 }
    let written: Parameters<typeof diffFacts>[2]
    const recorded = [10, 640, 2_464, 2_465].flatMap((seconds) => {
      const look = { facts, now: moment(seconds), verdict: judgeStability(facts, window, moment(seconds)), window }
      const next = diffFacts(begin.begin, look, written)
      written = next.written
      return next.lines
    })
    const { entries } = replayText(lines(...recorded))
    expect(entries.filter(({ kind }) => kind === 'differs')).toEqual([])
    expect(entries.flatMap((entry) => (entry.kind === 'verdict' ? [[entry.at, entry.verdict.kind]] : []))).toEqual([[moment(10), 'progressing'], [moment(2_465), 'failed']])
  })

  it('says where the recording says something else than the judge does now', () => {
    const text = lines(begin, { at, put: deployment }, { at, verdict: { kind: 'failed', causes: [{ rule: 'no-such-rule', service: 'web' }] } })
    expect(replayReport(replayText(text))).toContainEqual(expect.stringMatching(/^ {4}0\.000 s {2}!! the recording says otherwise: .*no-such-rule/))
  })

  it('judges nothing where lines had no room, until a segment begins anew', () => {
    const text = lines(begin, { at, put: deployment }, { at: later(5), dropped: { lines: 7, until: later(700) } }, { ...begin, at: later(710), frame: { ...frame, deadlineAt: later(900) } }, { at: later(710), put: deployment })
    expect(replayText(text).entries.map((entry) => [entry.kind, (entry.at.getTime() - Date.parse(at)) / 1000])).toEqual([['remark', 0], ['verdict', 0], ['remark', 5], ['remark', 710]])
  })

  it('says when the judge saw nothing, and when it saw again', () => {
    const blind = { at: later(3), frame: { ...frame, fresh: false } }
    const sighted = { at: later(9), frame: { ...frame, deadlineAt: later(606) } }
    expect(replayReport(replayText(lines(begin, { at, put: deployment }, blind, sighted))).slice(1, -1)).toEqual([
      '    0.000 s  roll-out: progressing', '    3.000 s  -- does not see the cluster', '    3.000 s  roll-out: undecided', '    9.000 s  -- sees the cluster again', '    9.000 s  roll-out: progressing',
    ])
  })

  it('tells what the judge excused', () => {
    const text = readFileSync(new URL('../../recordings/evicted-during.jsonl', import.meta.url), 'utf8')
    expect(replayReport(replayText(text)).join('\n')).toMatch(/excused .*web-/)
  })
})
