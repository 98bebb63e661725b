/** Milliseconds of blindness that nobody needs to hear of: a connection that is reset is open again within them. Nothing is judged meanwhile. */
const saidAfter = 1_000

/** What a look at the sight means: blindness that is worth saying, or its end after it was said. */
export type SightNews = { readonly kind: 'blind'; readonly since: Date } | { readonly kind: 'sighted'; readonly lasted: number }

/** How long a rollout could not be seen: that time does not use up its deadline. By the rack's clock, which no wall clock moves. */
export interface BlindTime {
  /** Milliseconds of all blindness that is over. */
  readonly ms: number
  /** Takes in since when the cluster is not seen (null: it is), and tells what has to be said of it. */
  note(blindSince: Date | null, now: Date): SightNews | null
  /** When blindness becomes worth saying; null when it is said or there is none. */
  readonly sayAt: Date | null
}

/**
 * `before`: milliseconds counted until `counted`, by an earlier life or an earlier step; `begun`: of the first write, what was unseen before it took nothing
 * from this rollout.
 */
export const blindTime = (before: number, begun: Date, counted: Date = begun): BlindTime => {
  let ms = before
  let stretch: { readonly since: Date; readonly said: boolean } | null = null
  return {
    get ms() {
      return ms
    },
    get sayAt() {
      return stretch === null || stretch.said ? null : new Date(stretch.since.getTime() + saidAfter)
    },
    note: (blindSince, now) => {
      if (blindSince === null) {
        if (stretch === null) return null
        const { since, said } = stretch
        const lasted = Math.max(0, now.getTime() - since.getTime())
        stretch = null
        ms += Math.max(0, now.getTime() - Math.max(since.getTime(), counted.getTime()))
        return said ? { kind: 'sighted', lasted } : null
      }
      stretch ??= { since: new Date(Math.max(blindSince.getTime(), begun.getTime())), said: false }
      if (stretch.said || now.getTime() - stretch.since.getTime() < saidAfter) return null
      stretch = { ...stretch, said: true }
      return { kind: 'blind', since: stretch.since }
    },
  }
}
