import { mapsAt, textAt, textsAt, type JsonMap } from '../json.ts'
import { type KubeObject } from '../object.ts'
import type { Resource } from '../resources.ts'
import type { Store } from '../store.ts'
import { printQuantity, quantity } from './quantity.ts'

export type Usage = Record<string, number>

const counted: Record<string, string> = { services: 'services', secrets: 'secrets', configmaps: 'configmaps', persistentvolumeclaims: 'persistentvolumeclaims', resourcequotas: 'resourcequotas' }

/** Sum over containers of `requests` or `limits`, in cores and bytes. Init containers count where they ask for more. */
export const podAmounts = (spec: JsonMap, side: 'requests' | 'limits'): Usage => {
  const total: Usage = {}
  for (const container of mapsAt(spec, 'containers')) {
    for (const [name, amount] of Object.entries(textsAt(container, 'resources', side))) total[name] = (total[name] ?? 0) + (quantity(amount) ?? 0)
  }
  for (const container of mapsAt(spec, 'initContainers')) {
    for (const [name, amount] of Object.entries(textsAt(container, 'resources', side))) total[name] = Math.max(total[name] ?? 0, quantity(amount) ?? 0)
  }
  return total
}

export const isTerminal = (pod: JsonMap): boolean => ['Failed', 'Succeeded'].includes(textAt(pod, 'status', 'phase'))

/** What one object takes from a quota. */
const usageOf = (resource: Resource, object: JsonMap): Usage => {
  const usage: Usage = { [`count/${resource.key}`]: 1 }
  const plain = counted[resource.key]
  if (plain !== undefined) usage[plain] = 1
  if (resource.key !== 'pods') return usage
  if (isTerminal(object)) return { [`count/pods`]: 1 }
  const spec = object['spec']
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec)) return usage
  usage['pods'] = 1
  for (const [name, amount] of Object.entries(podAmounts(spec, 'requests'))) {
    usage[`requests.${name}`] = amount
    usage[name] = amount
  }
  for (const [name, amount] of Object.entries(podAmounts(spec, 'limits'))) usage[`limits.${name}`] = amount
  return usage
}

const hardOf = (quota: KubeObject): Record<string, string> => textsAt(quota, 'spec', 'hard')

/** What is in use in the quota's namespace, for the names it limits. */
export const usedIn = (store: Store, resources: readonly Resource[], quota: KubeObject): Usage => {
  const used: Usage = {}
  for (const name of Object.keys(hardOf(quota))) used[name] = 0
  for (const resource of resources) {
    if (!resource.namespaced || resource.type === '') continue
    for (const object of store.list(resource.key, quota.metadata.namespace)) {
      for (const [name, amount] of Object.entries(usageOf(resource, object))) if (used[name] !== undefined) used[name] += amount
    }
  }
  return used
}

const computed = ['requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory', 'cpu', 'memory']

/** Why the quotas of the namespace refuse `object`; undefined when they do not. */
export const quotaRefusal = (store: Store, resources: readonly Resource[], resource: Resource, object: JsonMap, namespace: string): string | undefined => {
  const asked = usageOf(resource, object)
  for (const quota of store.list('resourcequotas', namespace)) {
    const hard = hardOf(quota)
    if (resource.key === 'pods') {
      const missing = computed.filter((name) => hard[name] !== undefined && asked[name] === undefined)
      if (missing.length > 0) {
        const names = mapsAt(object, 'spec', 'containers').map((container) => textAt(container, 'name'))
        return `failed quota: ${quota.metadata.name}: must specify ${missing.map((name) => `${name} for: ${names.join(',')}`).join('; ')}`
      }
    }
    const limited = Object.keys(hard).filter((name) => (asked[name] ?? 0) > 0)
    if (limited.length === 0) continue
    const used = usedIn(store, resources, quota)
    const over = limited.filter((name) => (used[name] ?? 0) + (asked[name] ?? 0) > (quantity(hard[name]) ?? 0)).sort()
    if (over.length === 0) continue
    const list = (amount: (name: string) => string): string => over.map((name) => `${name}=${amount(name)}`).join(',')
    return `exceeded quota: ${quota.metadata.name}, requested: ${list((name) => printQuantity(name, asked[name] ?? 0))}, used: ${list((name) => printQuantity(name, used[name] ?? 0))}, limited: ${list((name) => hard[name] ?? '0')}`
  }
  return undefined
}
