import type { Refusal } from '../../rack/refusal.ts'
import { code, enumerated, joined, say, ticked, type Phrase } from './phrase.ts'
import { cleanText, cut } from './plain-text.ts'
import { reply, type Reply } from './reply.ts'

/** Refusals about what a release is made of: manifest, images, env; and the cluster's own no. */
export const serviceCodes = [
  'manifest_invalid', 'manifest_missing', 'image_missing', 'image_invalid', 'service_without_image', 'service_unknown',
  'env_word_without_value', 'env_key_not_allowed', 'env_set_and_unset', 'env_too_large', 'nothing_would_change', 'same_as_active', 'cluster_refused',
] as const satisfies readonly Refusal['code'][]
export type ServiceRefusal = Extract<Refusal, { code: (typeof serviceCodes)[number] }>

/** Every line of a manifest's errors, as many as one section holds. */
const errorLines = (errors: readonly string[]): Phrase => {
  const shown = errors.slice(0, 20).map((line) => ticked(cut(line, 300)))
  return shown.length === errors.length ? joined(shown, '\n') : say`${joined(shown, '\n')}\nand ${errors.length - shown.length} more`
}

/** One unsupported field is said by itself; `resources:` with what to do instead (row 21). */
const unsupported = (errors: readonly string[]): Reply | null => {
  const match = errors.length === 1 ? /^(.* is not supported\.)(?: (.+))?$/.exec(errors[0] ?? '') : null
  if (match?.[1] === undefined) return null
  return reply(ticked(cut(match[1], 300)), match[2] === undefined ? say`Nothing was created. Take it out, then import again.` : ticked(cut(match[2], 300)))
}

const invalidManifest = (errors: readonly string[]): Reply => {
  return unsupported(errors) ?? reply(say`${code('validation errors:')}\n${errorLines(errors)}`, say`Nothing was created. Fix them all, then import again.`)
}

/** Bytes as MiB with one digit; 1 MiB is what a Kubernetes Secret holds. */
const mebibytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MiB`

const images = (references: readonly string[]): Phrase => enumerated(references.slice(0, 5).map((reference) => code(cut(reference, 120))), 'and')
const services = (names: readonly string[]): Phrase => enumerated(names.slice(0, 6).map((name) => code(name)), 'and')

/** `resource "secrets" in namespace "convox-shop"` becomes row 28; any other no is quoted. */
const clusterRefused = (refusal: Extract<Refusal, { code: 'cluster_refused' }>): Reply => {
  const right = /cannot (\w+) resource "([^"]+)"(?:.*in the namespace "([^"]+)")?/.exec(refusal.message)
  if (right?.[1] !== undefined && right[2] !== undefined) {
    const where = right[3] === undefined ? [] : say` in ${code(right[3])}`
    return reply(say`The bot may not ${right[1]} ${code(right[2])}${where}.`, say`A platform engineer grants it: README, "Rights".`)
  }
  return reply(say`The cluster refused ${code(refusal.object)}: ${code(refusal.message)}.`, say`Change what it names, or ask who owns it.`)
}

/** Rows 20-22, 28 and 30-32 of cards.md 7, and their like. */
export const serviceReply = (refusal: ServiceRefusal): Reply => {
  switch (refusal.code) {
    case 'manifest_invalid': return invalidManifest(refusal.errors)
    case 'manifest_missing':
      return reply(say`${code(refusal.app)} has no convox.yml yet.`, say`Give one: ${code(`/convox builds import-image <image> --manifest -a ${refusal.app}`)}`)
    case 'image_missing': return reply(
      refusal.references.length === 1
        ? say`${images(refusal.references)} is not in the registry.`
        : say`${images(refusal.references)} are not in the registry.`,
      say`Nothing was created. Check name and tag.`)
    case 'image_invalid':
      return reply(
        say`${code(cut(refusal.reference, 120))} is not an image: ${cleanText(refusal.why)}.`,
        say`Write it as ${code('registry.example.com/shop:1.4.2')}.`,
      )
    case 'service_without_image': return reply(
      refusal.services.length === 1 ? say`${services(refusal.services)} has no image.` : say`${services(refusal.services)} have no image.`,
      say`Nothing was created. Name one each: ${code(`/convox builds import-image ${cut(refusal.services[0] ?? 'web', 60)}=<image> -a ${refusal.app}`)}`)
    case 'service_unknown':
      return reply(say`${code(refusal.app)} has no service ${code(cut(refusal.service, 63))}.`, say`Its services: ${services(refusal.services)}.`)
    case 'env_word_without_value':
      return reply(say`${code(`expected KEY=value: ${cut(refusal.word, 60)}`)}`, say`Nothing was set. Example: ${code('/convox env set FOO=bar')}`)
    case 'env_key_not_allowed':
      return reply(say`Key not allowed: ${code(cut(refusal.key, 60))}.`, say`Nothing was set. Keys are letters, digits, ${code('_')}, ${code('-')} and ${code('.')}, no digit first.`)
    case 'env_set_and_unset': return reply(say`${code(refusal.key)} is set and removed.`, say`Nothing was changed. Do one of the two.`)
    case 'env_too_large':
      return reply(
        say`The env of ${code(refusal.service)} would have ${mebibytes(refusal.bytes)}; a Secret holds 1 MiB.`,
        say`Largest key: ${code(refusal.largest)}. Keep it elsewhere.`,
      )
    case 'nothing_would_change': return reply(say`${code('nothing would change')}`, say`Keys now: ${code(`/convox env -a ${refusal.app}`)}`)
    case 'same_as_active':
      return reply(say`${code('build and env are those of the active release: nothing would change')}`, say`See ${code(`/convox releases -a ${refusal.app}`)}`)
    case 'cluster_refused': return clusterRefused(refusal)
  }
}
