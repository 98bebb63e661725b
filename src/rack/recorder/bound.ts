/** Bytes of one promotion's recording, compressed (issue 4, flight recorder). */
export const recordingLimit = 200_000
/** Days for which it is kept. */
export const recordingDays = 30
/** Bytes of a segment, compressed, after which another one begins: whole segments are what can be dropped from the middle. */
export const segmentLimit = 25_000

interface Part { readonly id: string; readonly segment: string; readonly size: number }

/**
 * Which parts have to go when a recording is larger than its limit: the beginning (half of it) and the newest whole segments stay, for what went wrong first
 * and how it ended are asked for. A segment that lost a part cannot be judged any further, so the rest of it goes too. Parts of size 0 are gone already. Pure.
 */
export const partsToDrop = (parts: readonly Part[], limit = recordingLimit): readonly string[] => {
  const sum = (some: readonly Part[]): number => some.reduce((total, part) => total + part.size, 0)
  if (sum(parts) <= limit) return []
  let head = 0
  let size = 0
  for (const part of parts) {
    if (part.size === 0 || size + part.size > limit / 2) break
    size += part.size
    head += 1
  }
  const keep = new Set(parts.slice(0, head).map(({ id }) => id))
  const rest = parts.slice(head)
  const torn = new Set([...rest.filter((part) => part.size === 0), ...parts.slice(head - 1, head)].map(({ segment }) => segment))
  for (const segment of [...new Set(rest.map((part) => part.segment))].reverse()) {
    const own = rest.filter((part) => part.segment === segment)
    if (torn.has(segment) || size + sum(own) > limit) break
    size += sum(own)
    for (const { id } of own) keep.add(id)
  }
  return parts.filter((part) => part.size > 0 && !keep.has(part.id)).map(({ id }) => id)
}
