import type { ImageChange } from '../promotion-view.ts'
import { splitPinned } from '../registry/reference.ts'

/** A build's image references (`name:tag@sha256:…`) by service. */
export type Images = Readonly<Record<string, string>>

/** What is known of the new build's source. */
export interface BuildSource {
  readonly gitSha?: string
  readonly message?: string
}

/**
 * The images that would change, services with the same change together, in the order of the new build. A reference that stands as it stood is left out,
 * and so is a service that only the old build had. `earlier` is null for a first release.
 */
export const diffImages = (earlier: Images | null, after: Images, source: BuildSource = {}): readonly ImageChange[] => {
  const groups = new Map<string, string[]>()
  for (const [service, reference] of Object.entries(after)) {
    const old = earlier?.[service]
    if (old === reference) continue
    const key = JSON.stringify([old ?? null, reference])
    groups.set(key, [...(groups.get(key) ?? []), service])
  }
  return [...groups.values()].map((services) => {
    const first = services[0] ?? ''
    const old = earlier?.[first]
    const before = old === undefined ? null : splitPinned(old)
    const to = splitPinned(after[first] ?? '')
    return {
      services,
      ...(before === null ? {} : { from: before.written, ...(before.digest === undefined ? {} : { fromDigest: before.digest }) }),
      to: to.written,
      ...(to.digest === undefined ? {} : { digest: to.digest }),
      ...(source.gitSha === undefined ? {} : { gitSha: source.gitSha }),
      ...(source.message === undefined ? {} : { message: source.message }),
    }
  })
}

/** An image that stays as it is, and the services that run it; `digest` is absent when the tag is not pinned. */
export interface KeptImage { readonly services: readonly string[]; readonly reference: string; readonly digest?: string }

/** The images that do not change, services with the same one together, in the order of the new build. */
export const keptImages = (earlier: Images | null, after: Images): readonly KeptImage[] => {
  const groups = new Map<string, string[]>()
  for (const [service, reference] of Object.entries(after)) {
    if (earlier?.[service] === reference) groups.set(reference, [...(groups.get(reference) ?? []), service])
  }
  return [...groups].map(([whole, services]) => {
    const { written, digest } = splitPinned(whole)
    return { services, reference: written, ...(digest === undefined ? {} : { digest }) }
  })
}
