import type { ImageChange, ReleaseChange } from '../../rack/promotion-view.ts'
import { code, joined, say, type Phrase, type Span } from './phrase.ts'
import { cleanText, cut, cutStart } from './plain-text.ts'

/** Lines of the change on a card; the rest is behind Show diff (cards.md 2.2). */
const lineLimit = 5
/** Seen length of a list of keys or services on a card. */
const listLength = 240

/** Seen length of an image reference on a card; its end tells it apart. */
const referenceLength = 70

/** As many words in code as fit, then how many more there are. */
const list = (words: readonly string[], length = listLength): Phrase => {
  const shown: Span[] = []
  let used = 0
  for (const word of words) {
    const short = cut(cleanText(word), 80)
    used += short.length + 4
    if (used > length && shown.length > 0) break
    shown.push(code(short))
  }
  const more = words.length - shown.length
  return more === 0 ? joined(shown, ', ') : say`${joined(shown, ', ')} and ${more} more`
}

const image = (change: ImageChange): Phrase => {
  const digest = change.digest === undefined ? [] : say` (${code(change.digest.slice(0, 'sha256:'.length + 12))})`
  const before = change.from === undefined ? [] : say`${code(cutStart(change.from, referenceLength))} → `
  const commit = [change.gitSha?.slice(0, 10), change.message].filter((part) => part !== undefined && part !== '').join(' ')
  return say`image: ${list(change.services, 120)} ${before}${code(cutStart(change.to, referenceLength))}${digest}${commit === '' ? '' : ` ${cut(cleanText(commit), 80)}`}`
}

const keys = (word: string, names: readonly string[]): Phrase => (names.length === 0 ? say`${word} none` : say`${word} ${list(names)}`)

/** The env line: keys only, never values. */
const envLine = (env: ReleaseChange['env']): Phrase =>
  env.added.length + env.changed.length + env.removed.length === 0
    ? say`env: no change`
    : say`env: ${keys('added', env.added)} · ${keys('changed', env.changed)} · ${keys('removed', env.removed)} (values are never shown)`

/** A line of the manifest's difference: its first word is the service or field. */
const manifestPart = (text: string): Phrase => {
  const clean = cut(cleanText(text), 160)
  const at = clean.indexOf(' ')
  return at < 1 ? say`${clean}` : say`${code(clean.slice(0, at))} ${clean.slice(at + 1)}`
}

/** Up to so many services without change are named one by one. */
const fewUnchanged = 2

/** What changes, what must not be overlooked first; then the services in which nothing does, together when they are many. */
const manifestParts = ({ manifest }: ReleaseChange): readonly Phrase[] => {
  const unchanged = manifest.flatMap((line) => (line.unchanged === undefined ? [] : [{ text: line.text, service: line.unchanged }]))
  const changed = manifest.filter((line) => line.unchanged === undefined)
  const parts = [...changed.filter(({ important }) => important), ...changed.filter(({ important }) => !important)].map(({ text }) => manifestPart(text))
  if (unchanged.length <= fewUnchanged) return [...parts, ...unchanged.map(({ text }) => manifestPart(text))]
  return [...parts, say`no change in ${list(unchanged.map(({ service }) => service), 80)}`]
}

/** What would change, on a card: at most five lines, then how many more Show diff has. */
export const changeOf = (change: ReleaseChange): Phrase => {
  const manifest = manifestParts(change)
  const short = manifest.length <= 3
  const all = [
    ...(change.images.length === 0 ? [say`image: no change`] : change.images.map((one) => image(one))),
    envLine(change.env),
    ...(manifest.length === 0 ? [] : short ? [say`manifest: ${joined(manifest, ' · ')}`] : manifest.map((part) => say`manifest: ${part}`)),
  ]
  if (all.length <= lineLimit) return joined(all, '\n')
  // The env line is what an approver looks for first, so that many images never push it out.
  const env = change.images.length
  const shown = env < lineLimit ? all.slice(0, lineLimit) : [...all.slice(0, lineLimit - 1), ...all.slice(env, env + 1)]
  return say`${joined(shown, '\n')}\nand ${all.length - lineLimit} more: Show diff`
}
