import { createHash } from 'node:crypto'
import type { Manifest, Service, ServiceVolume } from '../manifest/manifest.ts'
import { metaOf } from './input.ts'
import type { RenderInput } from './input.ts'
import type { ConfigMap, Container, PersistentVolumeClaim, PodSpec, Volume, VolumeMount } from './objects.ts'

/** Convox's size of a volume (provider/k8s/template/app/volumes.yml.tmpl). */
const claimSize = '10Gi'

/** The one key of our ConfigMaps. */
const configKey = 'content'

const hash = (...parts: readonly string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 10)

const slug = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '').slice(0, 20).replace(/-$/, '')

/** `volume-web-data-3fa1b2c4d5`: the same for every release, so that the data stays where it is. */
const claimOf = (service: string, { from, shared }: ServiceVolume): string =>
  ['volume', ...(shared ? [] : [service]), slug(from), hash(...(shared ? [] : [service]), from)].filter((part) => part !== '').join('-')

/** `config-app-8f2c…`: named after its content, so that the running release's is never overwritten. */
const configMapOf = (id: string, value: string): string => `config-${id}-${hash(value)}`

const valueOf = (manifest: Manifest, id: string): string => manifest.configs.find((config) => config.id === id)?.value ?? ''

const each = <T>(items: readonly T[], nameOf: (item: T) => string): readonly T[] => [...new Map(items.map((item) => [nameOf(item), item])).values()]

/** What a service's containers mount, and the volumes of its pod for that. */
export const renderMounts = (manifest: Manifest, service: Service): { readonly pod: Pick<PodSpec, 'volumes'>; readonly container: Pick<Container, 'volumeMounts'> } => {
  const { volumes, emptyDirs, configs } = service.mounts
  const sources: readonly Volume[] = each([
    ...volumes.map((volume): Volume => ({ name: `vol-${hash(claimOf(service.name, volume))}`, persistentVolumeClaim: { claimName: claimOf(service.name, volume) } })),
    ...emptyDirs.map(({ id, memory, sizeLimit }): Volume => ({
      name: `ed-${id}`, emptyDir: { ...(memory ? { medium: 'Memory' } : {}), ...(sizeLimit === undefined ? {} : { sizeLimit }) },
    })),
    ...configs.map(({ id }): Volume => ({ name: `cfg-${id}`, configMap: { name: configMapOf(id, valueOf(manifest, id)) } })),
  ], ({ name }) => name)
  const mounts: readonly VolumeMount[] = [
    ...volumes.map((volume) => ({ name: `vol-${hash(claimOf(service.name, volume))}`, mountPath: volume.path })),
    ...emptyDirs.map(({ id, path }) => ({ name: `ed-${id}`, mountPath: path })),
    // As a single file, so that the rest of its directory stays visible.
    ...configs.map(({ id, dir, filename }) => ({ name: `cfg-${id}`, mountPath: `${dir}/${filename}`, subPath: configKey })),
  ]
  return { pod: sources.length === 0 ? {} : { volumes: sources }, container: mounts.length === 0 ? {} : { volumeMounts: mounts } }
}

/** The ConfigMaps that some service mounts, in the order of the manifest. */
export const renderConfigMaps = (input: RenderInput): readonly ConfigMap[] => {
  const used = new Set(input.manifest.services.flatMap(({ mounts }) => mounts.configs.map(({ id }) => id)))
  return input.manifest.configs.filter(({ id }) => used.has(id)).map(({ id, value }) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metaOf(input, { name: configMapOf(id, value), type: 'config', label: id }),
    immutable: true,
    data: { [configKey]: value },
  }))
}

/** The claims of all volumes, a shared one once. */
export const renderClaims = (input: RenderInput): readonly PersistentVolumeClaim[] => {
  const claims = input.manifest.services.flatMap((service) => service.mounts.volumes.map((volume): PersistentVolumeClaim => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: metaOf(input, { name: claimOf(service.name, volume), type: 'volume', ...(volume.shared ? { label: slug(volume.from) } : { service: service.name }) }),
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: claimSize } } },
  })))
  return each(claims, ({ metadata }) => metadata.name)
}
