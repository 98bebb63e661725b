import { CronTime } from 'cron'

/** When something comes round. */
export interface Schedule {
  /** The first time after `time`; both in ms since the epoch. */
  next(time: number): number
}

const units: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1_000 }

/** `@every 1m30s`: from the given time on, in whole seconds. */
const every = (duration: string): Schedule | undefined => {
  if (!/^(\d+[hms])+$/.test(duration)) return undefined
  const total = [...duration.matchAll(/(\d+)([hms])/g)].reduce((sum, [, count, unit = '']) => sum + Number(count) * (units[unit] ?? 0), 0)
  return { next: (time) => Math.floor((time + Math.max(total, 1_000)) / 1_000) * 1_000 }
}

/** As robfig/cron spells them out; `cron` knows some of them only. */
const aliases: Record<string, string> = {
  '@yearly': '0 0 1 1 *', '@annually': '0 0 1 1 *', '@monthly': '0 0 1 * *', '@weekly': '0 0 * * 0', '@daily': '0 0 * * *', '@midnight': '0 0 * * *', '@hourly': '0 * * * *',
}

/** Five fields, or `@daily` and the like, in a time zone of IANA (UTC without). Throws Error with a reason in the words of robfig/cron where it has some. */
export const parseSchedule = (text: string, zone = 'UTC'): Schedule => {
  const fields = (aliases[text] ?? text).split(/\s+/).filter((field) => field !== '')
  if (text.startsWith('@every ')) {
    const found = every(text.slice('@every '.length).trim())
    if (!found) throw new Error(`failed to parse duration ${text}: time: invalid duration ${JSON.stringify(text.slice('@every '.length))}`)
    return found
  }
  if (!text.startsWith('@') && fields.length !== 5) throw new Error(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`)
  if (text.startsWith('@') && aliases[text] === undefined) throw new Error(`unrecognized descriptor: ${text}`)
  // `cron` takes it for Sunday, Kubernetes does not.
  const seventh = /(?<![\d/])7(?!\d)/.exec(fields[4] ?? '')
  if (seventh) throw new Error(`end of range (7) above maximum (6): ${fields[4]}`)
  const time = new CronTime(fields.map((field) => (field === '?' ? '*' : field)).join(' '), zone)
  return { next: (after) => time.getNextDateFrom(new Date(after), zone).toMillis() }
}
