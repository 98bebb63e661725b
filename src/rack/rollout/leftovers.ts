import { findPromotion } from '../../db/promotions.ts'
import type { Json } from '../../db/schema.ts'
import { nameOf, type PlainObject } from '../cluster/objects.ts'
import { fromJson } from '../json.ts'
import type { Job, RolloutState } from './job.ts'
import { templateKey } from './template.ts'
import { persevere, type WaitLimits } from './write.ts'

/** `spec.template` of a Deployment. */
export const templateIn = (deployment: PlainObject): unknown => {
  const spec = deployment['spec']
  return typeof spec === 'object' && spec !== null && 'template' in spec ? spec.template : undefined
}

/** The pod templates with which the target of the way back was proven, by Deployment. */
export const provenTemplates = async (job: Job): Promise<Readonly<Record<string, Json>>> => {
  const target = job.promotion().targetPromotionId
  const proven = target === null ? undefined : await findPromotion(job.rack.db, target)
  return fromJson<RolloutState>(proven?.state)?.out?.templates ?? {}
}

/**
 * An apply leaves alone what other managers own, so a field that somebody put into the failed release's template would stay in the old one. When the
 * applied template is not the proven one, the proven one is put back whole, tested by resourceVersion: a change made just now is not overwritten unseen.
 */
export const withoutLeftovers = async (job: Job, limits: WaitLimits, applied: PlainObject, proven: Json | undefined): Promise<PlainObject> => {
  if (proven === undefined || templateKey(templateIn(applied)) === templateKey(proven)) return applied
  job.rack.log.info({ promotion: job.promotion().id, deployment: applied.metadata.name }, 'another manager left something in the template; the proven one is put back')
  return persevere(job, limits, (timeout) => job.rack.objects.patchJson(nameOf(applied), [
    { op: 'test', path: '/metadata/resourceVersion', value: applied.metadata.resourceVersion },
    { op: 'replace', path: '/spec/template', value: proven },
  ], timeout))
}
