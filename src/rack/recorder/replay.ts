import { BadRecordingError } from './bad-recording.ts'
import { parseLine, type RecordingLine } from './lines.ts'
import type { Entry } from './replay-player.ts'
import { replayRecording } from './replay-recording.ts'
import { parseWatchLine, replayWatch, type WatchLine } from './replay-watch.ts'

const jsonLines = (text: string): readonly { readonly number: number; readonly value: unknown }[] =>
  text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    try {
      return [{ number: index + 1, value: JSON.parse(line) }]
    } catch (error) {
      throw new BadRecordingError(`line ${index + 1} is not JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    }
  })

export interface ReplayOptions {
  /** Seconds, instead of the one that was recorded (ten minutes for a recorded watch). */
  readonly deadline?: number
  /** Let the clock run on for so many ms: after the last line, or instead of the way back of a recorded watch. */
  readonly waitOn?: number
}

/** What a replay told, and the moment from which its times count. */
export interface Replayed { readonly entries: readonly Entry[]; readonly from: Date }

/** Replays a file, ours or a recorded watch of a namespace. Throws `BadRecordingError`. */
export const replayText = (text: string, options: ReplayOptions = {}): Replayed => {
  const values = jsonLines(text)
  const [first] = values
  if (first === undefined) throw new BadRecordingError('it is empty')
  const ours: RecordingLine[] = []
  const watched: WatchLine[] = []
  const isWatch = parseWatchLine(first.value) !== undefined
  for (const { number, value } of values) {
    const watchLine = isWatch ? parseWatchLine(value) : undefined
    const line = isWatch ? undefined : parseLine(value)
    if (watchLine !== undefined) watched.push(watchLine)
    else if (line !== undefined) ours.push(line)
    else throw new BadRecordingError(`line ${number} is no line of ${isWatch ? 'a recorded watch' : 'a recording of this version'}`)
  }
  try {
    if (isWatch) {
      const last = watched.at(-1)?.t ?? 0
      const { entries, epoch } = replayWatch(watched, { ...(options.deadline === undefined ? {} : { deadline: options.deadline }), ...(options.waitOn === undefined ? {} : { waitUntil: last + options.waitOn }) })
      return { entries, from: epoch }
    }
    return { entries: replayRecording(ours, options), from: new Date(ours.find((line) => 'frame' in line)?.frame.startedAt ?? ours[0]?.at ?? 0) }
  } catch (error) {
    if (error instanceof TypeError) throw new BadRecordingError(`its facts are not those of this version: ${error.message}`, { cause: error })
    throw error
  }
}
