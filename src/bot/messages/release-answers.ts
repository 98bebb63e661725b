import type { ReleaseInfo, ReleasePage, ReleaseRow } from '../../rack/operations.ts'
import { releaseValue } from '../action-ids.ts'
import { actions, button, context, header, section, type Answer } from '../blocks.ts'
import type { ListAsk } from '../page-value.ts'
import { envLines } from './env-answers.ts'
import { pagerButtons } from './pager.ts'
import { ago, code, joined, nameOf, say, type Names, type Phrase } from './phrase.ts'
import { cleanText, cut } from './plain-text.ts'
import { codeAnswer, info, sentenceAnswer, table } from './tables.ts'
import { age, rfc3339, shortDuration } from './times.ts'

/** Rows of one page of cards (cards.md 5), and the JSON all blocks of a message may have (cards.md 8.2). */
const page = { rows: 20, json: 10_000 } as const

const promoteButton = (app: string, release: string) =>
  button({ action: 'promote', label: 'Promote', value: releaseValue(app, release), about: `${release} on ${app}` })

const line = (row: ReleaseRow, descriptionLength: number): Phrase => {
  const parts = [
    row.status === '' ? say`${code(row.id)}` : say`${code(row.id)} *${row.status}*`,
    ...(row.build === null ? [] : [say`${code(row.build)}`]),
    say`${ago(row.created)}`,
  ]
  const description = cut(cleanText(row.description), descriptionLength)
  return description === '' || descriptionLength === 0 ? joined(parts, ' · ') : say`${joined(parts, ' · ')}\n${description}`
}

const emptyReleases = (app: string): Answer =>
  sentenceAnswer(`no releases for ${app} yet`, say`no releases for ${code(app)} yet`, say`Start with ${code(`/convox builds import-image <image> -a ${app}`)}`)

const totalOf = ({ total, more }: ReleasePage): string => (more ? `more than ${total}` : String(total))

/** `11-20 of 37`; beyond what is counted only that. */
const range = (found: ReleasePage, shown: number): string =>
  found.above === null ? `beyond the newest ${found.total}` : `${found.above + 1}-${found.above + shown} of ${totalOf(found)}`

/** `releases` as cards: a Promote button in each row, at most 20 rows. */
export const releasesAnswer = (found: ReleasePage, asked: ListAsk): Answer => {
  const app = asked.app ?? ''
  const rows = found.rows.slice(0, page.rows)
  if (rows.length === 0) return emptyReleases(app)
  const more = pagerButtons(asked, found)
  const draw = (length: number): Answer['blocks'] => [
    header(`Releases of ${app}`),
    ...rows.map((row) => section(line(row, length), promoteButton(app, row.id))),
    ...(more.length === 0 ? [] : [actions(more)]),
    context(say`${range(found, rows.length)} · plain table: ${code(`/convox releases -a ${app} --text`)}`),
  ]
  // Slack refuses a message beyond its size without saying which part: long descriptions give way first.
  const fits = (length: number): boolean => JSON.stringify(draw(length)).length <= page.json
  const active = found.active === null ? 'none is active' : `active is ${found.active}`
  return { text: `Releases of ${app}: ${rows.length} of ${totalOf(found)}, ${active}.`, blocks: draw([80, 50, 25].find(fits) ?? 0) }
}

/** One release of 200 keys must not push a whole table out of the answer; `releases info` has all of it. */
const tableDescription = 120

/** The plain table of the seeds; ages in one unit, rounded down. */
export const releasesTable = (rows: readonly ReleaseRow[], now: Date): string =>
  table(['ID', 'STATUS', 'BUILD', 'CREATED', 'DESCRIPTION'], rows.map((row) =>
    [row.id, row.status, row.build ?? '', age(row.created, now), cut(row.description, tableDescription)]))

/** `releases --text`. */
export const releasesTextAnswer = (found: ReleasePage, app: string, now: Date): Answer =>
  found.rows.length === 0 ? emptyReleases(app) : codeAnswer({ text: `Releases of ${app}.`, code: releasesTable(found.rows, now), file: 'releases.txt' })

const promoted = (release: ReleaseInfo, names: Names): string => {
  const { promoted } = release
  if (promoted === null) return 'never'
  const took = promoted.seconds === null ? '' : ` in ${shortDuration(promoted.seconds)}`
  return `${rfc3339(promoted.at)} by @${nameOf(promoted.by, names)}, ${promoted.status.replaceAll('_', ' ')}${took}`
}

const origin = (from: NonNullable<ReleaseInfo['from']>): string => {
  if (from.rollback !== undefined) return from.rollback
  return [from.build === undefined ? '' : `${from.build} (build)`, from.env === undefined ? '' : `${from.env} (env)`].filter((part) => part !== '').join(', ')
}

/** The lines of `releases info`; env values masked unless they were asked for. */
export const releaseInfoText = (release: ReleaseInfo, names: Names = {}): string =>
  info([
    ['Id', release.id],
    ['Build', release.build ?? ''],
    ['Created', rfc3339(release.created)],
    ['Description', cleanText(release.description)],
    ['Env', envLines(release.env), 'exact'],
    ['Promoted', promoted(release, names)],
    ...(release.from === null || origin(release.from) === '' ? [] : [['From', origin(release.from)] as const]),
  ])

/** True when a value of the environment is shown. */
const reveals = (release: ReleaseInfo): boolean => release.env.some(({ value }) => value !== null)

/** `releases info`, with its Promote button. */
export const releaseInfoAnswer = (release: ReleaseInfo, names: Names = {}): Answer =>
  codeAnswer({
    text: `Release ${release.id} of ${release.app}.`,
    code: releaseInfoText(release, names),
    file: `${release.id}.txt`,
    ...(reveals(release) ? { under: [say`Only you can see this; it is audited.`] } : {}),
    buttons: [promoteButton(release.app, release.id)],
  })

/** `releases manifest`: byte for byte; over 2,500 characters as a file (answers.md). */
export const manifestAnswer = (release: string, manifest: string): Answer =>
  manifest.length > 2500
    ? {
      text: `The convox.yml of ${release} is a file in your direct messages.`,
      blocks: [section(say`The convox.yml of ${code(release)} is a file in your direct messages.`)],
      file: { name: 'convox.yml', content: manifest },
    }
    : codeAnswer({ text: `The convox.yml of ${release}.`, code: manifest, file: 'convox.yml', exact: true })
