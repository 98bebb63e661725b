import type { Manifest, Service } from '../manifest/manifest.ts'
import { diffConfigs, diffReleaseCommand, diffTimers } from './beside-services.ts'
import type { FieldChange, ManifestDiff } from './field-change.ts'
import { countText, serviceChanges } from './service-fields.ts'

const summary = (service: Service): string => (service.agent ? 'agent' : `scale ${countText(service)}`)

const whole = (name: string, kind: FieldChange['kind'], from: string | null, to: string | null): FieldChange =>
  ({ subject: 'service', name, field: null, kind, from, to, callout: null, important: true })

/** For each new service the gone one that did exactly the same under another name; none is taken twice. */
const renames = (gone: readonly Service[], fresh: readonly Service[]): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  const taken = new Set<string>()
  for (const service of fresh) {
    const same = gone.find((one) => !taken.has(one.name) && serviceChanges(one, service).length === 0)
    if (same === undefined) continue
    taken.add(same.name)
    found.set(service.name, same.name)
  }
  return found
}

/**
 * What a manifest changes against another, by service (in the new file's order, removed ones last) and field; then what belongs to none: timers, configs,
 * the release command. A service that does exactly what a gone one did counts as renamed. `before` is null for a first release: every service is added. Pure.
 */
export const diffManifests = (before: Manifest | null, after: Manifest): ManifestDiff => {
  const old = new Map((before?.services ?? []).map((service) => [service.name, service]))
  const now = new Set(after.services.map((service) => service.name))
  const gone = [...old.values()].filter(({ name }) => !now.has(name))
  const renamed = renames(gone, after.services.filter(({ name }) => !old.has(name)))
  const renamedFrom = new Set(renamed.values())
  const perService = after.services.map((service) => {
    const earlier = old.get(service.name)
    if (earlier !== undefined) return { name: service.name, changes: serviceChanges(earlier, service) }
    const former = renamed.get(service.name)
    return { name: service.name, changes: [former === undefined ? whole(service.name, 'added', null, summary(service)) : whole(service.name, 'renamed', former, service.name)] }
  })
  return {
    changes: [
      ...perService.flatMap(({ changes }) => changes),
      ...gone.filter(({ name }) => !renamedFrom.has(name)).map((service) => whole(service.name, 'removed', summary(service), null)),
      ...diffTimers(before?.timers ?? [], after.timers), ...diffConfigs(before?.configs ?? [], after.configs), ...diffReleaseCommand(before?.release, after.release),
    ],
    unchanged: perService.filter(({ changes }) => changes.length === 0).map(({ name }) => name),
  }
}
