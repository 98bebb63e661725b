const pad = (number: number) => String(number).padStart(2, '0')

const ordinal = (day: number) => {
  const tail = day % 10
  const suffix = day >= 11 && day <= 13 ? 'th' : tail === 1 ? 'st' : tail === 2 ? 'nd' : tail === 3 ? 'rd' : 'th'
  return `${day}${suffix}`
}

const ago = (seconds: number): string => {
  const [distance, future] = [Math.abs(seconds), seconds < 0]
  const [count, unit] =
    distance < 60
      ? [Math.floor(distance), 'second']
      : distance < 3600
        ? [Math.floor(distance / 60), 'minute']
        : distance < 86_400
          ? [Math.floor(distance / 3600), 'hour']
          : [Math.floor(distance / 86_400), 'day']
  if (unit === 'second' && count < 5) return 'just now'
  const words = `${count} ${unit}${count === 1 ? '' : 's'}`
  return future ? `in ${words}` : `${words} ago`
}

/** Whole days from the local day of `now` to the local day of `date`: 0 today, -1 yesterday. */
const dayDistance = (date: Date, now: Date) =>
  Math.round(
    (new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime() - new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime()) /
      86_400_000,
  )

/**
 * Fills a Slack date format (docs.slack.dev messaging/formatting-message-text) in the reader's own time zone.
 * `seconds` is a Unix time; unknown tokens make Slack show the fallback, and so does this (undefined).
 */
export const formatSlackDate = (seconds: number, format: string, now: Date = new Date()): string | undefined => {
  const date = new Date(seconds * 1000)
  const month = (style: 'short' | 'long') => date.toLocaleString('en', { month: style })
  const weekday = date.toLocaleString('en', { weekday: 'long' })
  const near = { '-1': 'yesterday', 0: 'today', 1: 'tomorrow' }[dayDistance(date, now)]
  const dates: Record<string, string> = {
    date_num: `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`,
    date_slash: `${pad(date.getMonth() + 1)}/${pad(date.getDate())}/${date.getFullYear()}`,
    date: `${month('long')} ${ordinal(date.getDate())}, ${date.getFullYear()}`,
    date_short: `${month('short')} ${date.getDate()}, ${date.getFullYear()}`,
    date_long: `${weekday}, ${month('long')} ${ordinal(date.getDate())}, ${date.getFullYear()}`,
    time: `${pad(date.getHours())}:${pad(date.getMinutes())}`,
    time_secs: `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`,
    ago: ago((now.getTime() - date.getTime()) / 1000),
  }
  for (const name of ['date', 'date_short', 'date_long']) dates[`${name}_pretty`] = near ?? dates[name] ?? ''
  let known = true
  const filled = format.replaceAll(/\{([a-z_]+)\}/g, (_token, name: string) => {
    if (!Object.hasOwn(dates, name)) known = false
    return dates[name] ?? ''
  })
  return known ? filled : undefined
}
