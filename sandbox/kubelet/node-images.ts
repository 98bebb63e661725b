import { scenarioOf } from './catalogue.ts'
import type { Clock } from './clock.ts'
import type { Pull } from './host.ts'
import { imageReference } from './image-reference.ts'
import type { Scenario } from './scenario.ts'

/** What a registry says of a reference when this node asks. */
export type RegistryAnswer = 'present' | 'absent' | 'denied' | 'limited' | 'unreachable'

/** The images on the node, and the pulls of those that are not. */
export interface NodeImages {
  has(image: string): boolean
  add(image: string): void
  /** As the node's garbage collector does: what begins with `reference` has to be pulled again. */
  evict(reference: string): void
  pull(image: string): Promise<Pull>
}

/** The size of the recorded test image. */
const imageBytes = 2_544_439

const manifestUrl = (image: string): string => {
  const { repository, tag, digest } = imageReference(image)
  const [host = '', ...path] = repository.split('/')
  return `https://${host}/v2/${path.join('/')}/manifests/${digest ?? tag ?? 'latest'}`
}

/**
 * The texts of containerd 2's resolver as the kubelet passes them on: "not found" is a recorded one, "denied" and "limited" are those of
 * core/remotes/docker/{resolver,authorizer}.go and core/remotes/errors/errors.go 2.4.2, which the same path wraps (core/transfer/local/pull.go).
 */
const causeOf = (image: string, answer: Exclude<RegistryAnswer, 'present'>): string => {
  const failed = `desc = failed to pull and unpack image "${image}": failed to resolve image:`
  const mayRequire = 'repository does not exist or may require authorization'
  const texts = {
    absent: `rpc error: code = NotFound ${failed} ${image}: not found`,
    denied: `rpc error: code = Unknown ${failed} pull access denied, ${mayRequire}: authorization failed: no basic auth credentials`,
    limited: `rpc error: code = Unknown ${failed} unexpected status from HEAD request to ${manifestUrl(image)}: 429 Too Many Requests`,
    unreachable: `rpc error: code = Unknown ${failed} failed to do request: Head "${manifestUrl(image)}": dial tcp: i/o timeout`,
  } as const
  return texts[answer]
}

export const nodeImages = (clock: Clock, scenarios: readonly Scenario[], registry: (image: string) => Promise<RegistryAnswer>): NodeImages => {
  const present = new Set<string>()
  const firstPull = new Map<string, number>()
  const answerTo = async (image: string): Promise<RegistryAnswer> => {
    const { pull } = scenarioOf(image, scenarios)
    if (pull === undefined) return registry(image)
    if (typeof pull === 'string') return pull
    const first = firstPull.get(image) ?? clock.now()
    firstPull.set(image, first)
    const since = clock.since(first)
    if ('absentFor' in pull) return since < pull.absentFor ? 'absent' : registry(image)
    return since < pull.limitedFor ? 'limited' : (pull.afterwards ?? registry(image))
  }
  return {
    has: (image) => present.has(image),
    add: (image) => void present.add(image),
    evict: (reference) => {
      for (const image of present) if (image.startsWith(reference)) present.delete(image)
    },
    pull: async (image) => {
      const answer = await answerTo(image)
      if (answer !== 'present') return { outcome: 'failed', cause: causeOf(image, answer) }
      present.add(image)
      return { outcome: 'pulled', took: 82, bytes: imageBytes }
    },
  }
}
