import { lockApp } from '../db/apps.ts'
import { writeAudit } from '../db/audit.ts'
import { insertBuild, listBuildRecords } from '../db/builds.ts'
import { activeRelease } from '../db/promotions.ts'
import type { BuildImage } from '../db/schema.ts'
import { insertRelease } from '../db/releases.ts'
import { byCaller } from './audit-row.ts'
import { requireRight } from './authorize.ts'
import type { Books, Rack } from './context.ts'
import { requireEnvFits } from './env.ts'
import { finish } from './finish.ts'
import { madeBefore } from './first-half.ts'
import { baseRelease, requireApp } from './find.ts'
import { newId } from './ids.ts'
import { initImageKey } from './manifest/image-keys.ts'
import type { Manifest } from './manifest/manifest.ts'
import { parseManifest } from './manifest/parse.ts'
import { maskOfApp } from './mask-words.ts'
import type { Caller, ImageImported } from './operations.ts'
import type { Warning } from './progress.ts'
import { parseReference, referenceText } from './registry/reference.ts'
import { refuse } from './refusal.ts'
import { openEnv, sealEnv } from './release-env.ts'

interface ImportInput {
  readonly app: string
  readonly image: string | null
  readonly images: readonly (readonly [service: string, reference: string])[]
  readonly description: string | null
  readonly gitSha: string | null
  readonly message: string | null
  readonly base: string | null
  readonly manifest: string | null
}

/** Which reference each service runs: its own of `images`, else its `image:`, else the bare one; then the images of init containers. Refuses uncovered and unknown services by name. Pure. */
export const coverServices = (app: string, manifest: Manifest, image: string | null, images: ImportInput['images']): ReadonlyMap<string, string> => {
  const names = manifest.services.map((service) => service.name)
  for (const [service] of images) if (!names.includes(service)) refuse({ code: 'service_unknown', service, services: names, app })
  const covered = new Map<string, string>()
  for (const service of manifest.services) {
    const reference = images.find(([name]) => name === service.name)?.[1] ?? service.image ?? image
    if (reference !== null && reference !== undefined) covered.set(service.name, reference)
  }
  const uncovered = names.filter((name) => !covered.has(name))
  if (uncovered.length > 0) refuse({ code: 'service_without_image', services: uncovered, app })
  for (const { name, initContainer } of manifest.services) if (initContainer?.image !== undefined) covered.set(initImageKey(name), initContainer.image)
  return covered
}

/** answers.md, DESCRIPTION of import-image. Pure. */
export const buildDescription = (input: Pick<ImportInput, 'description' | 'gitSha' | 'message' | 'image' | 'images'>): string => {
  if (input.description !== null) return input.description
  if (input.gitSha !== null) return `build ${input.gitSha.slice(0, 10)}${input.message === null ? '' : ` ${input.message.split('\n')[0] ?? ''}`}`
  return `image ${input.image ?? input.images.map(([, reference]) => reference).join(', ')}`
}

const resolveAll = async (rack: Pick<Rack, 'resolveImage'>, covered: ReadonlyMap<string, string>): Promise<{ images: Record<string, BuildImage>; warnings: Warning[] }> => {
  const references = [...new Set(covered.values())]
  const parsed = references.map((text) => {
    const result = parseReference(text)
    return result.ok ? { text, reference: result.reference } : refuse({ code: 'image_invalid', reference: text, why: result.why })
  })
  const answers = await Promise.all(parsed.map(async ({ text, reference }) => ({ text, plain: referenceText(reference), answer: await rack.resolveImage(reference) })))
  const missing = answers.filter(({ answer }) => answer.kind === 'missing').map(({ text }) => text)
  if (missing.length > 0) refuse({ code: 'image_missing', references: missing })
  const images: Record<string, BuildImage> = {}
  const warnings: Warning[] = []
  for (const [service, text] of covered) {
    const found = answers.find((each) => each.text === text)
    if (found === undefined) continue
    const { answer } = found
    images[service] = answer.kind === 'resolved' ? { reference: text, resolved: answer.reference, pinned: true } : { reference: text, resolved: found.plain, pinned: found.plain.includes('@sha256:') }
    if (answer.kind === 'unreachable' && !found.plain.includes('@sha256:')) {
      warnings.push({ kind: 'tag_not_pinned', service, reference: text, registry: answer.registry, why: answer.why })
    }
  }
  return { images, warnings }
}

/** An image plus a manifest becomes a build and a release. Everything is validated first, every error at once; a refusal writes nothing. */
export const importImage = async (rack: Books & Pick<Rack, 'resolveImage'>, caller: Caller, input: ImportInput): Promise<ImageImported> => {
  requireRight(caller, 'importImage')
  const app = await requireApp(rack.db, rack.name, input.app)
  const startedAt = rack.clock()
  const before = await madeBefore(rack.db, caller, app)
  if (before !== undefined && before.buildId !== null) return { build: before.buildId, release: before.id, base: null, warnings: [] }
  const manifest = input.manifest ?? (await listBuildRecords(rack.db, rack.name, app.name, 1))[0]?.manifest
  if (manifest === undefined) return refuse({ code: 'manifest_missing', app: app.name })
  const parsed = parseManifest(manifest)
  if (!parsed.ok) return refuse({ code: 'manifest_invalid', errors: parsed.errors })
  const { images, warnings } = await resolveAll(rack, coverServices(app.name, parsed.manifest, input.image, input.images))
  return rack.db.transaction(async (tx) => {
    await lockApp(tx, rack.name, app.name)
    const base = await baseRelease(tx, rack.name, app.name, input.base)
    const env = base === undefined ? {} : openEnv(rack.sealer, base)
    // Before they are cut or put together: a part of a value is not found any more.
    const mask = await maskOfApp(rack, tx, app.name, base?.id ?? null)
    const masked = (text: string | null): string | null => (text === null ? null : mask(text))
    const [said, message] = [masked(input.description), masked(input.message)]
    const description = buildDescription({ ...input, description: said, message })
    const [build, release] = [newId('B'), newId('R')]
    await insertBuild(tx, { id: build, rack: rack.name, app: app.name, description, manifest, images, gitSha: input.gitSha, message, createdBy: caller.actor.id, startedAt })
    await requireEnvFits(tx, rack.name, app.name, build, env)
    await insertRelease(tx, { id: release, rack: rack.name, app: app.name, buildId: build, env: sealEnv(rack.sealer, release, env), description, origin: 'build', createdBy: caller.actor.id, delivery: caller.firstHalfOf ?? null })
    await writeAudit(tx, { rack: rack.name, app: app.name, ...byCaller(caller), action: 'build.import', detail: { build, release, base: base?.id ?? null, images: Object.fromEntries(Object.entries(images).map(([service, image]) => [service, image.resolved])) } })
    await finish(tx, caller)
    return { build, release, base: base === undefined ? null : { id: base.id, active: await activeRelease(tx, rack.name, app.name) }, warnings }
  })
}
