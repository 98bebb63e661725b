import { findBuild, type BuildRecord } from '../db/builds.ts'
import type { Db } from '../db/client.ts'
import { activeRelease, goodRelease } from '../db/promotions.ts'
import type { ReleaseRecord } from '../db/releases.ts'
import { appParams } from './apps.ts'
import type { Rack } from './context.ts'
import { digestParts, type DigestPart } from './progress.ts'
import { openEnv } from './release-env.ts'
import { approvalPolicy, peoplePolicy } from './roles.ts'
import type { Sealer } from './seal.ts'

/** What is approved, part by part; canonical JSON is made of it (design 4). */
export interface Approved {
  readonly release: string
  readonly images: readonly (readonly [service: string, reference: string])[]
  readonly env: readonly (readonly [key: string, value: string])[]
  readonly manifest: string
  /** Rack, namespace, and where a failure goes back to. */
  readonly target: readonly (string | null)[]
  /** `roles` only where the settings name approvers: who may approve besides `approvers`. */
  readonly policy: { readonly approvals: number; readonly approvers: readonly string[]; readonly roles?: readonly unknown[] }
  readonly deadline: readonly [deadline: number, stability: number]
  readonly active: string | null
}

/** HMACs, so that env values cannot be guessed from what is stored. */
export interface Digest { readonly digest: string; readonly keyId: string; readonly parts: Readonly<Record<DigestPart, string>> }

const version = 1

/** Canonical and versioned: equal facts give equal digests under one key. Pure. */
export const digestOf = (sealer: Sealer, approved: Approved, keyId?: string): Digest => {
  const part = (name: DigestPart): string => sealer.hmac(JSON.stringify([version, name, approved[name]]), keyId).hex
  const parts = {
    release: part('release'), images: part('images'), env: part('env'), manifest: part('manifest'),
    target: part('target'), policy: part('policy'), deadline: part('deadline'), active: part('active'),
  }
  const whole = sealer.hmac(JSON.stringify([version, digestParts.map((name) => [name, parts[name]])]), keyId)
  return { digest: whole.hex, keyId: whole.keyId, parts }
}

/** The first part that moved, in the order people care about. Pure. */
export const movedPart = (before: Readonly<Record<string, string>>, now: Digest['parts']): DigestPart | null => {
  const order: readonly DigestPart[] = ['active', 'images', 'env', 'manifest', 'policy', 'deadline', 'target', 'release']
  return order.find((part) => before[part] !== now[part]) ?? null
}

/** What a promotion keeps of its digest. */
export interface KeptDigest { readonly digest: string; readonly digestKeyId: string; readonly digestParts: Readonly<Record<string, string>> }

/**
 * The same digest under the first key, part by part. What is not as it was asked for keeps its old hash, which nothing equals under that key: whoever looks
 * next finds out that it has changed, and which part, without the old key. `now` null: nothing of it is there any more. Pure.
 */
export const rekeyed = (sealer: Sealer, kept: KeptDigest, now: Approved | null): KeptDigest => {
  const [digestKeyId = kept.digestKeyId] = sealer.keyIds
  if (now === null) return { digest: kept.digest, digestKeyId, digestParts: kept.digestParts }
  const [old, fresh] = [digestOf(sealer, now, kept.digestKeyId), digestOf(sealer, now)]
  const parts = new Map(digestParts.map((name) => [old.parts[name], fresh.parts[name]]))
  return {
    digest: kept.digest === old.digest ? fresh.digest : kept.digest, digestKeyId,
    digestParts: Object.fromEntries(Object.entries(kept.digestParts).map(([name, hash]) => [name, parts.get(hash) ?? hash])),
  }
}

/** The facts as they are now. */
export const approvedNow = async (
  rack: Pick<Rack, 'name' | 'sealer' | 'roles'>, db: Db, input: { app: string; namespace: string; release: ReleaseRecord; build: BuildRecord; /** Asked for with this promotion; null: the app's. */ deadlineSeconds: number | null },
): Promise<Approved> => {
  const params = await appParams(db, rack.name, input.app)
  const env = openEnv(rack.sealer, input.release)
  const good = await goodRelease(db, rack.name, input.app)
  // With a list of approvers nobody's role counts.
  const roles = params.approvers.length > 0 ? peoplePolicy(rack.roles) : approvalPolicy(rack.roles, rack.name, input.app)
  return {
    release: input.release.id,
    images: Object.entries(input.build.images).map(([service, image]) => [service, image.resolved] as const).sort(),
    env: Object.entries(env).sort(),
    manifest: input.build.manifest,
    target: [rack.name, input.namespace, good?.releaseId ?? null],
    policy: { approvals: params.approvals, approvers: [...params.approvers].sort(), ...(roles === undefined ? {} : { roles }) },
    deadline: [input.deadlineSeconds ?? params.deadline, params.stability],
    active: await activeRelease(db, rack.name, input.app),
  }
}

/** The build of a release that has one. */
export const buildOf = async (db: Db, release: ReleaseRecord): Promise<BuildRecord | undefined> =>
  release.buildId === null ? undefined : findBuild(db, release.rack, release.app, release.buildId)

/** What a moved part is now, for the card's words. Never env values. `before`: what was asked for. */
export const partValue = (part: DigestPart, now: Approved, before: { readonly approvalsNeeded: number; readonly deadlineSeconds: number }): string => {
  switch (part) {
    case 'active': return now.active ?? ''
    // Not the number alone: who may approve is part of it.
    case 'policy': return now.policy.approvals === before.approvalsNeeded ? 'approvers' : String(now.policy.approvals)
    case 'deadline': return now.deadline[0] === before.deadlineSeconds ? `stability:${now.deadline[1]}` : String(now.deadline[0])
    case 'target': return now.target[2] ?? ''
    case 'images': return now.images.map(([, reference]) => reference).join(', ')
    case 'env': case 'manifest': case 'release': return now.release
  }
}
