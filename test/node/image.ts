import { createHash } from 'node:crypto'
import { request } from 'undici'

/** Where images are pushed to and pulled from. */
export interface Registry {
  /** As it stands in image references, with a path where it has one. */
  readonly address: string
  /** Forgets a tag and its manifest, as a clean-up of old images does. */
  remove(repository: string, tag: string): Promise<void>
  push(repository: string, tag: string, image: Image): Promise<void>
}

/** One static program in one layer. */
export interface Image {
  readonly program: Buffer
  readonly entrypoint: readonly string[]
}

const types = {
  manifest: 'application/vnd.oci.image.manifest.v1+json', config: 'application/vnd.oci.image.config.v1+json', layer: 'application/vnd.oci.image.layer.v1.tar',
}
const sha256 = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** A tar archive with one executable, `/app` (ustar; POSIX.1-1988). The same bytes give the same archive. */
export const layerOf = (program: Buffer): Buffer => {
  const header = Buffer.alloc(512)
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`
  const write = (text: string, at: number): void => void header.write(text, at, 'latin1')
  write('app', 0)
  write(octal(0o755, 8), 100)
  write(octal(0, 8) + octal(0, 8), 108)
  write(octal(program.length, 12) + octal(0, 12), 124)
  // The checksum counts itself as blanks.
  write(' '.repeat(8), 148)
  write('0', 156)
  write('ustar\x0000', 257)
  write(`${octal(header.reduce((sum, byte) => sum + byte, 0), 7)} `, 148)
  return Buffer.concat([header, program, Buffer.alloc((512 - (program.length % 512)) % 512), Buffer.alloc(1024)])
}

/** A registry at this address (OCI distribution 1.1): plain http on this machine, https elsewhere. Throws with its answer when it refuses something. */
export const registryAt = (address: string): Registry => {
  const [host = '', ...path] = address.split('/')
  const origin = `${/^(localhost|127\.)/.test(host) ? 'http' : 'https'}://${host}`
  const at = (repository: string): string => `/v2/${[...path, repository].join('/')}`
  const call = async (method: 'HEAD' | 'POST' | 'PUT' | 'DELETE', url: string, headers: Record<string, string> = {}, body: Buffer | null = null) => {
    const answer = await request(url, { method, headers, body })
    const text = await answer.body.text()
    if (answer.statusCode >= 300 && !(method === 'HEAD' && answer.statusCode === 404)) throw new Error(`${method} ${url}: ${answer.statusCode} ${text}`)
    const header = (name: string): string => String(answer.headers[name] ?? '')
    return { status: answer.statusCode, header }
  }
  const blob = async (repository: string, bytes: Buffer): Promise<{ digest: string; size: number }> => {
    const digest = sha256(bytes)
    const { status } = await call('HEAD', `${origin}${at(repository)}/blobs/${digest}`)
    if (status === 404) {
      const upload = await call('POST', `${origin}${at(repository)}/blobs/uploads/`)
      const place = new URL(upload.header('location'), origin)
      place.searchParams.set('digest', digest)
      await call('PUT', place.href, { 'content-type': 'application/octet-stream' }, bytes)
    }
    return { digest, size: bytes.length }
  }
  const write: Registry['push'] = async (repository, tag, { program, entrypoint }) => {
    const layer = layerOf(program)
    const config = Buffer.from(JSON.stringify({
      architecture: process.arch === 'x64' ? 'amd64' : process.arch, os: 'linux', config: { Entrypoint: entrypoint },
      rootfs: { type: 'layers', diff_ids: [sha256(layer)] },
    }))
    const manifest = Buffer.from(JSON.stringify({
      schemaVersion: 2, mediaType: types.manifest,
      config: { mediaType: types.config, ...(await blob(repository, config)) },
      layers: [{ mediaType: types.layer, ...(await blob(repository, layer)) }],
      // Two tags of one behaviour are two images.
      annotations: { 'org.opencontainers.image.ref.name': tag },
    }))
    await call('PUT', `${origin}${at(repository)}/manifests/${tag}`, { 'content-type': types.manifest }, manifest)
  }
  let before: Promise<unknown> = Promise.resolve()
  return {
    address,
    push: (repository, tag, image) => {
      // One at a time: docker-registry 2.8 answers 500 when it is asked for a blob that is just being linked.
      const push = before.then(() => write(repository, tag, image))
      // Who asked for it hears of its failure; who comes next does not.
      before = push.catch(() => undefined)
      return push
    },
    remove: async (repository, tag) => {
      const manifest = `${origin}${at(repository)}/manifests`
      const digest = (await call('HEAD', `${manifest}/${tag}`, { accept: types.manifest })).header('docker-content-digest')
      await call('DELETE', `${manifest}/${digest}`)
    },
  }
}
