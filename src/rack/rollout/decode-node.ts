import { z } from 'zod'

import { conditions, metaShape } from './decode-shapes.ts'
import type { NamespaceState, NodeFacts } from './facts.ts'

const nodeShape = z.object({
  metadata: metaShape,
  spec: z.object({ unschedulable: z.boolean().nullish() }).prefault({}),
  status: z.object({ conditions }).prefault({}),
})

/** A Node as an API server sends it, or undefined when it is not one; `ready` is empty while it says nothing of itself. */
export const parseNode = (raw: unknown): NodeFacts | undefined => {
  const { success, data } = nodeShape.safeParse(raw)
  if (!success) return undefined
  const { metadata, spec, status } = data
  return {
    kind: 'Node', uid: metadata.uid, name: metadata.name, ready: status.conditions.find(({ type }) => type === 'Ready')?.status ?? '',
    unschedulable: spec.unschedulable === true, deletedAt: metadata.deletedAt,
  }
}

/** A Namespace as an API server sends it, or undefined when it is not one. */
export const parseNamespace = (raw: unknown): NamespaceState | undefined => {
  const { success, data } = z.object({ metadata: metaShape }).safeParse(raw)
  return success ? { kind: 'Namespace', uid: data.metadata.uid, name: data.metadata.name, deletedAt: data.metadata.deletedAt } : undefined
}
