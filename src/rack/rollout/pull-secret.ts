import type { Cause } from '../cause.ts'
import { ClusterRefusal } from '../cluster/cluster-error.ts'
import { plainObject, type PlainObject } from '../cluster/objects.ts'
import { fromJson } from '../json.ts'
import type { Warning } from '../progress.ts'
import { ownerLabels } from '../render/names.ts'
import { maskFor } from './evidence.ts'
import type { Job } from './job.ts'
import { moreWarnings } from './more-warnings.ts'
import { persevere, type WaitLimits } from './write.ts'

/** The rack's pull secret does not exist, or may not be read. */
export class PullSecretError extends Error {
  /** `namespace/name` */
  readonly secret: string
  readonly reason: 'NotFound' | 'Forbidden'
  constructor(secret: string, reason: 'NotFound' | 'Forbidden', message: string) {
    super(message)
    this.name = 'PullSecretError'
    this.secret = secret
    this.reason = reason
  }
}

/** The cause of a promotion that ends over it. */
export const pullSecretCause = ({ rack }: Pick<Job, 'rack'>, { secret, reason, message }: PullSecretError): Cause => ({
  kind: 'pull_secret', rule: 'pull-secret', object: secret, reason, ...(reason === 'Forbidden' ? { message } : {}), firstSeen: rack.clock().toISOString(),
})

/** The rack's pull secret as a Secret of the app's namespace, so that its pods can name it; none where the rack has none. Throws `PullSecretError`. */
export const pullSecretCopy = async (job: Job, limits: WaitLimits): Promise<readonly PlainObject[]> => {
  const { rack } = job
  if (rack.pullSecret === null) return []
  const { name, namespace } = rack.pullSecret
  const source = await persevere(job, limits, async (timeout) => {
    try {
      return await rack.objects.read({ apiVersion: 'v1', kind: 'Secret', namespace, name }, timeout)
    } catch (error) {
      throw error instanceof ClusterRefusal && error.status === 403 ? new PullSecretError(`${namespace}/${name}`, 'Forbidden', error.message) : error
    }
  })
  if (source === undefined) throw new PullSecretError(`${namespace}/${name}`, 'NotFound', 'it does not exist')
  return [plainObject({
    apiVersion: 'v1', kind: 'Secret', type: source['type'], data: source['data'],
    metadata: { name, namespace: job.namespace, labels: ownerLabels({ rack: rack.name, app: job.promotion().app, installation: rack.installation }) },
  })]
}

/**
 * Applies the copy that was rehearsed, or, null, what is read now. From here on a no is a warning, once on each card: the copy of an earlier release stays,
 * and where there is none the processes tell.
 */
export const copyPullSecret = async (job: Job, limits: WaitLimits, rehearsed: readonly PlainObject[] | null): Promise<void> => {
  const { rack } = job
  if (rack.pullSecret === null) return
  const secret = `${rack.pullSecret.namespace}/${rack.pullSecret.name}`
  try {
    for (const copy of rehearsed ?? await pullSecretCopy(job, limits)) await persevere(job, limits, (timeout) => rack.objects.apply(copy, { force: true, timeout }))
  } catch (error) {
    if (!(error instanceof ClusterRefusal) && !(error instanceof PullSecretError)) throw error
    rack.log.warn({ promotion: job.promotion().id, error, secret }, 'the pull secret was not copied')
    if ((fromJson<Warning[]>(job.promotion().warnings) ?? []).some(({ kind }) => kind === 'pull_secret_not_copied')) return
    await job.commit({ set: moreWarnings(job.promotion(), [{ kind: 'pull_secret_not_copied', secret, why: error.message }], await maskFor(job)) })
  }
}
