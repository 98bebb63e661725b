import { findPromotion } from '../../db/promotions.ts'
import type { Json } from '../../db/schema.ts'
import { ClusterRefusal } from '../cluster/cluster-error.ts'
import { nameOf, type ObjectClient, type PlainObject } from '../cluster/objects.ts'
import { fromJson } from '../json.ts'
import type { Job, RolloutState } from './job.ts'
import { templateKey } from './template.ts'
import { isStale, persevere, type WaitLimits, type Writer } from './write.ts'

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

/** What putting a template back needs of a job. */
export interface Restorer extends Writer {
  readonly rack: Writer['rack'] & { readonly objects: Pick<ObjectClient, 'patchJson'>; readonly log: Pick<Job['rack']['log'], 'info'> }
}

/** A `test` that does not hold gets 422, a write that came in between while the server was at it 409. */
const isOtherwise = (error: unknown): error is ClusterRefusal => error instanceof ClusterRefusal && (error.status === 422 || isStale(error))

/**
 * An apply leaves alone what other managers own, so a field that somebody put into the failed release's template would stay in the old one. When the
 * applied template is not the proven one, the proven one is put back whole, tested by the generation: a change made just now is not overwritten unseen.
 * The controllers count it up too, right after the apply, so a test that fails looks again: the proven template is this patch, whose answer was lost; the
 * applied one is replaced as it stands now; any other is somebody else's and left for the judge to see.
 */
export const withoutLeftovers = async (job: Restorer, limits: WaitLimits, applied: PlainObject, proven: Json | undefined): Promise<PlainObject> => {
  if (proven === undefined) return applied
  const [left, wanted] = [templateKey(templateIn(applied)), templateKey(proven)]
  if (left === wanted) return applied
  const { name, uid } = applied.metadata
  job.rack.log.info({ promotion: job.promotion().id, deployment: name }, 'another manager left something in the template; the proven one is put back')
  const putBack = (generation: number | undefined) => persevere(job, limits, async (timeout) => {
    try {
      return await job.rack.objects.patchJson(nameOf(applied), [
        { op: 'test', path: '/metadata/uid', value: uid },
        { op: 'test', path: '/metadata/generation', value: generation },
        { op: 'replace', path: '/spec/template', value: proven },
      ], timeout)
    } catch (error) {
      if (!isOtherwise(error)) throw error
      return error
    }
  })
  let { generation } = applied.metadata
  for (;;) {
    const answer = await putBack(generation)
    if (!(answer instanceof ClusterRefusal)) return answer
    const there = await persevere(job, limits, (timeout) => job.rack.objects.read(nameOf(applied), timeout))
    if (there === undefined || there.metadata.uid !== uid) return applied
    const found = templateKey(templateIn(there))
    if (found === wanted) return there
    if (found !== left) return applied
    // What was tested is as it was, so the cluster does not take that template.
    if (answer.status === 422 && there.metadata.generation === generation) throw answer
    generation = there.metadata.generation
  }
}
