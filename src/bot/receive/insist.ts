/** Milliseconds between two tries, and how long it is tried: as long as a delivery is worth doing at all (src/rack/inbox.ts). */
const tries = { every: 3_000, most: 15 * 60_000 } as const

/** Does a small thing again and again until it worked, while others go on. `onError` hears of each failure. Never throws. */
export const insist = (work: () => Promise<void>, onError: (error: unknown) => void, tried = 0): void => {
  work().catch((error: unknown) => {
    onError(error)
    if (tried < tries.most) setTimeout(() => insist(work, onError, tried + tries.every), tries.every).unref()
  })
}
