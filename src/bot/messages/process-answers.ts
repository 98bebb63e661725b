import type { ProcessInfo, ProcessRow } from '../../rack/operations.ts'
import type { Answer } from '../blocks.ts'
import { shortImage } from './causes.ts'
import { code, say } from './phrase.ts'
import { cleanText, cut } from './plain-text.ts'
import { codeAnswer, foldedTable, info, sentenceAnswer } from './tables.ts'
import { age, rfc3339 } from './times.ts'

const started = (at: Date | null, now: Date): string => (at === null ? '' : age(at, now))

/** A command in a list; `ps info` has all of it. */
const outside = 120

/** The columns of `ps` are those of convox's own CLI (convox.md 2). */
export const processesTable = (rows: readonly ProcessRow[], now: Date): string =>
  foldedTable(['ID', 'SERVICE', 'STATUS', 'RELEASE', 'STARTED', 'COMMAND'], rows.map((row) =>
    [row.id, row.service, row.status, row.release, started(row.started, now), cut(cleanText(row.command), outside)]))

/** `ps`. */
export const processesAnswer = (app: string, rows: readonly ProcessRow[], now: Date): Answer =>
  rows.length === 0
    ? sentenceAnswer(`no processes of ${app}`, say`no processes of ${code(app)}`, say`See ${code(`/convox releases -a ${app}`)}`)
    : codeAnswer({ text: `Processes of ${app}.`, code: processesTable(rows, now), file: 'processes.txt' })

/** The lines of `ps info`. */
export const processInfoText = (process: ProcessInfo): string =>
  info([
    ['Id', process.id],
    ['App', process.app],
    ['Command', process.command],
    ['Instance', process.instance ?? ''],
    ['Release', process.release],
    ['Service', process.service],
    ['Started', process.started === null ? '' : rfc3339(process.started)],
    ['Status', process.status],
    ['Image', shortImage(process.image), 'exact'],
    ['Restarts', String(process.restarts)],
    ...(process.reason === null ? [] : [['Reason', process.reason] as const]),
  ])

/** `ps info`. */
export const processInfoAnswer = (process: ProcessInfo): Answer =>
  codeAnswer({ text: `Process ${process.id} of ${process.app}.`, code: processInfoText(process), file: 'process.txt' })
