import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createMask } from '../../../src/rack/env/mask.ts'
import { saidOf, verdictKey, type Look } from '../../../src/rack/recorder/diff-facts.ts'
import { openRecorder, type Part, type RecorderOptions } from '../../../src/rack/recorder/recorder.ts'
import { recordingText } from '../../../src/rack/recorder/recording-text.ts'
import { replayText } from '../../../src/rack/recorder/replay.ts'
import { replayReport } from '../../../src/rack/recorder/replay-report.ts'
import { parseWatchLine, replayWatch } from '../../../src/rack/recorder/replay-watch.ts'

const plain = (text: string): string => text

/** Every look that the judge takes at what a real kubelet did. */
const looksAt = (name: string): Look[] => {
  const lines = readFileSync(new URL(`../../recordings/${name}.jsonl`, import.meta.url), 'utf8').split('\n').flatMap((line) => (line === '' ? [] : (parseWatchLine(JSON.parse(line)) ?? [])))
  const looks: Look[] = []
  replayWatch(lines, { stability: 0, seen: (facts, now, verdict) => looks.push({ facts, now, verdict }) })
  return looks
}

const recorderInto = (parts: Part[], more: Partial<RecorderOptions> = {}) =>
  openRecorder({ about: { promotion: 'PABCDEFGHIJ', app: 'shop', owner: 'here' }, store: async (part) => void parts.push(part), log: (trouble) => expect.fail(String(trouble)), ...more })

const changesOf = (text: string) => replayText(text).entries.filter((entry) => entry.kind === 'verdict').map((entry) => [entry.at.toISOString(), entry.direction, entry.verdict])

describe('the flight recorder', () => {
  it.each(['crash', 'good', 'image-not-found', 'never-ready', 'quota', 'missing-configmap-volume', 'oom', 'evicted-during'])('keeps what the judge saw of %s, so that a replay says the same at the same time', async (name) => {
    const looks = looksAt(name)
    const parts: Part[] = []
    const recorder = recorderInto(parts)
    for (const look of looks) recorder.saw(look, plain)
    await recorder.flush()
    recorder.close()
    const text = await recordingText(parts)
    const told: unknown[] = []
    let last = ''
    for (const { facts, now, verdict } of looks) {
      const key = `${facts.direction} ${verdictKey(saidOf(verdict))}`
      if (key !== last) told.push([now.toISOString(), facts.direction, verdict])
      last = key
    }
    expect(JSON.parse(JSON.stringify(changesOf(text)))).toEqual(JSON.parse(JSON.stringify(told)))
    expect(replayText(text).entries.some((entry) => entry.kind === 'differs')).toBe(false)
    expect(parts.reduce((sum, part) => sum + part.chunk.length, 0)).toBeLessThan(30_000)
  })

  it('writes only what is new', async () => {
    const [first, second] = looksAt('crash')
    if (first === undefined || second === undefined) return expect.unreachable()
    const parts: Part[] = []
    const recorder = recorderInto(parts)
    recorder.saw(first, plain)
    recorder.saw({ ...first, now: new Date(first.now.getTime() + 5) }, plain)
    await recorder.flush()
    const before = parts.reduce((sum, part) => sum + part.lines, 0)
    // A list read anew: other references to the same versions.
    recorder.saw({ ...first, facts: JSON.parse(JSON.stringify(first.facts)), now: second.now }, plain)
    await recorder.flush()
    recorder.close()
    expect(parts.reduce((sum, part) => sum + part.lines, 0)).toBe(before)
  })

  it('hides env values in whatever the cluster says, and keeps every name that the judge compares', async () => {
    const secret = 'hunter2-hunter2'
    const looks = looksAt('crash').map((look): Look => ({
      ...look,
      facts: {
        ...look.facts,
        events: look.facts.events.map((event) => ({ ...event, message: `${event.message} password=${secret}` })),
        deployments: look.facts.deployments.map((deployment) => ({
          ...deployment, meta: { ...deployment.meta, annotations: { ...deployment.meta.annotations, 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ env: secret }) } },
        })),
      },
    }))
    const parts: Part[] = []
    const recorder = recorderInto(parts)
    for (const look of looks) recorder.saw(look, createMask([secret, 'web']))
    await recorder.flush()
    recorder.close()
    const text = await recordingText(parts)
    expect(text).toContain('password=****')
    expect(text).not.toContain(secret)
    expect(replayReport(replayText(text)).at(-1)).toContain('"process":"web-')
    expect(text).not.toContain('last-applied')
  })

  it('loses only its tail when the database is away, and says how much', async () => {
    const looks = looksAt('crash')
    const parts: Part[] = []
    let away = false
    const troubles: unknown[] = []
    const recorder = recorderInto(parts, {
      waitingLimit: 1, every: 60_000, log: (trouble) => troubles.push(trouble),
      store: async (part) => {
        if (away) throw new Error('away')
        parts.push(part)
      },
    })
    const third = Math.floor(looks.length / 3)
    for (const [from, until] of [[0, third], [third, third + 5], [third + 5, 2 * third], [2 * third, looks.length]] as const) {
      away = from >= third && until <= 2 * third
      for (const look of looks.slice(from, until)) recorder.saw(look, plain)
      await recorder.flush()
    }
    recorder.close()
    expect(troubles).toHaveLength(2)
    const text = await recordingText(parts)
    const { entries } = replayText(text)
    expect(entries.some((entry) => entry.kind === 'remark' && /^\d+ lines until .* had no room/.test(entry.text))).toBe(true)
    expect(entries.some((entry) => entry.kind === 'differs')).toBe(false)
    expect(entries.findLast((entry) => entry.kind === 'verdict')?.verdict.kind).toBe(looks.at(-1)?.verdict.kind)
  })

  it('begins a new segment now and then, that can be judged without the ones before it', async () => {
    const looks = looksAt('never-ready')
    const parts: Part[] = []
    const recorder = recorderInto(parts, { segmentLimit: 300 })
    for (const look of looks) {
      recorder.saw(look, plain)
      await recorder.flush()
    }
    recorder.close()
    const segments = [...new Set(parts.map((part) => part.segment))]
    expect(segments.length).toBeGreaterThan(3)
    const tail = await recordingText(parts.map((part, index) => (index > 2 && part.segment !== segments.at(-1) ? { ...part, chunk: new Uint8Array() } : part)))
    const { entries } = replayText(tail)
    expect(entries.findLast((entry) => entry.kind === 'verdict')?.verdict.kind).toBe(looks.at(-1)?.verdict.kind)
    expect(entries.filter((entry) => entry.kind === 'remark').map((entry) => entry.text)).toContainEqual(expect.stringMatching(/^\d+ lines until /))
  })

  it('is continued by the next owner, whose facts begin anew', async () => {
    const looks = looksAt('image-not-found')
    const parts: Part[] = []
    const half = Math.floor(looks.length / 2)
    for (const [owner, some] of [['one', looks.slice(0, half)], ['two', looks.slice(half)]] as const) {
      const recorder = recorderInto(parts, { about: { promotion: 'PABCDEFGHIJ', app: 'shop', owner } })
      for (const look of some) recorder.saw(look, plain)
      await recorder.flush()
      recorder.close()
      recorder.saw(looks[0] ?? expect.unreachable(), plain)
      await recorder.flush()
    }
    const { entries } = replayText(await recordingText(parts))
    expect(entries.flatMap((entry) => (entry.kind === 'remark' ? [entry.text] : []))).toEqual(['PABCDEFGHIJ of shop, recorded by one', 'PABCDEFGHIJ of shop, recorded by two'])
    expect(entries.some((entry) => entry.kind === 'differs')).toBe(false)
    expect(entries.findLast((entry) => entry.kind === 'verdict')?.verdict.kind).toBe(looks.at(-1)?.verdict.kind)
  })

  it('survives facts it cannot read, and goes on with the next', async () => {
    const [look] = looksAt('good')
    if (look === undefined) return expect.unreachable()
    const parts: Part[] = []
    const troubles: unknown[] = []
    const recorder = recorderInto(parts, { log: (trouble) => troubles.push(trouble) })
    recorder.saw({ ...look, facts: { ...look.facts, pods: JSON.parse('[null]') } }, plain)
    recorder.saw(look, plain)
    await recorder.flush()
    recorder.close()
    expect(troubles).toHaveLength(1)
    expect(changesOf(await recordingText(parts))).toHaveLength(1)
  })
})
