import { z } from 'zod'
import { recordingParts } from '../../src/db/recordings.ts'
import { parseLine } from '../../src/rack/recorder/lines.ts'
import { recordingText } from '../../src/rack/recorder/recording-text.ts'
import { replayWatch, type WatchLine } from '../../src/rack/recorder/replay-watch.ts'
import type { BenchPlace, Engine } from './place.ts'
import type { Seen } from './processes.ts'

const direction = z.object({ firstWriteAt: z.coerce.date(), evidenceAt: z.coerce.date().optional(), writingAt: z.coerce.date().optional() }).optional()
const rowShape = z.object({
  status: z.string(), failed_at: z.date().nullable(), finished_at: z.date(), deadline_seconds: z.number(), stability_seconds: z.number(),
  state: z.object({ out: direction, back: direction }), cause: z.object({ rule: z.string(), process: z.string().optional() }).nullable(),
})

/** Milliseconds between what was true and what was done. Absent where the promotion has no such moment. */
export interface Timings {
  readonly status: string
  readonly rule: string | null
  /** From the event (or the end of a grace period) that decided, as the observer saw it, to the judge saying so. */
  readonly decidedToJudged?: number
  /** The same until the engine acts on it: the cluster has vouched for what only the clock made due, and the cause is about to be written down. */
  readonly decidedToVerdict?: number
  /** From the first write of the roll-out to the deciding event: what the failure itself takes. */
  readonly writeToDecided?: number
  readonly verdictToWrite?: number
  /** From the end of collecting evidence until the first write was sent. */
  readonly evidenceToWrite?: number
  /** The same until the observer saw a Deployment ask for the old template. */
  readonly evidenceToSeen?: number
  readonly verdictToProven?: number
  /** From what the observer saw complete to the judge's `complete`, of each direction that got there. */
  readonly completeSeen: readonly number[]
  /** Of the first write of the roll-out. */
  readonly firstWriteAt: number
}

/** What the observer saw as a recorded watch: the notes stand where the first write of each direction was. */
export const watchLines = (frames: readonly Seen[], epoch: number, out: Date, back: Date | undefined): readonly WatchLine[] => {
  const note = (type: string, at: Date): WatchLine => ({ t: at.getTime() - 1 - epoch, kind: 'note', type, object: {} })
  const seen = frames.map(({ at, kind, type, object }): WatchLine => ({ t: at - epoch, kind, type, object }))
  return [...seen, note('PROMOTE', out), ...(back === undefined ? [] : [note('ROLLBACK', back)])].toSorted((a, b) => a.t - b.t)
}

/** When this judge first said so, by direction and kind (`out failed`): from the promotion's own recording. */
const saidAt = async (engine: Engine, promotion: string): Promise<Readonly<Record<string, number>>> => {
  const text = await recordingText(await recordingParts(engine.slipway.rack.db, promotion))
  const found: Record<string, number> = {}
  let facing = 'out'
  for (const raw of text.split('\n')) {
    const line = raw === '' ? undefined : parseLine(JSON.parse(raw))
    if (line !== undefined && 'frame' in line) facing = line.frame.direction
    if (line !== undefined && 'verdict' in line) found[`${facing} ${line.verdict.kind}`] ??= Date.parse(line.at)
  }
  return found
}

const specified = z.object({ metadata: z.object({ uid: z.string(), generation: z.number() }) })

/** When the observer first saw somebody change what a Deployment asks for, from `since` on. */
export const respecified = (frames: readonly Seen[], since: number): number | undefined => {
  const generations = new Map<string, number>()
  for (const { at, kind, object } of frames) {
    const { data } = kind === 'deployments' ? specified.safeParse(object) : { data: undefined }
    if (data === undefined) continue
    const { uid, generation } = data.metadata
    const before = generations.get(uid)
    generations.set(uid, generation)
    if (before !== undefined && generation > before && at >= since) return at
  }
  return undefined
}

/** Waits until the recording of an ended promotion has its last part. */
const recorded = async (place: BenchPlace, promotion: string): Promise<void> => {
  for (let tries = 0; tries < 100; tries += 1) {
    const rows = await place.sql`select 1 from promotions p join recordings r on r.promotion_id = p.id where p.id = ${promotion} and r.last_at >= p.finished_at - interval '2 seconds'`
    if (rows.length > 0) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** What one ended promotion took, by the database, by what its judge recorded, and by the observer's own watch, judged again as if nothing ever took time. */
export const timingsOf = async (place: BenchPlace, engine: Engine, promotion: string, frames: readonly Seen[]): Promise<Timings> => {
  await recorded(place, promotion)
  const [raw] = await place.sql`select status, failed_at, finished_at, deadline_seconds, stability_seconds, state, cause from promotions where id = ${promotion}`
  const row = rowShape.parse(raw)
  const out = row.state.out?.firstWriteAt
  if (out === undefined) throw new Error(`${promotion} wrote nothing`)
  const back = row.state.back?.firstWriteAt
  const epoch = frames[0]?.at ?? out.getTime()
  const { entries } = replayWatch(watchLines(frames, epoch, out, back), { epoch: new Date(epoch), deadline: row.deadline_seconds, stability: row.stability_seconds * 1000 })
  const verdicts = entries.filter((entry) => entry.kind === 'verdict')
  const when = (kind: string, of: 'out' | 'back'): number | undefined => verdicts.find((entry) => entry.verdict.kind === kind && entry.direction === of)?.at.getTime()
  const said = await saidAt(engine, promotion)
  const decided = when('failed', 'out')
  const judged = said['out failed']
  const failed = row.failed_at?.getTime()
  const completeSeen = (['out', 'back'] as const).flatMap((of) => {
    const [truth, seen] = [when('complete', of), said[`${of} complete`]]
    return truth === undefined || seen === undefined ? [] : [seen - truth]
  })
  const [evidence, sent] = [row.state.back?.evidenceAt?.getTime(), row.state.back?.writingAt?.getTime()]
  const written = evidence === undefined ? undefined : respecified(frames, evidence)
  return {
    status: row.status, rule: row.cause?.rule ?? null, completeSeen, firstWriteAt: out.getTime(),
    ...(decided === undefined || judged === undefined ? {} : { decidedToJudged: judged - decided }),
    ...(decided === undefined || failed === undefined ? {} : { decidedToVerdict: failed - decided, writeToDecided: decided - out.getTime() }),
    ...(failed === undefined || sent === undefined ? {} : { verdictToWrite: sent - failed, verdictToProven: row.finished_at.getTime() - failed }),
    ...(evidence === undefined || sent === undefined ? {} : { evidenceToWrite: sent - evidence }),
    ...(evidence === undefined || written === undefined ? {} : { evidenceToSeen: written - evidence }),
  }
}
