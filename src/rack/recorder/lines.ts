import { z } from 'zod'
import type { Frame, ObjectFacts } from './fact-lists.ts'

/** Version of the form below; a reader refuses a newer one. */
export const recordingVersion = 1

/** A verdict as a recording keeps it: what was said, without how far each service was. */
export type SaidVerdict = Readonly<Record<string, unknown>> & { readonly kind: string }

/**
 * One line of a recording; times are RFC 3339, of our clock. `begin` starts a segment: all facts follow as `put`. The lines of one time are one look of the
 * judge, who saw all of them. `verdict` is what it said when that was something new; `dropped` lines had no room.
 */
export type RecordingLine =
  | { readonly at: string; readonly begin: { readonly version: number; readonly promotion: string; readonly app: string; readonly owner: string }; readonly frame: Frame }
  | { readonly at: string; readonly frame: Frame }
  | { readonly at: string; readonly put: ObjectFacts }
  | { readonly at: string; readonly gone: string }
  | { readonly at: string; readonly verdict: SaidVerdict }
  | { readonly at: string; readonly dropped: { readonly lines: number; readonly until: string } }

const known = z.union([z.looseObject({ kind: z.string(), meta: z.looseObject({ uid: z.string(), name: z.string() }) }), z.looseObject({ kind: z.string(), uid: z.string(), name: z.string() })])
const time = z.iso.datetime()
const frameShape = z.looseObject({
  direction: z.enum(['out', 'back']), fresh: z.boolean(), startedAt: time, deadlineAt: time, deadline: z.number(), stableSince: time.optional(), stableUntil: time.optional(), stableBlindMs: z.number().optional(),
  ourManager: z.string(), baseline: z.record(z.string(), z.number()),
  expected: z.array(z.looseObject({ service: z.string(), uid: z.string(), generation: z.number(), templateKey: z.string(), containers: z.array(z.looseObject({ name: z.string() })) })),
})
// What stands inside an object is the domain's own form, written by `diffFacts`: its identity is checked, the rest shows when it is judged.
const frame = z.custom<Frame>((value) => frameShape.safeParse(value).success)
const object = z.custom<ObjectFacts>((value) => known.safeParse(value).success)
const lineShape = z.union([
  z.object({ at: time, begin: z.object({ version: z.number().max(recordingVersion), promotion: z.string(), app: z.string(), owner: z.string() }), frame }),
  z.strictObject({ at: time, frame }),
  z.strictObject({ at: time, put: object }),
  z.strictObject({ at: time, gone: z.string() }),
  z.strictObject({ at: time, verdict: z.looseObject({ kind: z.string() }) }),
  z.strictObject({ at: time, dropped: z.object({ lines: z.number(), until: time }) }),
])

/** A line of our form, or undefined when it is none. */
export const parseLine = (value: unknown): RecordingLine | undefined => lineShape.safeParse(value).data
