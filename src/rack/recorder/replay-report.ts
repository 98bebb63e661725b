import { isRecord } from '../is-record.ts'
import type { Cause } from '../cause.ts'
import { saidOf } from './diff-facts.ts'
import type { SaidVerdict } from './lines.ts'
import type { Replayed } from './replay.ts'
import type { Change, Entry } from './replay-player.ts'

/** Cut: a message of the cluster may be a page. */
const longest = 300

const oneLine = (text: string): string => {
  const clean = text.replace(/\s+/g, ' ').trim()
  return clean.length > longest ? `${clean.slice(0, longest)}…` : clean
}

/** What is known of a cause, in one line: rule, service, pod and container, then the evidence. */
const causeLine = (cause: Cause): string => {
  const evidence = [
    cause.reason,
    cause.exitCode === undefined ? undefined : `exit ${cause.exitCode}`,
    cause.restarts === undefined ? undefined : `${cause.restarts} restarts`,
    cause.affected === undefined ? undefined : `${cause.affected.failing} of ${cause.affected.of} new processes`,
    cause.ready === undefined ? undefined : `${cause.ready.ready} of ${cause.ready.of} ready`,
    cause.manager === undefined ? undefined : `by ${cause.manager}`,
    cause.message === undefined ? undefined : `“${oneLine(cause.message)}”`,
    `first seen ${cause.firstSeen}`,
  ].filter((each) => each !== undefined)
  return [cause.rule, cause.kind, cause.service, [cause.process, cause.container].filter((each) => each !== undefined).join('/')].filter((each) => each !== undefined && each !== '').join('  ') + `: ${evidence.join(', ')}`
}

const wordsOf = (value: unknown): string => (isRecord(value) ? Object.values(value).map(String).join(': ') : String(value))

/** Whatever the judge excused, of the verdict or of one of its causes or services: `pod: why`. */
const excusesOf = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(excusesOf)
  if (!isRecord(value)) return []
  return [...new Set(Object.entries(value).flatMap(([key, inner]) => (key === 'excused' && Array.isArray(inner) ? inner.map(wordsOf) : excusesOf(inner))))]
}

const causesOf = ({ verdict }: Change): readonly Cause[] => {
  if (verdict.kind === 'failed') return verdict.causes
  return verdict.kind === 'superseded' ? [verdict.cause] : []
}

const directions = { out: 'roll-out', back: 'way back' } as const

const saidWords = (verdict: SaidVerdict): string => oneLine(JSON.stringify(verdict))

const linesOf = (entry: Entry): readonly string[] => {
  if (entry.kind === 'remark') return [`-- ${entry.text}`]
  if (entry.kind === 'differs') return [`!! the recording says otherwise: ${saidWords(entry.recorded)}`]
  const { verdict } = entry
  return [
    `${directions[entry.direction]}: ${verdict.kind}${entry.window ? ' (stability window)' : ''}`,
    ...causesOf(entry).map((cause) => `  ${causeLine(cause)}`),
    ...[...new Set(excusesOf(saidOf(verdict)))].map((excuse) => `  excused ${excuse}`),
  ]
}

/** True for what an engine acts on: nothing that its judge says afterwards in that direction is heard. */
const ends = ({ verdict }: Change): boolean => verdict.kind === 'failed' || verdict.kind === 'superseded'

/** The verdict an engine would have acted on: of the last direction, the first failure, else the last word. */
const finalOf = (changes: readonly Change[]): Change | undefined => {
  const last = changes.at(-1)
  const own = changes.filter((change) => change.direction === last?.direction)
  return own.find(ends) ?? last
}

const verdictJson = (change: Change): object => ({ direction: change.direction, at: change.at.toISOString(), ...saidOf(change.verdict) })

const seconds = (at: Date, from: Date): string => `${((at.getTime() - from.getTime()) / 1000).toFixed(3).padStart(9)} s  `

/**
 * Every change of the verdict with its time (seconds since the first write), rule, pod, evidence and excuses, and what else the recording says. The last
 * line is JSON: the verdict that stands at the end, and under `before` the one that ended the direction before it.
 */
export const replayReport = ({ entries, from }: Replayed): readonly string[] => {
  const lines = entries.flatMap((entry) => linesOf(entry).map((text, index) => `${index === 0 ? seconds(entry.at, from) : ' '.repeat(13)}${text}`))
  const changes = entries.filter((entry) => entry.kind === 'verdict')
  const last = finalOf(changes)
  const earlier = finalOf(changes.filter((change) => change.direction !== last?.direction))
  if (last === undefined) return [...lines, JSON.stringify({ kind: 'none' })]
  return [...lines, JSON.stringify({ ...verdictJson(last), ...(earlier === undefined ? {} : { before: verdictJson(earlier) }) })]
}
