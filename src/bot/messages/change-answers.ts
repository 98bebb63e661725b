import type { Button } from '@slack/types'
import type { Base, ImageImported, ReleaseCreated } from '../../rack/operations.ts'
import type { PromotionView } from '../../rack/promotion-view.ts'
import type { Warning } from '../../rack/progress.ts'
import { releaseValue } from '../action-ids.ts'
import { button, type Answer } from '../blocks.ts'
import { shortImage } from './causes.ts'
import { channel, code, say, type Phrase } from './phrase.ts'
import { showCardButton } from './promotion-buttons.ts'
import { codeAnswer } from './tables.ts'
import { textOf } from './promotion-title.ts'
import { firstLine } from './thread.ts'
import { warningLine, warningText } from './warnings.ts'

const baseLine = (base: Base | null): readonly string[] => {
  if (base === null) return []
  return [base.active === null || base.active === base.id ? `Base: ${base.id}` : `Base: ${base.id} (not active; active is ${base.active})`]
}

/** A promotion that was started by the same command, and the channel its card is in (null: direct messages). */
export interface Started { readonly view: PromotionView; readonly channel: string | null }

const cardPlace = (started: Started): Phrase =>
  started.channel === null ? say`The card is in your direct messages.` : say`The card is in ${channel(started.channel)}.`

const promoteButton = (app: string, created: ReleaseCreated | null): readonly Button[] =>
  created === null ? [] : [button({ action: 'promote', label: 'Promote', value: releaseValue(app, created.release), about: `${created.release} on ${app}` })]

const told = (
  lines: readonly string[], text: string, app: string, created: ReleaseCreated | null, started: Started | null, warnings: readonly Phrase[] = [],
): Answer =>
  codeAnswer({
    text: started === null ? text : textOf(started.view),
    code: started === null ? lines.join('\n') : [...lines, firstLine(started.view)].join('\n'),
    file: 'answer.txt',
    under: [...warnings, ...(started === null ? [] : [cardPlace(started)])],
    buttons: started === null
      ? promoteButton(app, created)
      : [showCardButton(started.view)],
  })

/** `releases promote` and `releases rollback`: the first lines of the thread, and where the card is. */
export const promoteAnswer = (started: Started): Answer => told([], '', started.view.app, null, started)

/** Keys that were set and removed, sorted. */
export interface EnvChanged extends ReleaseCreated { readonly set: readonly string[]; readonly unset: readonly string[] }

const sortedKeys = (keys: readonly string[]): string => keys.toSorted().join(', ')

/** The lines of `env set` and `env unset`. */
export const envChangedLines = (changed: EnvChanged): readonly string[] => [
  ...(changed.set.length === 0 ? [] : [`Setting ${sortedKeys(changed.set)}... OK`]),
  ...(changed.unset.length === 0 ? [] : [`Unsetting ${sortedKeys(changed.unset)}... OK`]),
  `Release: ${changed.release}`,
  ...baseLine(changed.base),
]

/** `env set`, `env unset` and the modal; with the promotion it started, if any. */
export const envChangedAnswer = (app: string, changed: EnvChanged, started: Started | null): Answer =>
  told(envChangedLines(changed), `Release ${changed.release} of ${app} has the new env.`, app, changed, started)

/** The lines of `releases create-from`. */
export const createdFromLines = (created: ReleaseCreated): readonly string[] => ['Creating release... OK', `Release: ${created.release}`]

/** `releases create-from`. */
export const createdFromAnswer = (app: string, created: ReleaseCreated, started: Started | null): Answer =>
  told(createdFromLines(created), `Release ${created.release} of ${app} is created.`, app, created, started)

/** The lines of `builds import-image`. */
export const importedLines = (imported: ImageImported): readonly string[] => [
  `Creating build... OK, ${imported.build}`,
  `Creating release... OK, ${imported.release}`,
  `Build: ${imported.build}`,
  `Release: ${imported.release}`,
  ...baseLine(imported.base),
]

/** The lines of `deploy` before those of its promotion. */
export const deployLines = (app: string, imported: ImageImported): readonly string[] => [
  `Deploying ${app}`,
  `Creating build... OK, ${imported.build}`,
  `Creating release... OK, ${imported.release}`,
]

/** Rows 23 and 24 of cards.md 7 for a tag that may move; the others as on a card. */
const importWarning = (warning: Warning, release: string): Phrase => {
  if (warning.kind !== 'tag_not_pinned') return warningLine(warningText(warning, release))
  const { reference, registry, why } = warning
  return registry === undefined || why === undefined
    ? warningLine(say`tag not pinned: ${code(shortImage(reference))}. Another image may run later. Import again by digest.`)
    : warningLine(say`${code(registry)} ${why}, so the tag is not pinned: ${code(shortImage(reference))}. Import again when it answers, or by digest.`)
}

/** One line for each reference, however many services run it. */
const importWarnings = ({ warnings, release }: ImageImported): readonly Phrase[] => {
  const references = new Set<string>()
  return warnings.filter((warning) => {
    if (warning.kind !== 'tag_not_pinned') return true
    const isNew = !references.has(warning.reference)
    references.add(warning.reference)
    return isNew
  }).slice(0, 3).map((warning) => importWarning(warning, release))
}

/** `builds import-image`. */
export const importedAnswer = (app: string, imported: ImageImported): Answer =>
  told(importedLines(imported), `Build ${imported.build} and release ${imported.release} of ${app} are created.`, app, imported, null,
    importWarnings(imported))

/** `deploy`: the import, then the promotion it started. */
export const deployAnswer = (app: string, imported: ImageImported, started: Started): Answer =>
  told(deployLines(app, imported), '', app, imported, started, importWarnings(imported))
