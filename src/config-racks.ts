import { parse } from 'yaml'
import { z } from 'zod'
import type { RackEntry } from './config-file.ts'

/** One rack: a cluster, and what is made on it. */
export interface RackConfig {
  readonly name: string
  /** Text of the kubeconfig; null: in-cluster. */
  readonly kubeconfig: string | null
  /** Its file; null: in-cluster. */
  readonly kubeconfigPath: string | null
  /** Of the kubeconfig; null: its current one. */
  readonly context: string | null
  readonly pullSecret: { readonly name: string; readonly namespace: string } | null
  /** Of services with a domain. */
  readonly ingressClass: string
}

/** Told of each thing that is wrong: where, what, and what to do. */
export type Wrong = (where: string, problem: string, fix: string) => void
type ReadFile = (path: string) => string | null

const kubeconfigContexts = z.object({ 'current-context': z.string().optional(), contexts: z.array(z.object({ name: z.string() })).default([]) })

/** Names of the contexts of a kubeconfig; null when it is not one. */
const contextsOf = (text: string): readonly string[] | null => {
  try {
    const read = kubeconfigContexts.safeParse(parse(text))
    return read.success ? read.data.contexts.map(({ name }) => name) : null
  } catch {
    return null
  }
}

/** What racks take from the environment where their entry says nothing. */
export interface RackDefaults { /** Text of the file; null: none. */ readonly kubeconfig: string | null; readonly kubeconfigPath: string | null; readonly inCluster: boolean; readonly pullSecret: RackConfig['pullSecret']; readonly ingressClass: string }

/** The cluster of one entry: its own kubeconfig, the one of KUBECONFIG, or the cluster around. */
const clusterOf = (entry: RackEntry, defaults: RackDefaults, readFile: ReadFile, wrong: Wrong): Pick<RackConfig, 'kubeconfig' | 'kubeconfigPath' | 'context'> => {
  const where = `racks.${entry.name}`
  const nowhere = { kubeconfig: null, kubeconfigPath: null, context: null }
  const own = entry.inCluster ? undefined : entry.kubeconfig
  const text = entry.inCluster ? null : own === undefined ? defaults.kubeconfig : readFile(own)
  if (text === null) {
    if (own !== undefined) wrong(`${where}.kubeconfig`, `${own} cannot be read`, 'Name one existing file.')
    else if (!defaults.inCluster) wrong(where, entry.inCluster ? 'is said to be this cluster, and this process runs in none' : 'names no cluster', 'Give it a kubeconfig, or set KUBECONFIG.')
    else if (entry.context !== undefined) wrong(`${where}.context`, 'is a context of no kubeconfig', 'Give it a kubeconfig, or leave the context out.')
    return nowhere
  }
  const known = entry.context === undefined ? [] : contextsOf(text)
  if (entry.context !== undefined && (known === null || !known.includes(entry.context))) {
    wrong(`${where}.context`, `"${entry.context}" is not in ${own ?? 'KUBECONFIG'}`, known === null || known.length === 0 ? 'It has no contexts.' : `It has ${known.join(', ')}.`)
  }
  return { kubeconfig: text, kubeconfigPath: own ?? defaults.kubeconfigPath, context: entry.context ?? null }
}

const secretOf = (entry: RackEntry): RackConfig['pullSecret'] => {
  const [namespace, name] = entry.pullSecret?.split('/') ?? []
  return namespace === undefined || name === undefined ? null : { name, namespace }
}

/** One rack of the file, with what it takes from the environment. */
export const readRack = (entry: RackEntry, defaults: RackDefaults, readFile: ReadFile, wrong: Wrong): RackConfig => ({
  name: entry.name, ...clusterOf(entry, defaults, readFile, wrong), ingressClass: entry.ingressClass ?? defaults.ingressClass, pullSecret: secretOf(entry) ?? defaults.pullSecret,
})
