import type { Paged } from '../../db/page.ts'
import type { PromotionRow } from '../../rack/operations.ts'
import type { PromotionView } from '../../rack/promotion-view.ts'
import { isFinal } from '../../rack/promotion.ts'
import type { Answer } from '../blocks.ts'
import type { ListAsk } from '../page-value.ts'
import { causeLine } from './causes.ts'
import { pagerButtons } from './pager.ts'
import { appOf, needsApproval, namesOf, spans, votes } from './promotion-facts.ts'
import { code, nameOf, say, type Names } from './phrase.ts'
import { showCardButton, showDiffButton } from './promotion-buttons.ts'
import { cleanText, cut } from './plain-text.ts'
import { codeAnswer, foldedTable, info, sentenceAnswer } from './tables.ts'
import { lastLine } from './thread.ts'
import { age, rfc3339, secondsBetween, shortDuration } from './times.ts'

const status = (word: PromotionRow['status']): string => word.replaceAll('_', ' ')
const took = (row: PromotionRow): string =>
  (row.startedAt === null || row.finishedAt === null ? '' : shortDuration(secondsBetween(row.startedAt, row.finishedAt)))

const reasonOf = (row: PromotionRow, names: Names): string => {
  if (row.cause !== null) return causeLine(row.cause, names)
  if (row.ended === null || (row.status !== 'rejected' && row.status !== 'cancelled')) return ''
  return `${row.status} by @${nameOf(row.ended.by, names)}${row.ended.reason === null ? '' : `: ${row.ended.reason}`}`
}

/** Everybody whom the list names. */
export const peopleIn = (rows: readonly PromotionRow[]): readonly string[] =>
  rows.flatMap((row) => [row.requester, row.cause?.by, row.ended?.by]).filter((id) => id !== undefined)

/** The lines of `promotions`: who, from, to, approvals, result, duration, reason. */
export const promotionsTable = (rows: readonly PromotionRow[], now: Date, names: Names = {}): string =>
  foldedTable(['ID', 'RELEASE', 'FROM', 'STATUS', 'REQUESTED', 'BY', 'APPROVALS', 'TOOK', 'REASON'], rows.map((row) => [
    row.id, row.release, row.from ?? '', status(row.status), age(row.requestedAt, now), `@${nameOf(row.requester, names)}`,
    row.approvalsNeeded === 0 ? 'none needed' : `${row.approvals} of ${row.approvalsNeeded}`, took(row),
    cut(cleanText(reasonOf(row, names)), 120),
  ]))

/** `promotions`. */
export const promotionsAnswer = (page: Paged<PromotionRow>, asked: ListAsk, now: Date, names: Names = {}): Answer => {
  const app = asked.app ?? ''
  return page.rows.length === 0
    ? sentenceAnswer(`no promotions for ${app} yet`, say`no promotions for ${code(app)} yet`, say`Start one with ${code(`/convox releases promote -a ${app}`)}`)
    : codeAnswer({ text: `Promotions of ${app}.`, code: promotionsTable(page.rows, now, names), file: 'promotions.txt', buttons: pagerButtons(asked, page) })
}

const approvals = (view: PromotionView): string => {
  if (!needsApproval(view)) return view.approvals.waived === 'verified_before' ? 'none needed: verified good before' : 'none needed: approvals=0'
  const given = view.approvals.votes.map(({ by }) => `@${nameOf(by, namesOf(view))}`).join(', ')
  return given === '' ? votes(view) : `${votes(view)}: ${given}`
}

/** What a queued one waits for, a line for each reason. */
const waitsFor = (view: PromotionView): readonly string[] => [
  ...(view.waits ?? []).map((wait) => {
    const what = wait.kind === 'lock' ? `the lock of @${nameOf(wait.owner, namesOf(view))}` : 'the freeze'
    return `${what}, ${wait.until === null ? 'no end set' : `until ${rfc3339(wait.until)}`}: ${cut(cleanText(wait.reason), 60)}`
  }),
  ...(view.queue === null ? [] : [`${view.queue.behind} of @${nameOf(view.queue.behindRequester, namesOf(view))}, position ${view.queue.position} of ${view.queue.of}`]),
]

/** The lines of `promotions info`. */
export const promotionInfoText = (view: PromotionView): string => {
  const { whole } = spans(view)
  const names = namesOf(view)
  const last = lastLine(view)
  return info([
    ['Id', view.id],
    ['App', appOf(view)],
    ['Release', `${view.release.id} ${view.release.description}`.trim()],
    ['From', view.from ?? ''],
    ['Status', status(view.status)],
    ['Requested', `${rfc3339(view.requestedAt)} by @${nameOf(view.requester, names)}`],
    ['Approvals', approvals(view)],
    ...waitsFor(view).map((what) => ['Waits for', what] as const),
    ...(view.startedAt === null ? [] : [['Started', rfc3339(view.startedAt)] as const]),
    ...(view.finishedAt === null ? [] : [['Finished', rfc3339(view.finishedAt)] as const]),
    ...(whole === null ? [] : [['Took', shortDuration(whole)] as const]),
    ['Deadline', shortDuration(view.deadlineSeconds)],
    ...(view.cause === null ? [] : [['Reason', causeLine(view.cause, names)] as const]),
    ...(isFinal(view.status) && last !== null ? [['Result', last] as const] : []),
  ])
}

/** `promotions info --facts`. */
export const promotionFactsAnswer = ({ promotion, app, text }: { readonly promotion: string; readonly app: string; readonly text: string | null }): Answer =>
  text === null
    ? sentenceAnswer(`No facts of ${promotion} are kept.`, say`No facts of ${code(promotion)} are kept: it moved nothing, or more than 30 days ago.`, say`See ${code(`/convox promotions info ${promotion} -a ${app}`)}`)
    : {
        ...sentenceAnswer(`What the judge of ${promotion} saw is a file in your direct messages.`, say`What the judge of ${code(promotion)} saw is a file in your direct messages.`,
          say`Judge it again: ${code(`npm run judge -- ${promotion}.jsonl`)}`),
        file: { name: `${promotion}.jsonl`, content: text },
      }

/** `promotions info`, with buttons to the card and to what it changes. */
export const promotionInfoAnswer = (view: PromotionView): Answer =>
  codeAnswer({ text: `Promotion ${view.id} of ${appOf(view)}.`, code: promotionInfoText(view), file: `${view.id}.txt`, buttons: [showCardButton(view), showDiffButton(view)] })
