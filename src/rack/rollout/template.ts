import { createHash } from 'node:crypto'

import { z } from 'zod'

/** Set by `kubectl rollout restart`; a restart is nobody's new template. */
const ignoredAnnotations = new Set(['kubectl.kubernetes.io/restartedAt'])
/** Set by the Deployment controller on the ReplicaSet's copy, and by the API server on a Job's. */
const ignoredLabels = new Set(['pod-template-hash', 'controller-uid', 'job-name', 'batch.kubernetes.io/controller-uid', 'batch.kubernetes.io/job-name'])

const without = (value: unknown, ignored: ReadonlySet<string>): unknown => {
  if (typeof value !== 'object' || value === null) return undefined
  const kept = Object.entries(value).filter(([key]) => !ignored.has(key))
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  // An absent field and a null one are the same to the API server (creationTimestamp: null).
  const entries = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined)
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]))
}

/**
 * Identity of a pod template: equal for the template in an apply response, in the live Deployment and in the ReplicaSet made from it.
 * Only templates that came from the API server compare: what it defaults is part of all of them.
 */
export const templateKey = (template: unknown): string => {
  const parts = typeof template === 'object' && template !== null ? Object.fromEntries(Object.entries(template)) : {}
  const metadata: unknown = parts['metadata']
  const fields = typeof metadata === 'object' && metadata !== null ? Object.fromEntries(Object.entries(metadata)) : {}
  const identity = {
    ...parts,
    metadata: { ...fields, labels: without(fields['labels'], ignoredLabels), annotations: without(fields['annotations'], ignoredAnnotations) },
  }
  return createHash('sha256').update(JSON.stringify(sorted(identity))).digest('hex')
}

/** One probe's timing, in seconds; defaults are the API server's. */
export interface ProbeTiming {
  readonly initialDelay: number
  readonly period: number
  readonly timeout: number
  readonly failureThreshold: number
  readonly successThreshold: number
  readonly path?: string
}

/** What the template promises of one container. */
export interface ContainerSpec {
  readonly name: string
  readonly init: boolean
  /** Beside the service's own: an init container that never ends, or one that we did not render. */
  readonly sidecar?: boolean
  readonly image: string
  readonly readiness?: ProbeTiming
  readonly startup?: ProbeTiming
  /** True when one of its checks may make the kubelet end it. */
  readonly mayBeKilled?: boolean
  /** MiB. */
  readonly memoryLimit?: number
}

const probe = z
  .object({
    initialDelaySeconds: z.number().default(0), periodSeconds: z.number().default(10), timeoutSeconds: z.number().default(1),
    failureThreshold: z.number().default(3), successThreshold: z.number().default(1), httpGet: z.object({ path: z.string().optional() }).optional(),
  })
  .transform((raw): ProbeTiming => ({
    initialDelay: raw.initialDelaySeconds, period: raw.periodSeconds, timeout: raw.timeoutSeconds,
    failureThreshold: raw.failureThreshold, successThreshold: raw.successThreshold, path: raw.httpGet?.path,
  }))
  .optional()

const container = z.object({
  name: z.string(), image: z.string().default(''), restartPolicy: z.string().nullish(), readinessProbe: probe, startupProbe: probe, livenessProbe: z.unknown().optional(),
  resources: z.object({ limits: z.record(z.string(), z.union([z.string(), z.number()])).optional() }).nullish(),
})
const templateShape = z.object({ spec: z.object({ containers: z.array(container), initContainers: z.array(container).default([]) }) })

const unit: Readonly<Record<string, number>> = {
  '': 1, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12,
}

const mebibytes = (quantity: string | number | undefined): number | undefined => {
  const [, digits, suffix = ''] = /^([0-9.]+)([a-zA-Z]*)$/.exec(String(quantity ?? '')) ?? []
  const factor = unit[suffix]
  return digits === undefined || factor === undefined ? undefined : Math.round((Number(digits) * factor) / 2 ** 20)
}

/** What we render (render/pod.ts): in a template that has it, every other one that goes on running is somebody's sidecar. */
const ownName = 'main'

const specOf = (init: boolean, hasOwn: boolean) => (raw: z.output<typeof container>): ContainerSpec => ({
  name: raw.name, init, ...((init ? raw.restartPolicy === 'Always' : hasOwn && raw.name !== ownName) ? { sidecar: true } : {}),
  image: raw.image, ...(raw.startupProbe !== undefined || (raw.livenessProbe ?? null) !== null ? { mayBeKilled: true } : {}), readiness: raw.readinessProbe, startup: raw.startupProbe, memoryLimit: mebibytes(raw.resources?.limits?.['memory']),
})

/** The containers of a pod template, init containers first; empty when it has none that can be read. */
export const containerSpecs = (template: unknown): ContainerSpec[] => {
  const { success, data } = templateShape.safeParse(template)
  if (!success) return []
  const { initContainers, containers } = data.spec
  const hasOwn = containers.some(({ name }) => name === ownName)
  return [...initContainers.map(specOf(true, hasOwn)), ...containers.map(specOf(false, hasOwn))]
}
