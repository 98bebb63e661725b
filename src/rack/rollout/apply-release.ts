import { saveInventory } from '../../db/promotions.ts'
import type { Json } from '../../db/schema.ts'
import type { NamespaceFacts } from '../cluster/cache.ts'
import type { PlainObject } from '../cluster/objects.ts'
import { toJson } from '../json.ts'
import type { DirectionState, Job } from './job.ts'
import { inventoryEntry, keyOf, serviceOf } from './plan.ts'
import { provenTemplates, templateIn, withoutLeftovers } from './leftovers.ts'
import { copyPullSecret } from './pull-secret.ts'
import { baselineOf, expectService, type ExpectedService } from './rollout-facts.ts'
import { applyObject, type WaitLimits } from './write.ts'

const beginning = (now: Date, { pods, deployments }: NamespaceFacts): DirectionState => ({
  firstWriteAt: now.toISOString(), blindMs: 0, baseline: baselineOf(pods), before: Object.fromEntries(deployments.map(({ meta, templateKey }) => [meta.uid, templateKey])),
})

/**
 * Applies the objects in order and keeps what the cluster answered: the judge looks for the template in the *response* (webhooks and defaults change it).
 * The inventory and the first write's time are written before the first write. Idempotent: a restart applies again.
 */
export const applyRelease = async (
  job: Job, direction: 'out' | 'back', objects: readonly PlainObject[], versions: ReadonlyMap<string, string>, limits: (firstWriteAt: Date) => WaitLimits,
): Promise<void> => {
  const { rack } = job
  const earlier = job.state()[direction]
  const state = earlier ?? beginning(rack.clock(), rack.cluster.facts(job.namespace))
  const total = objects.length
  job.show({ phase: direction === 'out' ? 'applying' : 'restoring', applied: { done: 0, total } })
  await job.commit({
    step: direction === 'out' ? 'apply' : 'restore', state: { ...job.state(), [direction]: state },
    more: async (tx) => {
      if (direction === 'out') await saveInventory(tx, job.promotion().id, toJson(objects.map(inventoryEntry)))
    },
  })
  const limit = limits(new Date(state.firstWriteAt))
  await copyPullSecret(job, limit)
  const expected: ExpectedService[] = []
  const templates: Record<string, Json> = {}
  const proven = direction === 'back' ? await provenTemplates(job) : {}
  for (const [index, object] of objects.entries()) {
    const applied = await applyObject(job, limit, object, versions.get(keyOf(object)))
    if (object.kind === 'Deployment') {
      const answer = await withoutLeftovers(job, limit, applied, proven[object.metadata.name])
      templates[object.metadata.name] = toJson(templateIn(answer))
      const made = expectService(serviceOf(object), answer)
      if (made === undefined) throw new Error(`the cluster answered the apply of ${keyOf(object)} with something else`)
      expected.push(state.before?.[made.uid] === made.templateKey ? { ...made, unchanged: true } : made)
    }
    job.show({ applied: { done: index + 1, total } })
  }
  await job.commit({ step: direction === 'out' ? 'services' : 'services_back', state: { ...job.state(), [direction]: { ...state, expected, templates } }, ...(direction === 'out' ? { say: ['Updating'] as const } : {}) })
}
