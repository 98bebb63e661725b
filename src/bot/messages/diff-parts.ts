import type { FieldChange } from '../../rack/diff/field-change.ts'
import { environmentField } from '../../rack/diff/field-change.ts'
import type { DiffBuild, PromotionDiff } from '../../rack/promotion-diff.ts'
import type { ImageChange } from '../../rack/promotion-view.ts'
import { code, day, joined, say, type Phrase, type Span } from './phrase.ts'
import { cleanText, cut, cutStart } from './plain-text.ts'
import { duration } from './times.ts'
import { warningLine, warningText } from './warnings.ts'

/** One headed part of what a promotion would change, in lines. */
export interface DiffPart { readonly title: string; readonly lines: readonly Phrase[] }

/** Seen length of one value of a field; the file has it whole as far as convox.yml does. */
const valueLength = 120
/** Names on one line: an environment may have 500 keys. */
const namesOnALine = 12

const value = (text: string | null): Span => (text === null ? { text: 'none' } : code(cut(text, valueLength)))

const names = (all: readonly string[]): Phrase => joined(all.map((name) => code(cut(name, 80))), ', ')

const chunks = <T>(all: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size))

const shortDigest = (digest: string): string => digest.slice(0, 'sha256:'.length + 12)

const imageSide = (reference: string, digest: string | undefined): Phrase =>
  say`${code(cutStart(reference, valueLength))} ${digest === undefined ? say`(tag not pinned)` : say`(${code(shortDigest(digest))})`}`

const imageLine = (change: ImageChange): Phrase => {
  const after = imageSide(change.to, change.digest)
  return change.from === undefined ? say`${names(change.services)}: new, ${after}` : say`${names(change.services)}: ${imageSide(change.from, change.fromDigest)} → ${after}`
}

const source = (build: DiffBuild): Phrase => {
  const message = cut(cleanText(build.message ?? ''), 200)
  return joined([say`${code(build.id)}`, ...(build.gitSha === null || build.gitSha === '' ? [] : [say`revision ${code(build.gitSha.slice(0, 10))}`]), ...(message === '' ? [] : [say`${message}`])], ' ')
}

const imagesPart = ({ images, kept, builds: { before, after } }: PromotionDiff): DiffPart => {
  if (after === null) return { title: 'Images', lines: [say`no build, so nothing could run`] }
  const same = before?.id === after.id
  return {
    title: 'Images',
    lines: [
      ...images.map(imageLine),
      ...kept.map(({ services, reference, digest }) => say`no change in ${names(services)}: ${imageSide(reference, digest)}`),
      same ? say`Build ${source(after)}, as before` : say`Build ${source(after)}`,
      ...(before === null || same ? [] : [say`Before ${source(before)}`]),
    ],
  }
}

const keyLines = (word: string, keys: readonly string[]): readonly Phrase[] => chunks(keys, namesOnALine).map((some) => say`${word} ${names(some)}`)

const envPart = ({ env }: PromotionDiff): DiffPart => {
  const lines = [...keyLines('added', env.added), ...keyLines('changed', env.changed), ...keyLines('removed', env.removed)]
  return { title: 'Env keys', lines: lines.length === 0 ? [say`no change`] : [...lines, say`Values are never shown.`] }
}

const declared = (change: FieldChange, key: string): Phrase => {
  if (change.kind === 'removed') return say`no longer declares ${code(key)}`
  return change.kind === 'added' ? say`declares ${code(key)}, ${change.to ?? ''}` : say`declares ${code(key)}, now ${change.to ?? ''}`
}

const fieldWords = (change: FieldChange): Phrase => {
  if (change.field?.startsWith(environmentField) === true) return declared(change, change.field.slice(environmentField.length))
  return say`${change.field ?? ''} ${value(change.from)} → ${value(change.to)}`
}

const wholeWords = (change: FieldChange): Phrase => {
  const name = code(cut(change.name, 80))
  switch (change.kind) {
    case 'added': return change.to === null ? say`Added: ${name}` : say`Added: ${name}, ${change.to}`
    case 'removed': return change.from === null ? say`Removed: ${name}` : say`Removed: ${name}, which had ${change.from}`
    case 'renamed': return say`Renamed: ${name} does what ${value(change.from)} did, whose processes go`
    case 'changed': return say`Changed: ${name}`
  }
}

const marked = (change: FieldChange, words: Phrase): Phrase => (change.important ? say`⚠️ ${words}` : words)

const byName = (changes: readonly FieldChange[]): ReadonlyMap<string, readonly FieldChange[]> => {
  const groups = new Map<string, FieldChange[]>()
  for (const change of changes) groups.set(change.name, [...(groups.get(change.name) ?? []), change])
  return groups
}

/** A line for what comes or goes; for what changes its name, then a line per field. */
const lines = (changes: readonly FieldChange[]): readonly Phrase[] => [...byName(changes)].flatMap(([name, own]) => {
  const wholes = own.filter(({ field }) => field === null).map((change) => marked(change, wholeWords(change)))
  const parts = own.filter(({ field }) => field !== null).map((change) => say`• ${fieldWords(change)}`)
  return [...wholes, ...(parts.length === 0 ? [] : [say`${code(cut(name, 80))}`, ...parts])]
})

const manifestParts = ({ manifest: { changes, unchanged } }: PromotionDiff): readonly DiffPart[] => {
  const services = changes.filter((change) => change.subject === 'service' && change.callout === null)
  const called = changes.filter((change) => change.callout !== null)
  const beside = [['timer', 'Timers'], ['config', 'Configs']] as const
  const still = chunks(unchanged, namesOnALine).map((some) => say`no change in ${names(some)}`)
  const release = changes.find(({ subject }) => subject === 'release_command')
  const own = [...lines(services), ...still]
  return [
    { title: 'Manifest by service', lines: own.length > 0 ? own : [called.length > 0 ? say`no other change than below` : say`no change`] },
    ...(called.length === 0 ? [] : [{ title: '⚠️ Scale and probes', lines: lines(called) }]),
    ...beside.flatMap(([subject, title]) => {
      const some = lines(changes.filter((change) => change.subject === subject))
      return some.length === 0 ? [] : [{ title, lines: some }]
    }),
    ...(release === undefined ? [] : [{ title: '⚠️ Release command', lines: [say`${value(release.from)} → ${value(release.to)}`] }]),
  ]
}

const coursePart = ({ promotion, releaseCommand }: PromotionDiff): DiffPart => ({
  title: 'How it goes',
  lines: [
    ...(releaseCommand === null ? [] : [say`First the release command ${value(releaseCommand)}`]),
    say`It has ${duration(promotion.deadlineSeconds)} to become ready, then it is watched for ${duration(promotion.stabilitySeconds)}`,
  ],
})

const wayBackPart = ({ back, releaseCommand }: PromotionDiff): DiffPart => {
  const stays = releaseCommand === null ? [] : [say`What the release command did stays.`]
  if (back === null) return { title: 'If it fails', lines: [say`There is nothing to go back to: it is scaled to 0 and kept.`, ...stays] }
  const proven = back.verifiedAt === null ? say`last verified good` : say`verified good ${day(back.verifiedAt)}`
  return { title: 'If it fails', lines: [say`Back to ${code(back.release)} by itself, ${proven}: its images, env and manifest, whole.`, ...stays] }
}

/** All of it, in the order of cards.md 6. */
export const diffParts = (diff: PromotionDiff): readonly DiffPart[] => {
  const { warnings, release } = diff.promotion
  return [
    ...(warnings.length === 0 ? [] : [{ title: 'Know first', lines: warnings.map((warning) => warningLine(warningText(warning, release.id))) }]),
    imagesPart(diff), envPart(diff), ...manifestParts(diff), coursePart(diff), wayBackPart(diff),
  ]
}
