import { isRecord } from '../is-record.ts'
import { saidOf, verdictKey } from './diff-facts.ts'
import { factsFrom, uidOf, windowOf, type Frame, type ObjectFacts } from './fact-lists.ts'
import type { RecordingLine, SaidVerdict } from './lines.ts'
import { createPlayer, type Entry, type Scene, type Seen } from './replay-player.ts'

export interface RecordingOptions {
  /** Seconds, instead of the deadline that was recorded. */
  readonly deadline?: number
  /** Let the clock run on for so many ms after the last line. */
  readonly waitOn?: number
  readonly seen?: Seen
}

const withDeadline = (frame: Frame, deadline: number | undefined): Frame =>
  deadline === undefined ? frame : { ...frame, deadline, deadlineAt: new Date(Date.parse(frame.deadlineAt) + (deadline - frame.deadline) * 1000).toISOString() }

const remarkOf = (line: RecordingLine): string | undefined => {
  if ('dropped' in line) return `${line.dropped.lines} lines until ${line.dropped.until} had no room in the recording`
  return 'begin' in line ? `${line.begin.promotion} of ${line.begin.app}, recorded by ${line.begin.owner}` : undefined
}

/** The lines of one time are one look. */
const looksOf = (lines: readonly RecordingLine[]): readonly (readonly [RecordingLine, ...RecordingLine[]])[] => {
  const looks: [RecordingLine, ...RecordingLine[]][] = []
  for (const line of lines) {
    const open = looks.at(-1)
    if (open?.[0].at === line.at) open.push(line)
    else looks.push([line])
  }
  return looks
}

/** Plays a recording of ours: at each of its times, and whenever a verdict asked to be looked at again, the facts as they stood are judged. */
export const replayRecording = (lines: readonly RecordingLine[], options: RecordingOptions = {}): readonly Entry[] => {
  const entries: Entry[] = []
  const objects = new Map<string, ObjectFacts>()
  let frame: Frame | null = null
  const sceneAt = (): Scene | null => {
    if (frame === null) return null
    return { facts: factsFrom(withDeadline(frame, options.deadline), [...objects.values()]), window: windowOf(frame) }
  }
  const player = createPlayer(sceneAt, (change) => entries.push(change), options.seen)
  for (const look of looksOf(lines)) {
    const at = new Date(look[0].at)
    player.runTo(at)
    let recorded: SaidVerdict | null = null
    for (const line of look) {
      const text = remarkOf(line)
      if (text !== undefined) entries.push({ kind: 'remark', at, text })
      if ('frame' in line) {
        if ('begin' in line) objects.clear()
        if (frame !== null && frame.fresh !== line.frame.fresh) entries.push({ kind: 'remark', at, text: line.frame.fresh ? 'sees the cluster again' : 'does not see the cluster' })
        frame = line.frame
      } else if ('put' in line) objects.set(uidOf(line.put), line.put)
      else if ('gone' in line) objects.delete(line.gone)
      else if ('verdict' in line) recorded = line.verdict
      else if ('dropped' in line) frame = null
    }
    const verdict = player.look(at)
    if (verdict !== null && recorded !== null && options.deadline === undefined && verdictKey(plainCopy(recorded)) !== verdictKey(plainCopy(saidOf(verdict)))) entries.push({ kind: 'differs', at, recorded })
  }
  const last = lines.at(-1)
  if (last !== undefined && options.waitOn !== undefined) player.runTo(new Date(Date.parse(last.at) + options.waitOn))
  return entries
}

/** What of a verdict has to be the same in a replay: words may be masked, counts may come a moment earlier or later. */
const plainCopy = (verdict: SaidVerdict): SaidVerdict => ({ kind: verdict.kind, rules: rulesOf(verdict) })

const rulesOf = (verdict: SaidVerdict): readonly unknown[] => {
  const causes = Array.isArray(verdict['causes']) ? verdict['causes'] : [verdict['cause']]
  return causes.filter(isRecord).map((cause) => [cause['rule'], cause['service'], cause['process']])
}
