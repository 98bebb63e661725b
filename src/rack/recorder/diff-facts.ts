import type { StabilityWindow, Verdict } from '../rollout/judge.ts'
import type { RolloutFacts } from '../rollout/rollout-facts.ts'
import { frameOf, objectsOf, uidOf, versionOf, type Frame, type ObjectFacts } from './fact-lists.ts'
import { recordingVersion, type RecordingLine, type SaidVerdict } from './lines.ts'

/** One look of the judge. */
export interface Look {
  readonly facts: RolloutFacts
  readonly now: Date
  readonly verdict: Verdict
  /** Within the stability window. */
  readonly window?: StabilityWindow
}

/** Whose recording it is. */
export interface About { readonly promotion: string; readonly app: string; readonly owner: string }

/** What the recording holds so far, so that only what is new is written. */
export interface Written {
  readonly frame: string
  /** By uid. */
  readonly objects: ReadonlyMap<string, ObjectFacts>
  readonly verdict: string
}

/** A verdict as it is kept: causes and excuses stay, how far each service was goes (the facts tell). */
export const saidOf = (verdict: Verdict): SaidVerdict => {
  const { kind, ...more } = verdict
  const excused = verdict.kind === 'undecided' ? [] : verdict.services.flatMap((service) => service.excused ?? [])
  return { ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== 'services' && key !== 'nextLookAt')), kind, ...(excused.length === 0 ? {} : { excused }) }
}

/** Equal for verdicts that say the same; the time at which something was first seen does not count. */
export const verdictKey = (verdict: SaidVerdict): string => JSON.stringify(verdict, (key, value: unknown) => (key === 'firstSeen' ? undefined : value))

/** A list that was read anew holds the same objects under new references; where the facts keep no version, their few fields are compared. */
const isSame = (before: ObjectFacts | undefined, now: ObjectFacts): boolean => {
  if (before === now || before === undefined) return before === now
  return versionOf(now) === '' ? JSON.stringify(before) === JSON.stringify(now) : versionOf(now) === versionOf(before)
}

/**
 * The lines that a look adds to a recording, and what it holds then. Without `written` it begins a segment: all facts, that it may be judged by itself.
 * Objects are compared by reference and resource version, so that a look at a thousand unchanged pods costs next to nothing. Pure.
 */
export const diffFacts = (about: About, look: Look, written: Written | undefined): { readonly lines: readonly RecordingLine[]; readonly written: Written } => {
  const at = look.now.toISOString()
  const lines: RecordingLine[] = []
  const frame: Frame = { ...frameOf(look.facts), ...look.window }
  const frameText = JSON.stringify(frame)
  if (written === undefined) lines.push({ at, begin: { version: recordingVersion, ...about }, frame })
  else if (frameText !== written.frame) lines.push({ at, frame })
  const objects = new Map(objectsOf(look.facts).map((object) => [uidOf(object), object]))
  for (const [uid, object] of objects) if (!isSame(written?.objects.get(uid), object)) lines.push({ at, put: object })
  for (const uid of written?.objects.keys() ?? []) if (!objects.has(uid)) lines.push({ at, gone: uid })
  const verdict = saidOf(look.verdict)
  const key = verdictKey(verdict)
  if (key !== written?.verdict) lines.push({ at, verdict })
  return { lines, written: { frame: frameText, objects, verdict: key } }
}
