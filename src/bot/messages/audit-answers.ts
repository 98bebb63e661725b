import type { Paged } from '../../db/page.ts'
import type { AuditRow } from '../../rack/audit.ts'
import type { Answer } from '../blocks.ts'
import type { ListAsk } from '../page-value.ts'
import { pagerButtons } from './pager.ts'
import { code, day, nameOf, say, type Names, type Phrase } from './phrase.ts'
import { cut } from './plain-text.ts'
import { appOf } from './promotion-facts.ts'
import { codeAnswer, foldedTable, sentenceAnswer } from './tables.ts'
import { rfc3339 } from './times.ts'

/** Everybody whom the list names. */
export const actorsIn = (rows: readonly AuditRow[]): readonly string[] => rows.map(({ actor }) => actor).filter((id) => id !== 'system')

type Detail = AuditRow['detail']

const words = (value: Detail | undefined): string => {
  if (value === undefined || value === null) return ''
  if (typeof value !== 'object') return String(value)
  return Array.isArray(value) ? value.map(words).join(',') : `{${pairs(value)}}`
}

/** `key=value`, what is empty left out. */
const pairs = (value: Detail): string =>
  value === null || typeof value !== 'object' || Array.isArray(value)
    ? words(value)
    : Object.entries(value).map(([key, each]) => [key, words(each)] as const).filter(([, text]) => text !== '').map(([key, text]) => `${key}=${text}`).join(' ')

const by = (actor: string, names: Names): string => (actor === 'system' ? 'the bot' : `@${nameOf(actor, names)}`)

/** `approved`; of a decision that ended something also what came of it. */
const outcome = ({ decision, result }: AuditRow): string => [...new Set([decision, result])].filter((word) => word !== null).map((word) => word.replaceAll('_', ' ')).join(', ')

/** The lines of `audit`, newest first. */
export const auditTable = (rows: readonly AuditRow[], names: Names = {}): string =>
  foldedTable(['WHEN', 'WHO', 'WHAT', 'APP', 'PROMOTION', 'RESULT', 'REASON', 'DETAIL'], rows.map((row) => [
    rfc3339(row.at), by(row.actor, names), row.action, row.app ?? '', row.promotionId ?? '', outcome(row), cut(row.reason ?? '', 80), cut(pairs(row.detail), 100),
  ]))

type Asked = Pick<ListAsk, 'app' | 'rack' | 'since' | 'by'>

/** `shop`, `shop on prod` where there are several racks, or the rack. */
const ofWhat = ({ app, rack }: Asked, severalRacks: boolean): string => (app === null ? rack : appOf({ app, rack, severalRacks }))

const about = (asked: Asked, severalRacks: boolean, names: Names): Phrase => {
  const { since, by: person } = asked
  return say`${code(ofWhat(asked, severalRacks))}${person === undefined ? [] : say` by ${by(person, names)}`}${since === undefined ? [] : say` since ${day(since)}`}`
}

/** The same for a notification: without the time. */
const plainly = (asked: Asked, severalRacks: boolean, names: Names): string => `${ofWhat(asked, severalRacks)}${asked.by === undefined ? '' : ` by ${by(asked.by, names)}`}`

/** `audit`. */
export const auditAnswer = (page: Paged<AuditRow>, asked: ListAsk, severalRacks: boolean, names: Names = {}): Answer => {
  const { app, by: person } = asked
  if (page.rows.length === 0) return sentenceAnswer(`Nothing was done on ${plainly(asked, severalRacks, names)}.`, say`Nothing was done on ${about(asked, severalRacks, names)}.`)
  const command = `/convox audit${app === null ? '' : ` -a ${app}`}${person === undefined ? '' : ` --by ${person}`} --export`
  return codeAnswer({
    text: `Audit of ${plainly(asked, severalRacks, names)}.`, code: auditTable(page.rows, names), file: 'audit.txt', buttons: pagerButtons(asked, page),
    context: say`${about(asked, severalRacks, names)}, newest first, times in UTC · all of it as a file: ${code(command)}`,
  })
}

/** `audit --export`. */
export const auditExportAnswer = (exported: { readonly rows: number; readonly more: boolean }, asked: Asked, file: { readonly name: string; readonly content: string }, severalRacks: boolean, names: Names = {}): Answer => {
  const rows = exported.rows === 1 ? '1 row' : `${exported.rows} rows`
  const more = exported.more ? say` Older ones are left out: ask for them with ${code('--since')} on a smaller part, or read the table ${code('audit')} of the database.` : []
  return {
    text: `The audit of ${plainly(asked, severalRacks, names)}, ${rows}, is a file in your direct messages.`,
    blocks: sentenceAnswer('', say`The audit of ${about(asked, severalRacks, names)}, ${rows}, is a file in your direct messages.${more}`).blocks, file,
  }
}
