import type { Paged } from '../../db/page.ts'
import type { BuildInfo, BuildRow } from '../../rack/operations.ts'
import { releaseValue } from '../action-ids.ts'
import { button, type Answer } from '../blocks.ts'
import type { ListAsk } from '../page-value.ts'
import { shortImage } from './causes.ts'
import { pagerButtons } from './pager.ts'
import { code, say } from './phrase.ts'
import { cleanText, cut } from './plain-text.ts'
import { codeAnswer, foldedTable, info, sentenceAnswer } from './tables.ts'
import { age, rfc3339, shortDuration } from './times.ts'

/** A description in a list; `builds info` has all of it. */
const outside = 120

/** The columns of `builds` are those of convox's own CLI (convox.md 2). */
export const buildsTable = (rows: readonly BuildRow[], now: Date): string =>
  foldedTable(['ID', 'STATUS', 'RELEASE', 'STARTED', 'ELAPSED', 'DESCRIPTION'], rows.map((row) =>
    [row.id, row.status, row.release ?? '', age(row.started, now), shortDuration(row.elapsedSeconds), cut(cleanText(row.description), outside)]))

/** `builds`. */
export const buildsAnswer = (page: Paged<BuildRow>, asked: ListAsk, now: Date): Answer => {
  const app = asked.app ?? ''
  return page.rows.length === 0
    ? sentenceAnswer(`no builds for ${app} yet`, say`no builds for ${code(app)} yet`, say`Start with ${code(`/convox builds import-image <image> -a ${app}`)}`)
    : codeAnswer({ text: `Builds of ${app}.`, code: buildsTable(page.rows, now), file: 'builds.txt', buttons: pagerButtons(asked, page) })
}

/** The lines of `builds info`. */
export const buildInfoText = (build: BuildInfo): string =>
  info([
    ['Id', build.id],
    ['Status', build.status],
    ['Release', build.release ?? ''],
    ['Description', build.description],
    ['Started', rfc3339(build.started)],
    ['Elapsed', shortDuration(build.elapsedSeconds)],
    ...(build.gitSha === null ? [] : [['Commit', build.gitSha] as const]),
    ['Images', build.images.map(({ service, reference, pinned }) => `${service} ${shortImage(reference)}${pinned ? '' : ' (tag not pinned)'}`).join('\n'), 'exact'],
  ])

/** `builds info`, with a Promote button for its release. */
export const buildInfoAnswer = (app: string, build: BuildInfo): Answer =>
  codeAnswer({
    text: `Build ${build.id} of ${app}.`,
    code: buildInfoText(build),
    file: `${build.id}.txt`,
    ...(build.release === null
      ? {}
      : { buttons: [button({ action: 'promote', label: 'Promote', value: releaseValue(app, build.release), about: `${build.release} on ${app}` })] }),
  })
