import { isPlainObject, plainObject } from '../cluster/objects.ts'
import { ownerLabels } from '../render/names.ts'
import type { Job } from './job.ts'
import { persevere, type WaitLimits } from './write.ts'

/** Copies the rack's pull secret into the app's namespace, so that its pods can name it. Without one nothing happens. */
export const copyPullSecret = async (job: Job, limits: WaitLimits): Promise<void> => {
  const { rack } = job
  if (rack.pullSecret === null) return
  const { name, namespace } = rack.pullSecret
  const source = await persevere(job, limits, (timeout) => rack.objects.read({ apiVersion: 'v1', kind: 'Secret', namespace, name }, timeout))
  if (source === undefined || !isPlainObject(source)) {
    rack.log.error({ secret: `${namespace}/${name}` }, 'PULL_SECRET does not exist; pods go without it')
    return
  }
  const copy = plainObject({
    apiVersion: 'v1', kind: 'Secret', type: source['type'], data: source['data'],
    metadata: { name, namespace: job.namespace, labels: ownerLabels({ rack: rack.name, app: job.promotion().app, installation: rack.installation }) },
  })
  await persevere(job, limits, (timeout) => rack.objects.apply(copy, { force: true, timeout }))
}
