import type { FreezeRow } from '../../rack/operations.ts'
import type { Lock } from '../../rack/gate/gate.ts'
import { section, type Answer } from '../blocks.ts'
import { appOf, everyAppOf, type Where } from './promotion-facts.ts'
import { code, day, plain, say, type Phrase, type Span } from './phrase.ts'
import { cleanText, cut } from './plain-text.ts'
import { codeAnswer, foldedTable, sentenceAnswer } from './tables.ts'
import { rfc3339, shortDuration } from './times.ts'

/** `, until today 15:40`, or that nobody has set an end. */
export const untilWords = (until: Date | null): Phrase => (until === null ? say`, no end set` : say` until ${day(until)}`)

/** Outside text in a sentence is at most so long (cards.md 1.10). */
const reasonOf = (text: string): string => cut(cleanText(text), 200)

const said = (phrase: Phrase): Answer => ({ text: cut(plain(phrase, {}), 3000), blocks: [section(phrase)] })

/** `apps lock`, and Take over lock. */
export const lockAnswer = (app: string, lock: Lock, how: 'locked' | 'taken'): Answer => {
  const what = how === 'taken' ? say`The lock of ${code(app)} is yours now` : say`${code(app)} is locked by you`
  return said(say`${what}${untilWords(lock.until)}: "${reasonOf(lock.reason)}". Its channel hears of it.\nEnd it with ${code(`/convox apps unlock ${app}`)}`)
}

/** `apps unlock`. */
export const unlockedAnswer = (app: string): Answer => said(say`${code(app)} is no longer locked. Its channel hears of it.`)

const ofOne = (app: string, where: Where): Span => code(appOf({ app, ...where }))

/** `now until …` while it holds, else when it begins next. */
export const freezeTimes = ({ frozen, next }: FreezeRow): string => {
  if (frozen === null) return `next ${rfc3339(next)}`
  return frozen.until === null ? 'now, no end' : `now, until ${rfc3339(frozen.until)}`
}

/** The lines of `apps freezes` and `rack freezes`. */
export const freezesTable = (rows: readonly FreezeRow[], where: Where): string =>
  foldedTable(['ID', 'APP', 'CRON', 'FOR', 'ZONE', 'FROZEN', 'REASON'], rows.map((row) => [
    row.id, row.app ?? plain(everyAppOf(where), {}), row.cron, shortDuration(row.seconds), row.zone, freezeTimes(row), cut(cleanText(row.reason), 120),
  ]))

/** `apps freezes`, and `rack freezes` (`app` null); `where`: on which rack. */
export const freezesAnswer = (app: string | null, rows: readonly FreezeRow[], where: Where): Answer => {
  const add = app === null ? '/convox rack freeze add --cron "0 18 * * 5" --for 62h --reason weekend' : `/convox apps freeze add ${app} --cron "0 18 * * 5" --for 62h --reason weekend`
  const rack = where.severalRacks ? say`the whole rack ${code(where.rack)}` : say`the whole rack`
  if (rows.length === 0) return sentenceAnswer('no freezes', app === null ? say`no freezes of ${rack}` : say`no freezes for ${ofOne(app, where)}`, say`Add one with ${code(add)}`)
  return codeAnswer({ text: `${rows.length} ${rows.length === 1 ? 'freeze' : 'freezes'}.`, code: freezesTable(rows, where), file: 'freezes.txt' })
}

const windowWords = (freeze: FreezeRow): Phrase => say`${code(freeze.cron)} for ${shortDuration(freeze.seconds)}, ${freeze.zone} time`

/** `apps freeze add` and `rack freeze add`. */
export const freezeAddedAnswer = (freeze: FreezeRow, where: Where): Answer => {
  const every = where.severalRacks ? say`Every app on ${code(where.rack)}` : say`Every app of the rack`
  const what = freeze.app === null ? every : say`${ofOne(freeze.app, where)}`
  const times = freeze.frozen === null ? say`first ${day(freeze.next)}` : freeze.frozen.until === null ? say`from now on, no end` : say`now, until ${day(freeze.frozen.until)}`
  return said(say`${what} is frozen "${reasonOf(freeze.reason)}": ${windowWords(freeze)}; ${times}.\nRemove it with ${code(`/convox apps freeze remove ${freeze.id}`)}`)
}

/** `apps freeze remove`. */
export const freezeRemovedAnswer = (freeze: FreezeRow, where: Where): Answer =>
  said(say`The freeze "${reasonOf(freeze.reason)}" of ${freeze.app === null ? everyAppOf(where) : ofOne(freeze.app, where)} is removed: ${windowWords(freeze)}.`)
