const dateOf = (ts: string) => new Date(Number(ts) * 1000)

/** `14:05` in the reader's zone. */
export const clock = (ts: string): string => dateOf(ts).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hour12: false })

/** `Saturday, 21 November at 14:05:11`, for a tooltip. */
export const fullTime = (ts: string): string => dateOf(ts).toLocaleString([], { dateStyle: 'full', timeStyle: 'medium' })

/** `Today`, `Yesterday`, or the day. */
export const dayOf = (ts: string, now = new Date()): string => {
  const date = dateOf(ts)
  const days = Math.round(
    (new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime() - new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()) /
      86_400_000,
  )
  return days === 0 ? 'Today' : days === 1 ? 'Yesterday' : date.toLocaleDateString([], { weekday: 'long', day: 'numeric', month: 'long' })
}
