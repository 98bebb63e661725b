import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { recordingLimit, segmentLimit } from './bound.ts'
import { diffFacts, type About, type Look, type Written } from './diff-facts.ts'
import type { RecordingLine } from './lines.ts'
import { lineText } from './serialise.ts'

/** A piece of a recording, gzipped JSON lines. */
export interface Part { readonly id: string; readonly segment: string; readonly chunk: Uint8Array; readonly lines: number; readonly firstAt: Date; readonly lastAt: Date }

/** Keeps what the judge of one promotion saw. Nothing of it ever throws or waits: a rollout goes on without its recording. */
export interface Recorder {
  /** `mask` hides env values in the cluster's own words. */
  saw(look: Look, mask: (text: string) => string): void
  /** Stores what is buffered, as far as the database takes it. */
  flush(): Promise<void>
  /** Ends the timer; what is buffered then is lost. */
  close(): void
}

export interface RecorderOptions {
  readonly about: About
  readonly store: (part: Part) => Promise<void>
  readonly log: (trouble: unknown) => void
  /** Milliseconds between two parts. */
  readonly every?: number
  readonly segmentLimit?: number
  /** Bytes kept for a database that is away; what comes after them is lost. */
  readonly waitingLimit?: number
}

const compress = promisify(gzip)
/** Lines that make a part before its time. */
const manyLines = 2_000

interface Pending { readonly line: RecordingLine; readonly mask: (text: string) => string }

const plain = (text: string): string => text

/** Starts recording one promotion. A new owner of it opens its own: its first look begins a segment. */
export const openRecorder = (options: RecorderOptions): Recorder => {
  const { about, every = 5_000, waitingLimit = recordingLimit } = options
  let written: Written | undefined
  let segment = ''
  let segmentParts = 0
  let segmentBytes = 0
  let pending: (Pending & { readonly segment: string })[] = []
  let waiting: Part[] = []
  let lost: { lines: number; from: string; until: string } | null = null
  /** A segment that lost a part: what follows in it cannot be judged. */
  let torn = ''
  let timer: NodeJS.Timeout | undefined
  let closed = false
  let working: Promise<void> = Promise.resolve()

  const add = (lines: readonly RecordingLine[], mask: (text: string) => string): void => {
    if (closed || lines.length === 0) return
    for (const line of lines) pending.push({ line, mask, segment })
    if (pending.length >= manyLines) void flush()
    else timer ??= setTimeout(() => void flush(), every).unref()
  }

  /** What waits for a database that is away has a bound: the newest is lost, and a new segment begins when there is room again. */
  const lose = (part: Part): void => {
    lost = { lines: (lost?.lines ?? 0) + part.lines, from: lost?.from ?? part.firstAt.toISOString(), until: part.lastAt.toISOString() }
    torn = part.segment
    if (segment === torn) written = undefined
  }

  const pack = async (): Promise<void> => {
    while (pending.length > 0) {
      const [first] = pending
      const taken = pending.filter((each) => each.segment === first?.segment)
      pending = pending.slice(taken.length)
      const last = taken.at(-1)
      if (first === undefined || last === undefined) return
      const chunk = await compress(`${taken.map(({ line, mask }) => lineText(line, mask)).join('\n')}\n`, { level: 9 })
      const part: Part = { id: randomUUID(), segment: first.segment, chunk, lines: taken.length, firstAt: new Date(first.line.at), lastAt: new Date(last.line.at) }
      if (first.segment === segment) {
        // The snapshot that a segment begins with is its price, not its content.
        if (segmentParts > 0) segmentBytes += chunk.length
        segmentParts += 1
      }
      const held = waiting.reduce((sum, each) => sum + each.chunk.length, 0)
      if (part.segment === torn || (waiting.length > 0 && held + chunk.length > waitingLimit)) lose(part)
      else waiting.push(part)
    }
  }

  const drain = async (): Promise<void> => {
    for (let part = waiting[0]; part !== undefined; part = waiting[0]) {
      await options.store(part)
      waiting = waiting.slice(1)
    }
  }

  const work = async (): Promise<void> => {
    try {
      // What waits goes first: there is room then for what is packed now, which has to be packed whether the database answers or not.
      await drain().finally(pack)
      await drain()
    } catch (error) {
      options.log(error)
      if (!closed) timer ??= setTimeout(() => void flush(), every).unref()
    }
  }
  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    working = working.then(work)
    return working
  }

  const see = (look: Look, mask: (text: string) => string): void => {
    if (segmentBytes > (options.segmentLimit ?? segmentLimit)) written = undefined
    const begins = written === undefined
    const next = diffFacts(about, look, written)
    written = next.written
    if (begins) {
      segment = randomUUID()
      segmentParts = 0
      segmentBytes = 0
      if (lost !== null) add([{ at: lost.from, dropped: { lines: lost.lines, until: lost.until } }], plain)
      lost = null
    }
    add(next.lines, mask)
  }

  return {
    saw: (look, mask) => {
      if (closed) return
      try {
        see(look, mask)
      } catch (error) {
        options.log(error)
        written = undefined
      }
    },
    flush,
    close: () => {
      closed = true
      clearTimeout(timer)
    },
  }
}
