import type { Paged } from '../../db/page.ts'
import type { Deletion, DeletionTrouble } from '../../rack/delete-app.ts'
import type { AppInfo, AppParams, AppRow } from '../../rack/operations.ts'
import { promotionValue } from '../action-ids.ts'
import { button, type Answer } from '../blocks.ts'
import type { ListAsk } from '../page-value.ts'
import { pagerButtons } from './pager.ts'
import { freezeTimes } from './gate-answers.ts'
import { code, nameOf, say, type Names } from './phrase.ts'
import { refusalReply } from './refusals.ts'
import { cleanText, cut } from './plain-text.ts'
import { codeAnswer, foldedTable, info, sentenceAnswer } from './tables.ts'
import { rfc3339, shortDuration } from './times.ts'

const untilWhen = ({ lock }: AppRow): string => {
  if (lock === undefined || lock === null) return ''
  return lock.until === null ? 'no end set' : `until ${rfc3339(lock.until)}`
}

/** The lines of `apps`: APP, STATUS, RELEASE (blank while nothing is active), and LOCKED where one of them is. */
export const appsTable = (rows: readonly AppRow[]): string => {
  const someLocked = rows.some(({ lock }) => lock !== undefined && lock !== null)
  return foldedTable(
    ['APP', 'STATUS', 'RELEASE', ...(someLocked ? ['LOCKED'] : [])],
    rows.map((row) => [row.app, row.status, row.release ?? '', ...(someLocked ? [untilWhen(row)] : [])]),
  )
}

const appsText = ({ rows, after, before }: Paged<AppRow>): string => {
  if (after !== null || before !== null) return `Apps from ${rows[0]?.app ?? ''} to ${rows.at(-1)?.app ?? ''}.`
  return `${rows.length} ${rows.length === 1 ? 'app' : 'apps'}.`
}

/** `apps`; where there are none, how to get one. */
export const appsAnswer = (page: Paged<AppRow>, asked: ListAsk, mayCreate: boolean): Answer =>
  page.rows.length === 0
    ? sentenceAnswer('no apps yet', say`no apps yet`, mayCreate ? say`${code('/convox apps create shop')}` : say`Ask an admin.`)
    : codeAnswer({ text: appsText(page), code: appsTable(page.rows), file: 'apps.txt', buttons: pagerButtons(asked, page) })

const params = (all: AppParams, names: Names): readonly (readonly [name: string, value: string])[] => [
  ['channel', all.channel === null ? '' : `#${nameOf(all.channel, names).replace(/^#/, '')}`],
  ['approvals', String(all.approvals)],
  ['approvers', all.approvers.map((id) => `@${nameOf(id, names)}`).join(' ')],
  ['deadline', shortDuration(all.deadline)],
  ['stability', shortDuration(all.stability)],
  ['expiry', shortDuration(all.expiry)],
]

/** The lines of `apps params`. */
export const paramsText = (all: AppParams, names: Names = {}): string => info(params(all, names))

/** `apps params`, and after `apps params set`. */
export const paramsAnswer = (app: string, all: AppParams, changed: boolean, names: Names = {}): Answer =>
  codeAnswer({ text: `Params of ${app}.`, code: changed ? `Updating parameters... OK\n${paramsText(all, names)}` : paramsText(all, names), file: 'params.txt' })

const locked = ({ lock }: AppInfo, names: Names): string => {
  if (lock === undefined || lock === null) return 'false'
  return `by @${nameOf(lock.owner, names)} since ${rfc3339(lock.since)}${lock.until === null ? ', no end set' : `, until ${rfc3339(lock.until)}`}: ${cut(cleanText(lock.reason), 60)}`
}

/** The lines of `apps info`: Name, Status, Locked, Release, then the params, its freezes and its queue. */
export const appInfoText = (app: AppInfo, names: Names = {}): string =>
  info([
    ['Name', app.app], ['Status', app.status], ['Locked', locked(app, names)], ['Release', app.release ?? ''], ...params(app.params, names),
    ...(app.freezes ?? []).map((freeze) => ['Freeze', `${freeze.id}  ${freezeTimes(freeze)}  ${cut(cleanText(freeze.reason), 60)}`] as const),
    ...(app.queue ?? []).map((each, at) => ['Queue', `${at + 1}  ${each.release}  @${nameOf(each.requester, names)}${each.held ? '  held' : ''}`] as const),
  ])

/** `apps info`; while something moves, with a button to its card. */
export const appInfoAnswer = (app: AppInfo, names: Names = {}): Answer => {
  const { moving } = app
  const waiting = app.waiting === 0 ? [] : [say`${app.waiting} waiting: ${code(`/convox promotions -a ${app.app}`)}`]
  return codeAnswer({
    text: `App ${app.app}: ${app.status}.`,
    code: appInfoText(app, names),
    file: 'app.txt',
    under: waiting,
    ...(moving === null
      ? {}
      : {
          buttons: [button({
            action: 'show_card', label: 'Show card', value: promotionValue(moving.promotion, null), about: `${moving.release} on ${app.app}`,
          })],
        }),
  })
}

/** `apps create`. */
export const appCreatedAnswer = (app: string, namespace: string, names: Names, channel: string | null): Answer =>
  codeAnswer({
    text: `Created ${app}.`,
    code: `Creating ${app}... OK`,
    file: 'app.txt',
    under: [
      channel === null
        ? say`Its namespace is ${code(namespace)}.`
        : say`Its namespace is ${code(namespace)}, its channel #${cut(nameOf(channel, names).replace(/^#/, ''), 80)}.`,
      say`Next: ${code(`/convox builds import-image <image> --manifest -a ${app}`)}`,
    ],
  })

/** It is deleted all the same: what the cluster would not do yet is tried again. */
const deletingAnswer = (app: string, trouble: DeletionTrouble): Answer => {
  const text = `${app} is being deleted.`
  if (trouble.code === 'cluster_unreachable') return sentenceAnswer(text, say`${code(app)} is being deleted, but the cluster does not answer.`, say`It goes on by itself when the cluster answers.`)
  const { says, next } = refusalReply(trouble)
  return sentenceAnswer(text, say`${code(app)} is being deleted, but not yet its namespace. ${says}`, say`${next ?? []} Then it goes on by itself.`)
}

/** `apps delete`, once confirmed. */
export const appDeletedAnswer = (app: string, { namespace, trouble }: Deletion): Answer =>
  trouble === null
    ? codeAnswer({ text: `Deleted ${app}.`, code: `Deleting ${app}... OK`, file: 'app.txt', under: [say`The namespace ${code(namespace)} is going.`] })
    : deletingAnswer(app, trouble)
