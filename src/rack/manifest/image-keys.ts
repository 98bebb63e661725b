import type { Manifest, Service } from './manifest.ts'

/** Under this a build keeps the image of a service's init container, where that has one of its own: `web/init`. */
export const initImageKey = (service: string): string => `${service}/init`

/** The key of the image that a service's init container runs; undefined without one. */
export const initImageOf = ({ name, initContainer }: Service): string | undefined => {
  if (initContainer === undefined) return undefined
  return initContainer.image === undefined ? name : initImageKey(name)
}

/** Under what a build must have images for the manifest, each once: the services, then init containers of another image. */
export const imageKeys = ({ services }: Manifest): readonly string[] =>
  [...new Set([...services.map(({ name }) => name), ...services.flatMap((service) => initImageOf(service) ?? [])])]
