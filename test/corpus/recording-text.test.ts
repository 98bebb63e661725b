import { describe, expect, it } from 'vitest'
import type { Frame } from './record.ts'
import { recordingText, type Taken } from './recording-text.ts'

const began = Date.parse('2026-11-21T12:00:00.500Z')
const asksFor = (at: number, release: string, listed?: true): Frame => ({
  at, kind: 'deployments', type: 'MODIFIED', ...(listed && { listed }),
  object: { metadata: { name: 'web', namespace: 'convox-shop', uid: 'u' }, spec: { template: { metadata: { labels: { release } } } } },
})
const frames = [asksFor(began - 300, 'RGOOD', true), asksFor(began + 50, 'RNEXT'), asksFor(began + 900, 'RGOOD')]

const toldBy = (taken: Partial<Taken>): unknown[] =>
  recordingText({ frames, good: 'RGOOD', next: 'RNEXT', startedAt: began, failedAt: null, ...taken }).trimEnd().split('\n').map((text) => {
    const { t, type }: { t: number; type: string } = JSON.parse(text)
    return [t, type]
  })

describe('a recording', () => {
  it('counts from the beginning of the promotion, and says where the way back shows', () => {
    expect(toldBy({ failedAt: began + 800 })).toEqual([[-300, 'LISTED'], [0, 'PROMOTE'], [50, 'MODIFIED'], [900, 'ROLLBACK'], [900, 'MODIFIED']])
  })

  it('begins before the first write where the clock that says when is ahead', () => {
    expect(toldBy({ startedAt: began + 184 })).toEqual([[-349, 'LISTED'], [0, 'PROMOTE'], [1, 'MODIFIED'], [851, 'MODIFIED']])
  })
})
