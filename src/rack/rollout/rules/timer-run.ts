import type { Meta } from '../facts.ts'
import { allExits, atLeastOne, causeAt, exitOf } from '../finding.ts'
import type { Rule } from '../finding.ts'
import { places } from '../places.ts'
import { hasFailed } from '../remember-workload.ts'

const belongsTo = (pod: { readonly meta: Meta }, uid: string): boolean => pod.meta.owners.some((owner) => owner.uid === uid)

/**
 * A run of the new timer has failed for good. The timer itself is suspended until the release is proven, so it is one that somebody made by hand; its Job has
 * no second try. Runs from before the rollout say nothing.
 */
export const timerRun: Rule = (view) => {
  // The same template fails as it did before: that is not of this release.
  if (view.expected.unchanged) return []
  const [job] = view.jobs
    .filter((each) => hasFailed(each) && Date.parse(each.failedSince ?? '') >= view.startedAt && Date.parse(each.meta.createdAt) >= view.writtenAt)
    .toSorted((a, b) => Date.parse(a.failedSince ?? '') - Date.parse(b.failedSince ?? ''))
  if (!job) return []
  const at = Date.parse(job.failedSince ?? '')
  const ends = allExits(view, places(view).filter(({ pod }) => belongsTo(pod, job.meta.uid))).filter(({ exit }) => exit.exitCode !== 0)
  const failing = atLeastOne(ends.map(({ place }) => place).toReversed())
  const condition = job.conditions.find(({ type }) => type === 'Failed')
  const last = ends.at(-1)
  if (!failing || !last) {
    return [{
      dueAt: at,
      cause: {
        kind: 'timer_failed', rule: 'timer-run', service: view.expected.service, process: job.meta.name, ...(condition?.reason ? { reason: condition.reason } : {}),
        ...(condition?.message ? { message: condition.message } : {}), firstSeen: new Date(at).toISOString(),
      },
    }]
  }
  return [{ dueAt: at, cause: causeAt(view, 'timer_failed', 'timer-run', failing, at, { ...exitOf(last.exit), ...(last.exit.reason ? { reason: last.exit.reason } : {}) }) }]
}
