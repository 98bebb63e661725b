import type { ModalView } from '@slack/types'
import { section } from '../blocks.ts'
import { modal, textInput } from './modals.ts'
import { code, enumerated, say, type Phrase } from './phrase.ts'
import { cleanText, cut } from './plain-text.ts'

/** What a deletion takes away; `manyReleases` when there are more than were counted. */
export interface DeletionFacts {
  readonly app: string
  readonly rack: string
  readonly namespace: string
  readonly processes: number
  readonly releases: number
  readonly manyReleases: boolean
  readonly envKeys: number
}

const counted = (count: number, one: string, many = false): Phrase => say`${many ? 'more than ' : ''}${count} ${one}${count === 1 && !many ? '' : one.endsWith('s') ? 'es' : 's'}`

const goes = (facts: DeletionFacts): Phrase => enumerated([
  say`${counted(facts.processes, 'process')}`,
  ...(facts.releases === 0 ? [] : [say`${counted(facts.releases, 'release', facts.manyReleases)} with builds and promotions`]),
  facts.envKeys === 0 ? say`its env` : say`its env of ${counted(facts.envKeys, 'key')}`,
  say`every other object in ${code(facts.namespace)}`,
], 'and')

/** Delete app: what goes, what stays, and its name typed once more. */
export const deleteAppView = (facts: DeletionFacts): ModalView =>
  modal({
    id: 'delete_app', title: 'Delete app', submit: 'Delete app', ids: { app: facts.app, rack: facts.rack },
    blocks: [
      section(say`Deletes ${code(facts.app)} and its namespace ${code(facts.namespace)}; no way back.`),
      section(say`*Goes* ${goes(facts)}.`),
      section(say`*Stays* the audit, the cards in Slack, the images in their registry.`),
      textInput({ id: 'name', label: "Type the app's name", hint: cut(cleanText(facts.app), 100), optional: false, lines: false, max: 63 }),
    ],
  })
