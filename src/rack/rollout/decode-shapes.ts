import { z } from 'zod'

import type { Condition, Manager, Meta } from './facts.ts'

// The API server writes null for some empty fields, so every optional field accepts it.
export const text = z.string().nullish().transform((value) => value ?? undefined)
export const count = z.number().nullish().transform((value) => value ?? 0)
const words = z.record(z.string(), z.string()).nullish().transform((value) => value ?? {})
export const list = <T extends z.ZodType>(item: T) => z.array(item).nullish().transform((value) => value ?? [])

export const metaShape = z
  .object({
    uid: z.string(), name: z.string(), namespace: z.string().default(''), labels: words, annotations: words,
    ownerReferences: list(z.object({ kind: z.string(), name: z.string(), uid: z.string(), controller: z.boolean().nullish() })),
    generation: count, resourceVersion: z.string().default(''), creationTimestamp: text, deletionTimestamp: text,
  })
  .transform((raw): Meta => ({
    uid: raw.uid, name: raw.name, namespace: raw.namespace, labels: raw.labels, annotations: raw.annotations,
    owners: raw.ownerReferences.map((owner) => ({ kind: owner.kind, name: owner.name, uid: owner.uid, controller: owner.controller === true })),
    generation: raw.generation, resourceVersion: raw.resourceVersion, createdAt: raw.creationTimestamp ?? '', deletedAt: raw.deletionTimestamp,
  }))

const fieldSet = z.object({ 'f:spec': z.object({ 'f:template': z.unknown(), 'f:replicas': z.unknown(), 'f:paused': z.unknown(), 'f:jobTemplate': z.unknown() }).partial().nullish() }).partial()
const managers = list(
  z
    .object({ manager: text, operation: text, time: text, subresource: text, fieldsV1: fieldSet.nullish() })
    .transform((raw): Manager => ({
      manager: raw.manager ?? '', operation: raw.operation ?? '', at: raw.time, subresource: raw.subresource,
      ownsTemplate: raw.fieldsV1?.['f:spec']?.['f:template'] !== undefined || raw.fieldsV1?.['f:spec']?.['f:jobTemplate'] !== undefined,
      ownsReplicas: raw.fieldsV1?.['f:spec']?.['f:replicas'] !== undefined,
      ownsPaused: raw.fieldsV1?.['f:spec']?.['f:paused'] !== undefined,
    })),
)

export const conditions = list(
  z
    .object({ type: z.string(), status: z.string(), reason: text, message: text, lastUpdateTime: text, lastTransitionTime: text })
    .transform((raw): Condition => ({
      type: raw.type, status: raw.status, reason: raw.reason, message: raw.message,
      updatedAt: raw.lastUpdateTime ?? raw.lastTransitionTime, changedAt: raw.lastTransitionTime,
    })),
)

const managedShape = z.object({ metadata: z.object({ managedFields: managers }) })

/** Who wrote which part of an object; empty when it does not tell. */
export const managersIn = (raw: unknown): readonly Manager[] => {
  const managed = managedShape.safeParse(raw)
  return managed.success ? managed.data.metadata.managedFields : []
}
