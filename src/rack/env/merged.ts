import { environmentDefaults } from '../manifest/interpolate.ts'
import type { Service } from '../manifest/manifest.ts'
import type { Env } from './text.ts'

/** What the environment of a process is made of, besides its manifest. */
export interface EnvSources {
  readonly rack: string
  readonly app: string
  readonly release: { readonly id: string }
  readonly build: { readonly id: string; readonly description: string; readonly gitSha?: string }
  readonly env: Env
}

/** The environment of one service's processes: what we know of the release, then the manifest's defaults, then the whole env; later wins. */
export const mergedEnv = (service: Service, { rack, app, release, build, env }: EnvSources): Env => ({
  RACK: rack,
  APP: app,
  RELEASE: release.id,
  BUILD: build.id,
  BUILD_DESCRIPTION: build.description,
  BUILD_GIT_SHA: build.gitSha ?? '',
  SERVICE: service.name,
  ...(service.port === undefined ? {} : { PORT: String(service.port.port) }),
  ...environmentDefaults(service, env),
  ...env,
})

/** A Secret holds so many bytes (Kubernetes MaxSecretSize). It counts values alone; we count keys too. */
export const maxSecretBytes = 1024 * 1024

/** A merged env that no Secret can hold: its size in bytes and the key that takes most. Undefined when it fits. */
export const secretOverflow = (env: Env): { readonly bytes: number; readonly largest: string } | undefined => {
  const sizes = Object.entries(env).map(([key, value]) => ({ key, bytes: key.length + Buffer.byteLength(value) }))
  const bytes = sizes.reduce((sum, size) => sum + size.bytes, 0)
  if (bytes <= maxSecretBytes) return undefined
  const largest = sizes.reduce((most, size) => (size.bytes > most.bytes ? size : most), { key: '', bytes: -1 })
  return { bytes, largest: largest.key }
}
