/** An image reference in its parts, by Docker's rules (distribution/reference). */
export interface ImageReference {
  /** As written, without tag and digest: what people read, and what Kubernetes gets. */
  readonly name: string
  /** Host and port that the name stands for; `docker.io` when it names none. */
  readonly registry: string
  /** Path on the registry: `library/nginx` for `nginx`. */
  readonly repository: string
  /** Absent only when the reference goes by digest alone. */
  readonly tag?: string
  /** `sha256:` and 64 hex digits. */
  readonly digest?: string
}

/** A reference, or one sentence part that says why it is none. */
export type ParsedReference = { readonly ok: true; readonly reference: ImageReference } | { readonly ok: false; readonly why: string }

const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const tagForm = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const hostForm = /^(?:\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?)(?::\d{1,5})?$/

const isHost = (first: string): boolean => /[.:A-Z]/.test(first) || first === 'localhost'

const splitTag = (rest: string): { readonly name: string; readonly tag?: string } => {
  const colon = rest.lastIndexOf(':')
  return colon > rest.lastIndexOf('/') ? { name: rest.slice(0, colon), tag: rest.slice(colon + 1) } : { name: rest }
}

const splitHost = (name: string): { readonly registry: string; readonly path: string } => {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(0, slash))
  if (slash < 0 || !isHost(first)) return { registry: 'docker.io', path: name }
  return { registry: first === 'index.docker.io' ? 'docker.io' : first, path: name.slice(slash + 1) }
}

const whyNot = (name: string, path: string, registry: string, tag: string | undefined, digest: string | undefined): string | undefined => {
  if (name === '') return 'it has no name'
  if (name.length > 255) return 'its name is longer than 255 characters'
  if (!hostForm.test(registry) || !URL.canParse(`https://${registry}`)) return `"${registry}" is not a registry host`
  if (/[A-Z]/.test(path)) return 'its name must be lower case'
  if (!path.split('/').every((part) => component.test(part))) return `"${path}" is not a repository name`
  if (tag !== undefined && !tagForm.test(tag)) return tag === '' ? 'its tag is empty' : `"${tag}" is not a tag`
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest)) return 'its digest is not sha256: and 64 hex digits'
  return undefined
}

/** `nginx`, `shop:1.4`, `ghcr.io/a/b:c@sha256:…` -> its parts. Without tag and digest the tag is `latest`. Never throws. */
export const parseReference = (text: string): ParsedReference => {
  if (text.trim() === '') return { ok: false, why: 'it is empty' }
  if (/\s/.test(text)) return { ok: false, why: 'it holds white space' }
  if (text.includes('://')) return { ok: false, why: 'it begins with a scheme; leave out everything up to ://' }
  const mark = text.indexOf('@')
  const digest = mark < 0 ? undefined : text.slice(mark + 1)
  const { name, tag } = splitTag(mark < 0 ? text : text.slice(0, mark))
  const { registry, path } = splitHost(name)
  const why = whyNot(name, path, registry, tag, digest)
  if (why !== undefined) return { ok: false, why }
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path
  const shownTag = tag ?? (digest === undefined ? 'latest' : undefined)
  const parts = { ...(shownTag === undefined ? {} : { tag: shownTag }), ...(digest === undefined ? {} : { digest }) }
  return { ok: true, reference: { name, registry, repository, ...parts } }
}

/** `name:tag@digest`, with the parts that are there. */
export const referenceText = ({ name, tag, digest }: Pick<ImageReference, 'name' | 'tag' | 'digest'>): string =>
  `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`

/** A build's reference as people write it (`shop:1.4.2`) and its digest, for cards and differences. */
export const splitPinned = (text: string): { readonly written: string; readonly digest?: string } => {
  const mark = text.indexOf('@')
  if (mark < 0) return { written: text }
  return { written: text.slice(0, mark), digest: text.slice(mark + 1) }
}
