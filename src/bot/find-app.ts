import type { Operations } from '../rack/operations.ts'
import type { Place } from './context.ts'
import type { Parsed } from './parse.ts'
import { UsageFailure } from './usage-error.ts'

/** The rack named with `-r`, else the first one. Throws `UsageFailure` for a name that no rack has. */
export const findRack = (racks: readonly Operations[], name: string | null): Operations => {
  const rack = name === null ? racks[0] : racks.find((one) => one.rack === name)
  if (rack === undefined) throw new UsageFailure({ code: 'rack_unknown', rack: name ?? '', racks: racks.map((one) => one.rack) })
  return rack
}

export interface Found { readonly rack: Operations; readonly app: string }

/** Every app whose cards go to a channel, on all racks. */
export const appsOfPlace = async (racks: readonly Operations[], place: Place): Promise<Found[]> => {
  const found: Found[] = []
  for (const rack of racks) for (const app of await rack.appsOfChannel(place.channel)) found.push({ rack, app })
  return found
}

/** The only app of a channel. Throws `UsageFailure` when there are several, or none. */
export const findAppOfPlace = async (racks: readonly Operations[], place: Place, example: string): Promise<Found> => {
  const candidates = await appsOfPlace(racks, place)
  const [first] = candidates
  if (first === undefined) throw new UsageFailure({ code: 'app_needed', example })
  const names = [...new Set(candidates.map((one) => one.app))]
  if (names.length > 1) throw new UsageFailure({ code: 'app_not_clear', apps: names })
  if (candidates.length > 1) throw new UsageFailure({ code: 'rack_not_clear', app: first.app, racks: candidates.map((one) => one.rack.rack) })
  return first
}

/** The only app of a channel that was named where an app is. Throws `UsageFailure` when there are several, or none. */
export const findAppOfChannel = async (racks: readonly Operations[], channel: string): Promise<Found> => {
  if ((await appsOfPlace(racks, { channel, direct: false })).length === 0) throw new UsageFailure({ code: 'channel_without_app', channel })
  return findAppOfPlace(racks, { channel, direct: false }, '')
}

/** The rack of an app that was typed without one: the only one that has it, else the one whose app has this channel. Throws `UsageFailure` when several do. */
const rackOfTyped = async (racks: readonly Operations[], place: Place, app: string, having: (app: string) => Promise<readonly Operations[]>): Promise<Operations> => {
  if (racks.length < 2) return findRack(racks, null)
  const have = await having(app)
  const [only] = have
  if (only === undefined) return findRack(racks, null)
  if (have.length === 1) return only
  const here = (await appsOfPlace(have, place)).filter((found) => found.app === app.toLowerCase())
  const [first] = here
  if (first !== undefined && here.length === 1) return first.rack
  throw new UsageFailure({ code: 'rack_not_clear', app, racks: have.map((rack) => rack.rack) })
}

/**
 * The app a command is about: as typed, else the only one of the channel. `having` tells the racks that have an app. Throws `UsageFailure` when that
 * leaves several or none.
 */
export const findApp = async (racks: readonly Operations[], place: Place, parsed: Parsed, having: (app: string) => Promise<readonly Operations[]>): Promise<Found> => {
  if (parsed.appChannel !== null) return findAppOfChannel(parsed.rack === null ? racks : [findRack(racks, parsed.rack)], parsed.appChannel)
  if (parsed.app !== null) return { rack: parsed.rack === null ? await rackOfTyped(racks, place, parsed.app, having) : findRack(racks, parsed.rack), app: parsed.app }
  return findAppOfPlace(parsed.rack === null ? racks : [findRack(racks, parsed.rack)], place, parsed.command.example)
}
