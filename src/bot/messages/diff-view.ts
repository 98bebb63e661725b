import type { KnownBlock, ModalView } from '@slack/types'
import type { PromotionDiff } from '../../rack/promotion-diff.ts'
import { actions, section, type Answer } from '../blocks.ts'
import { diffParts, type DiffPart } from './diff-parts.ts'
import { modal } from './modals.ts'
import { appCode, appOf, namesOf } from './promotion-facts.ts'
import { sendDiffButton } from './promotion-buttons.ts'
import { code, joined, mrkdwn, person, plain, say, type Phrase } from './phrase.ts'
import { cleanText, cut } from './plain-text.ts'
import { dayAndTime } from './times.ts'

/** Slack takes 100 blocks of 3,000 characters and 250 KB in a modal (slack.md 3.1, 3.3); the rest is for the head, the end and the fences. */
const room = { blocks: 90, section: 2800, bytes: 200_000 } as const

/** What a person reads before deciding. `whole` is false when it did not fit: then the file must be sent. */
export interface DiffView { readonly view: ModalView; readonly whole: boolean }

/** A part's lines in as few sections as hold them; its title stands in the first. */
const sectionsOf = ({ title, lines }: DiffPart): readonly (readonly Phrase[])[] => {
  const groups: Phrase[][] = []
  let size = 0
  for (const line of lines) {
    const length = mrkdwn(line).length + 1
    const last = groups.at(-1)
    if (last === undefined || size + length > room.section) {
      groups.push([line])
      size = length + title.length + 3
    } else {
      last.push(line)
      size += length
    }
  }
  return groups.map(([first = [], ...rest], at) => [at === 0 ? say`*${{ markup: title }}*\n${first}` : first, ...rest])
}

const head = ({ promotion }: PromotionDiff): Phrase => {
  const instead = promotion.from === null ? say`, its first release` : say`, instead of ${code(promotion.from)}`
  const description = cut(cleanText(promotion.release.description), 150)
  return joined([
    say`${code(promotion.release.id)} for ${appCode(promotion)}${instead}`,
    ...(description === '' ? [] : [say`${description}`]),
    say`Asked for by ${person(promotion.requester)}`,
  ], '\n')
}

const count = (groups: readonly (readonly Phrase[])[]): number => groups.reduce((sum, group) => sum + group.length, 0)

/** What would change: images, env keys, manifest by service, scale and probes, and the way back. No value of the environment is in it. */
export const diffView = (diff: PromotionDiff): DiffView => {
  const groups = diffParts(diff).flatMap(sectionsOf)
  const shown: (readonly Phrase[])[] = []
  const blocks: KnownBlock[] = []
  let bytes = 0
  for (const group of groups) {
    const block = section(joined(group, '\n'))
    bytes += Buffer.byteLength(JSON.stringify(block))
    if (blocks.length >= room.blocks || bytes > room.bytes) break
    blocks.push(block)
    shown.push(group)
  }
  const whole = shown.length === groups.length
  const end = whole
    ? actions([sendDiffButton(diff.promotion)])
    : section(say`The difference has ${count(groups)} lines; ${count(shown)} fit here. All of it is a file in your direct messages.`)
  return {
    whole,
    view: modal({
      id: 'show_diff', title: 'What would change', ids: { promotion: diff.promotion.id, rev: diff.promotion.rev },
      blocks: [section(head(diff)), ...blocks, end],
    }),
  }
}

/** The same as a file, and after it the two convox.yml as `diff -u` shows them. */
export const diffFile = (diff: PromotionDiff): { readonly name: string; readonly content: string } => {
  const { promotion } = diff
  const names = namesOf(promotion)
  const line = (phrase: Phrase): string => plain(phrase, names)
  const parts = diffParts(diff).map(({ title, lines }) => [title, ...lines.map((one) => `  ${line(one)}`)].join('\n'))
  const raw = diff.raw === '' ? 'The convox.yml is the same.\n' : diff.raw
  const asked = `asked for ${dayAndTime(promotion.requestedAt)} UTC`
  return {
    name: `${promotion.release.id}-against-${promotion.from ?? 'nothing'}.diff.txt`,
    content: `${promotion.release.id} for ${appOf(promotion)}, instead of ${promotion.from ?? 'nothing'}, ${asked}\n\n${parts.join('\n\n')}\n\n${raw}`,
  }
}

/** Said once that file is sent. */
export const diffSent = ({ promotion }: PromotionDiff): Answer => ({
  text: `What ${promotion.release.id} would change is a file in your direct messages.`,
  blocks: [section(say`What ${code(promotion.release.id)} would change on ${appCode(promotion)} is a file in your direct messages.`)],
})
