/** The parts of `host/path/name:tag@sha256:…`. */
export interface ImageReference {
  /** Without tag and digest. */
  repository: string
  tag: string | undefined
  digest: string | undefined
}

/** Splits an image reference. Anything splits: whether it is a valid one is `invalidImageName`'s business. */
export const imageReference = (image: string): ImageReference => {
  const at = image.indexOf('@')
  const named = at < 0 ? image : image.slice(0, at)
  const digest = at < 0 ? undefined : image.slice(at + 1)
  const colon = named.lastIndexOf(':')
  if (colon <= named.lastIndexOf('/')) return { repository: named, tag: undefined, digest }
  return { repository: named.slice(0, colon), tag: named.slice(colon + 1), digest }
}

/** What the kubelet says of a reference that cannot be parsed (texts of distribution/reference), or undefined when it can. */
export const invalidImageName = (image: string): string | undefined => {
  const { repository, tag, digest } = imageReference(image)
  const parts = repository.split('/')
  const first = parts[0] ?? ''
  const isHost = parts.length > 1 && (first.includes('.') || first.includes(':') || first === 'localhost')
  const path = (isHost ? parts.slice(1) : parts).join('/')
  const complaint = (cause: string) => `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format${cause}`
  if (/[A-Z]/.test(path)) return complaint(`: repository name (${path}) must be lowercase`)
  const valid =
    /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/.test(path) &&
    (tag === undefined || /^\w[\w.-]{0,127}$/.test(tag)) &&
    (digest === undefined || /^sha256:[0-9a-f]{64}$/.test(digest))
  return valid ? undefined : complaint('')
}
