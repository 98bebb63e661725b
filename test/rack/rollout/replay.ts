import { readFileSync } from 'node:fs'
import type { Verdict } from '../../../src/rack/rollout/judge.ts'
import { parseWatchLine, replayWatch, type WatchLine, type WatchOptions } from '../../../src/rack/recorder/replay-watch.ts'

/** The lines of one recording of a real kubelet. */
export const recording = (name: string): WatchLine[] =>
  readFileSync(new URL(`../../recordings/${name}.jsonl`, import.meta.url), 'utf8').split('\n').flatMap((line) => (line === '' ? [] : (parseWatchLine(JSON.parse(line)) ?? [])))

/** A verdict of another kind than the one before; `t` in ms since the promote. */
export interface Change {
  readonly t: number
  readonly direction: 'out' | 'back'
  readonly window: boolean
  readonly verdict: Verdict
}

export type ReplayOptions = WatchOptions

/** Plays a recording into the parsers and judges at each event and whenever a verdict asked to be looked at again. */
export const replay = (name: string, options: ReplayOptions = {}): Change[] => {
  const { entries, epoch } = replayWatch(recording(name), options)
  const changes = entries.flatMap((entry) => (entry.kind === 'verdict' ? [{ t: entry.at.getTime() - epoch.getTime(), direction: entry.direction, window: entry.window, verdict: entry.verdict }] : []))
  return changes.filter((change, index) => change.verdict.kind !== changes[index - 1]?.verdict.kind || change.direction !== changes[index - 1]?.direction)
}
