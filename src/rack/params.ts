import type { AppParams } from './operations.ts'
import { refuse } from './refusal.ts'

/** Names of the params of an app, in the order they are shown. */
export const paramNames = ['channel', 'approvals', 'approvers', 'deadline', 'stability', 'expiry'] as const
export type ParamName = (typeof paramNames)[number]

/** Design 4: deadline 10 min, stability 30 s, expiry 60 min, one approval. Seconds. */
export const defaultParams: AppParams = { channel: null, approvals: 1, approvers: [], deadline: 600, stability: 30, expiry: 3600 }

const unitSeconds = { s: 1, m: 60, h: 3600 } as const
const isUnit = (unit: string | undefined): unit is keyof typeof unitSeconds => unit !== undefined && unit in unitSeconds

/** Seconds of `90s`, `10m`, `2h`; undefined for anything else. */
export const parseDuration = (text: string): number | undefined => {
  const [, digits, unit] = /^(\d{1,6})([smh])$/.exec(text.trim().toLowerCase()) ?? []
  return digits !== undefined && isUnit(unit) ? Number(digits) * unitSeconds[unit] : undefined
}

const idOf = (word: string): string | undefined => /^<?(?:[@#]|!subteam\^)?([CGDUWS][A-Z0-9]{2,})(?:\|[^>]*)?>?$/.exec(word.trim())?.[1]

interface Definition { readonly expected: string; read(value: string): Partial<AppParams> | undefined }
const duration = (name: 'deadline' | 'stability' | 'expiry', least: number, most: number, expected: string): Definition => ({
  expected,
  read: (value) => {
    const seconds = parseDuration(value)
    return seconds === undefined || seconds < least || seconds > most ? undefined : { [name]: seconds }
  },
})

const definitions: Readonly<Record<ParamName, Definition>> = {
  channel: { expected: 'a channel, such as #shop-releases', read: (value) => {
    const id = idOf(value)
    return id === undefined || !/^[CG]/.test(id) ? undefined : { channel: id }
  } },
  approvals: { expected: 'a number from 0 to 10', read: (value) => (/^(10|\d)$/.test(value) ? { approvals: Number(value) } : undefined) },
  approvers: { expected: 'people or user groups, such as @bo,@release-team, or none', read: (value) => {
    if (value === 'none' || value === '') return { approvers: [] }
    const ids = value.split(/[\s,]+/).filter((word) => word !== '').map(idOf)
    const people = ids.filter((id): id is string => id !== undefined && /^[UWS]/.test(id))
    return people.length === ids.length ? { approvers: [...new Set(people)] } : undefined
  } },
  deadline: duration('deadline', 30, 21_600, 'a time from 30s to 6h'),
  stability: duration('stability', 0, 3_600, 'a time from 0s to 1h'),
  expiry: duration('expiry', 60, 604_800, 'a time from 1m to 168h'),
}

const isParamName = (name: string): name is ParamName => paramNames.some((known) => known === name)

/** Reads one `name=value`; refuses an unknown name or a bad value with the list of what exists. Returns the text to store. */
export const readParam = (name: string, value: string): { readonly name: ParamName; readonly stored: string } => {
  const known = name.toLowerCase()
  if (!isParamName(known)) return refuse({ code: 'param_unknown', name, known: paramNames })
  const read = definitions[known].read(value)
  if (read === undefined) return refuse({ code: 'param_invalid', name: known, value, expected: definitions[known].expected })
  return { name: known, stored: JSON.stringify(Object.values(read)[0]) }
}

/** Refuses a deadline of one promotion that the param would not take either. Seconds. */
export const requireDeadline = (seconds: number | null): void => {
  const { read, expected } = definitions.deadline
  if (seconds !== null && read(`${seconds}s`) === undefined) refuse({ code: 'param_invalid', name: 'deadline', value: `${seconds}s`, expected })
}

/** The params as stored, over the defaults. */
export const paramsFrom = (stored: ReadonlyMap<string, string>): AppParams => {
  const text = (name: ParamName): unknown => {
    const value = stored.get(name)
    return value === undefined ? undefined : JSON.parse(value)
  }
  const number = (name: 'approvals' | 'deadline' | 'stability' | 'expiry'): number => {
    const value = text(name)
    return typeof value === 'number' ? value : defaultParams[name]
  }
  const channel = text('channel')
  const approvers = text('approvers')
  return {
    channel: typeof channel === 'string' ? channel : null,
    approvals: number('approvals'),
    approvers: Array.isArray(approvers) ? approvers.filter((id) => typeof id === 'string') : [],
    deadline: number('deadline'), stability: number('stability'), expiry: number('expiry'),
  }
}
