/** Stretches kept: an API server that comes and goes all day must not fill the memory. */
const most = 1_000

/** When the cluster could not be seen. */
export interface SightLog {
  wentBlind(since: Date): void
  sees(at: Date): void
  /** Milliseconds from `since` until `now` in which not everything was seen, with the stretch that is not over. */
  blindFor(since: Date, now: Date): number
}

/** Begins blind, as every view does. Stretches that overlap are counted once: silence is noticed some time after it began. */
export const createSightLog = (begun: Date): SightLog => {
  const over: { readonly from: number; readonly to: number }[] = []
  let blindFrom: number | null = begun.getTime()
  return {
    wentBlind: (since) => {
      blindFrom ??= Math.max(since.getTime(), over.at(-1)?.to ?? -Infinity)
    },
    sees: (at) => {
      if (blindFrom === null) return
      over.push({ from: blindFrom, to: at.getTime() })
      if (over.length > most) over.shift()
      blindFrom = null
    },
    blindFor: (since, now) => {
      const stretches = blindFrom === null ? over : [...over, { from: blindFrom, to: now.getTime() }]
      return stretches.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, now.getTime()) - Math.max(from, since.getTime())), 0)
    },
  }
}
