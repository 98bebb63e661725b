import type { Absence } from '../../rack/delivery-store.ts'
import type { ThreadLine } from '../../rack/thread-line.ts'
import type { SaidLine } from '../messages/thread.ts'

/** A line as it will be said, and the outbox rows it stands for. */
export interface Told { readonly line: SaidLine; readonly seqs: readonly number[] }

/** What may be left out: the cluster's own events and what a release command wrote. Status and our own lines never are. */
const isDetail = (line: SaidLine): boolean => line.kind === 'event' || line.kind === 'output'

/** Fewer events than this are said in full after an absence. */
const leastSummarised = 4

const within = (line: SaidLine, { from, until }: Absence): boolean => {
  // Lines have whole seconds.
  const at = Date.parse(line.at)
  return at >= from.getTime() - 1_000 && at <= until.getTime()
}

/** One line for all events of an absence, where the first of them was; nothing changes when there were only a few, or none. */
export const summarise = (lines: readonly { readonly seq: number; readonly line: ThreadLine }[], absence: Absence | null): readonly Told[] => {
  const told: readonly Told[] = lines.map(({ seq, line }) => ({ line, seqs: [seq] }))
  if (absence === null) return told
  const missed = told.filter(({ line }) => isDetail(line) && within(line, absence))
  const [first] = missed
  if (first === undefined || missed.length < leastSummarised) return told
  const away: Told = {
    line: { kind: 'away', at: absence.until.toISOString().replace(/\.\d+Z$/u, 'Z'), from: absence.from, until: absence.until, events: missed.length },
    seqs: missed.flatMap(({ seqs }) => seqs),
  }
  return told.flatMap((one) => (one === first ? [away] : missed.includes(one) ? [] : [one]))
}

/**
 * Leaves out detail, the oldest first, until `fits`; never status, our own lines or the last line. Each gap is one line that counts what it
 * stands for.
 */
export const omit = (told: readonly Told[], fits: (lines: readonly SaidLine[]) => boolean): readonly Told[] => {
  const droppable = told.flatMap((one, index) => (index < told.length - 1 && isDetail(one.line) ? [index] : []))
  const without = (count: number): readonly Told[] => {
    const dropped = new Set(droppable.slice(0, count))
    const kept: Told[] = []
    told.forEach((one, index) => {
      const last = kept.at(-1)
      if (!dropped.has(index)) kept.push(one)
      else if (last?.line.kind === 'omitted') kept[kept.length - 1] = { line: { ...last.line, count: last.line.count + one.seqs.length }, seqs: [...last.seqs, ...one.seqs] }
      else kept.push({ line: { kind: 'omitted', at: one.line.at, count: one.seqs.length }, seqs: one.seqs })
    })
    return kept
  }
  const enough = (count: number): boolean => fits(without(count).map(({ line }) => line))
  if (enough(0)) return told
  let [low, high] = [0, droppable.length]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (enough(middle)) high = middle
    else low = middle + 1
  }
  return without(high)
}
