import type { InputBlock, KnownBlock, ModalView, PlainTextOption } from '@slack/types'
import type { ReleaseRow } from '../../rack/operations.ts'
import type { PromotionView } from '../../rack/promotion-view.ts'
import type { CallbackId, InputId } from '../action-ids.ts'
import { context, plainText, section } from '../blocks.ts'
import { appCode } from './promotion-facts.ts'
import { code, joined, mrkdwn, say, type Phrase, type Span } from './phrase.ts'
import { cleanText, cut } from './plain-text.ts'

/** A modal's ids: `private_metadata` as JSON. Never a value. */
export type Metadata = Readonly<Record<string, string | number | null>>

interface ModalFacts {
  readonly id: CallbackId
  readonly title: string
  readonly submit?: string
  readonly ids: Metadata
  readonly blocks: KnownBlock[]
}

/** A modal with its ids; `Close` is the only way out besides `submit`. */
export const modal = (facts: ModalFacts): ModalView => ({
  type: 'modal',
  callback_id: facts.id,
  title: plainText(facts.title, 24),
  close: plainText('Close', 24),
  ...(facts.submit === undefined ? {} : { submit: plainText(facts.submit, 24) }),
  private_metadata: JSON.stringify(facts.ids),
  blocks: facts.blocks,
})

interface TextFacts {
  readonly id: InputId
  readonly label: string
  readonly hint?: string
  readonly optional: boolean
  readonly lines: boolean
  readonly min?: number
  /** Slack's own limit is 3,000. */
  readonly max?: number
}

/** One text field. */
export const textInput = (facts: TextFacts): InputBlock => ({
  type: 'input',
  block_id: facts.id,
  optional: facts.optional,
  label: plainText(facts.label, 48),
  ...(facts.hint === undefined ? {} : { hint: plainText(facts.hint, 150) }),
  element: {
    type: 'plain_text_input', action_id: facts.id, multiline: facts.lines, max_length: facts.max ?? 3000,
    ...(facts.min === undefined ? {} : { min_length: facts.min }),
  },
})

const tick = (id: InputId, label: string, text: string): InputBlock => ({
  type: 'input',
  block_id: id,
  optional: true,
  label: plainText(label, 48),
  element: { type: 'checkboxes', action_id: id, options: [{ text: plainText(text, 75), value: id }] },
})

const picker = (id: InputId, label: string, options: PlainTextOption[]): InputBlock => ({
  type: 'input',
  block_id: id,
  label: plainText(label, 48),
  element: { type: 'static_select', action_id: id, placeholder: plainText('Choose a release', 75), options },
})

/** Shown while the facts are read; its trigger lives for 3 seconds only (slack.md 3.1). */
export const loadingView = (app: string): ModalView =>
  modal({ id: 'loading', title: 'One moment', ids: {}, blocks: [section(say`Reading ${code(app)} …`)] })

/** A modal that only says something, such as why the form cannot be shown. */
export const toldView = (title: string, phrase: Phrase, ref: string): ModalView =>
  modal({ id: 'told', title, ids: {}, blocks: [section(phrase), context(say`ref ${ref}`)] })

/** Reject promotion: a reason of 1 to 500. */
export const rejectView = (view: PromotionView): ModalView =>
  modal({
    id: 'reject_promotion', title: 'Reject promotion', submit: 'Reject', ids: { promotion: view.id, rev: view.rev },
    blocks: [
      section(say`${code(view.release.id)} for ${appCode(view)}`),
      textInput({ id: 'reason', label: 'Reason', hint: 'The requester and the thread get it.', optional: false, lines: true, min: 1, max: 500 }),
    ],
  })

/** Facts of the environment's modal: the keys of the newest release, never a value. */
export interface EnvFacts { readonly app: string; readonly release: string | null; readonly keys: readonly string[] }

/** Characters of keys that a section holds (slack.md 3.3), less its title and what is said of the rest. */
const roomForKeys = 2900

/** Beside each other and not one a line: of 30 keys a phone would show nothing else, and the form is under them. */
const keysNow = (facts: EnvFacts): Phrase => {
  if (facts.keys.length === 0) return say`*Keys now* none`
  const shown: Span[] = []
  let size = 0
  for (const key of facts.keys) {
    const span = code(key)
    size += mrkdwn([span]).length + 1
    if (size > roomForKeys) break
    shown.push(span)
  }
  const rest = facts.keys.length - shown.length
  return say`*Keys now*\n${joined(shown, ' ')}${rest === 0 ? '' : ` and ${rest} more`}`
}

const removable = (keys: readonly string[]): InputBlock[] =>
  keys.length === 0 ? [] : [{
    type: 'input', block_id: 'unset', optional: true, label: plainText('Remove', 48),
    element: {
      type: 'multi_static_select', action_id: 'unset', placeholder: plainText('Choose keys', 75),
      options: keys.slice(0, 100).map((key) => ({ text: plainText(key, 75), value: key })).filter(({ value }) => value.length <= 150),
    },
  }]

/** Edit environment; also a bare `env set`. `rack` where there are several: two of them may have an app of the same name. */
export const envView = (facts: EnvFacts, rack: string | null = null): ModalView => {
  const app = rack === null ? code(facts.app) : [code(facts.app), ...say` on ${code(rack)}`]
  return modal({
    id: 'edit_env', title: 'Edit environment', submit: 'Apply changes', ids: { app: facts.app, release: facts.release },
    blocks: [
      section(facts.release === null ? say`${app}, no release yet` : say`${app}, release ${code(facts.release)}`),
      section(keysNow(facts)),
      textInput({ id: 'set', label: 'Set or change', hint: 'One KEY=value per line, kept as typed.', optional: true, lines: true }),
      textInput({ id: 'key', label: 'Key', optional: true, lines: false, max: 150 }),
      textInput({ id: 'value', label: 'Value', hint: 'For line breaks.', optional: true, lines: true }),
      ...removable(facts.keys),
      tick('release_only', 'What happens', 'Create the release only'),
    ],
  })
}

const releaseOptions = (rows: readonly ReleaseRow[]): PlainTextOption[] =>
  rows.slice(0, 100).map((row) => ({
    text: plainText(cut(cleanText([row.id, row.status, row.description].filter((word) => word !== '').join(' ')), 75), 75),
    value: row.id,
  }))

/** Create release: the build of one release with the env of another. Null when there is nothing to choose from. */
export const createReleaseView = (app: string, rows: readonly ReleaseRow[]): ModalView | null => {
  const built = rows.filter(({ build }) => build !== null)
  if (built.length === 0) return null
  return modal({
    id: 'create_release', title: 'Create release', submit: 'Create release', ids: { app },
    blocks: [
      section(say`A new release of ${code(app)}`),
      picker('build_from', 'Build from', releaseOptions(built)),
      picker('env_from', 'Env from', releaseOptions(rows)),
      tick('promote', 'Then', 'Promote it'),
    ],
  })
}

/** Import manifest, as a file or as text. `ids` carries what else was typed with the command. */
export const importManifestView = (app: string, ids: Metadata): ModalView =>
  modal({
    id: 'import_manifest', title: 'Import manifest', submit: 'Import', ids: { ...ids, app },
    blocks: [
      section(say`The convox.yml of ${code(app)}`),
      {
        type: 'input', block_id: 'manifest_file', optional: true, label: plainText('File', 48), hint: plainText('One convox.yml.', 150),
        element: { type: 'file_input', action_id: 'manifest_file', filetypes: ['yml', 'yaml', 'txt'], max_files: 1 },
      },
      textInput({ id: 'manifest_text', label: 'Text', hint: 'Up to 3,000 characters; longer as a file.', optional: true, lines: true }),
    ],
  })

/** Words under a field that is at fault (cards.md 6). */
export const fieldErrors = {
  reason: 'Say why in a few words.',
  expectedKeyValue: (word: string): string => `expected KEY=value: ${cut(cleanText(word), 60)}`,
  nothingWouldChange: 'nothing would change',
  fileOrText: 'Give a file or text.',
  notBoth: 'Give a file or text, not both.',
  nameOfApp: "Type the app's name.",
  typeToDelete: (app: string): string => `Type ${cut(cleanText(app), 63)} to delete it.`,
  cancelFirst: (release: string): string => `Cancel the rollout of ${release} first.`,
  decideFirst: (release: string): string => `${release} waits: reject or cancel it first.`,
  keyNotAllowed: (key: string): string => `Key not allowed: ${cut(cleanText(key), 60)}.`,
  setAndRemoved: (key: string): string => `${cut(cleanText(key), 60)} is set and removed.`,
  validation: (errors: readonly string[]): string => cut(['validation errors:', ...errors.map((line) => cleanText(line))].join('\n'), 2000),
} as const
