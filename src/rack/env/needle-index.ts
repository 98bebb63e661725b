import type { Needle } from './needles.ts'

/** A needle and the shorter ones that stand wherever it stands. */
export interface Entry {
  readonly needle: Needle
  /** The longest other needle that this one begins with. */
  readonly parent: Entry | undefined
  /** Whether one of those is a piece of base64. */
  readonly runWithin: boolean
}

/** Needles that can be looked up by the text at one position. */
export interface NeedleIndex {
  /** Every needle that stands at `at`, the longest first. */
  readonly at: (text: string, at: number) => Iterable<Entry>
}

const link = (needles: readonly Needle[]): readonly Entry[] => {
  const entries: Entry[] = []
  let parent: Entry | undefined
  // In sorted order what begins with a needle follows it directly, so the way up from the last entry holds every candidate.
  for (const needle of [...needles].sort((a, b) => (a.text < b.text ? -1 : 1))) {
    while (parent !== undefined && !needle.text.startsWith(parent.needle.text)) parent = parent.parent
    const entry: Entry = { needle, parent, runWithin: parent !== undefined && (parent.needle.run || parent.runWithin) }
    entries.push(entry)
    parent = entry
  }
  return entries
}

/** The last entry that does not sort behind the text at a position: whatever stands there is that entry, or one it begins with. */
const lastBefore = (entries: readonly Entry[], text: string, at: number): Entry | undefined => {
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const needle = entries[middle]?.needle.text ?? ''
    if (needle <= text.slice(at, at + needle.length)) low = middle + 1
    else high = middle
  }
  return entries[low - 1]
}

const commonLength = (needle: string, text: string, at: number): number => {
  let length = 0
  while (length < needle.length && needle.charCodeAt(length) === text.charCodeAt(at + length)) length += 1
  return length
}

function* matching(entries: readonly Entry[], text: string, at: number): Iterable<Entry> {
  let entry = lastBefore(entries, text, at)
  if (entry === undefined) return
  const common = commonLength(entry.needle.text, text, at)
  for (; entry !== undefined; entry = entry.parent) if (entry.needle.text.length <= common) yield entry
}

/** Indexes needles by their first `length` characters (none may be shorter), then by binary search: many values with one long beginning stay cheap. */
export const indexNeedles = (needles: readonly Needle[], length: number): NeedleIndex => {
  const buckets = new Map<string, Needle[]>()
  for (const needle of needles) {
    const start = needle.text.slice(0, length)
    const bucket = buckets.get(start)
    if (bucket === undefined) buckets.set(start, [needle])
    else bucket.push(needle)
  }
  const linked = new Map([...buckets].map(([start, bucket]) => [start, link(bucket)] as const))
  return {
    at: (text, at) => {
      const entries = linked.get(text.slice(at, at + length))
      return entries === undefined ? [] : matching(entries, text, at)
    },
  }
}
