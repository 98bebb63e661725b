import { protection } from '../admission/claim-rules.ts'
import { at, mapAt, same, textAt } from '../json.ts'
import { deletedAt, finalizersOf, namespaceOf, type KubeObject } from '../object.ts'
import { resourceNamed } from '../resources.ts'
import { keyOf, manager, splitKey, type Controller, type ControllerContext } from './context.ts'
import { claimsOf } from './claim-use.ts'
import { isFinished } from './pod-order.ts'

const claims = resourceNamed('persistentvolumeclaims')

/** Binds claims of a known storage class at once, the others never; a claim in use outlives its deletion. */
export const createClaimController = (context: ControllerContext, classes: readonly string[]): Controller => {
  const { api, store, queue } = context
  const recorder = context.recorder('persistentvolume-controller')

  const bind = (claim: KubeObject): void => {
    const name = textAt(claim, 'spec', 'storageClassName')
    if (name === '') {
      recorder.event(claim, 'Normal', 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set')
      return
    }
    if (!classes.includes(name)) {
      recorder.event(claim, 'Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io ${JSON.stringify(name)} not found`)
      return
    }
    const volume = `pvc-${claim.metadata.uid}`
    const bound = api.update(claims, namespaceOf(claim), claim.metadata.name, { ...claim, spec: { ...mapAt(claim, 'spec'), volumeName: volume } }, { manager })
    const status = { phase: 'Bound', accessModes: at(bound, 'spec', 'accessModes'), capacity: mapAt(bound, 'spec', 'resources', 'requests') }
    api.update(claims, namespaceOf(bound), bound.metadata.name, { ...bound, status }, { manager, subresource: 'status' })
    recorder.event(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${volume}`)
  }

  const worker = queue.controller('claims', (key) => {
    const claim = store.get(claims.key, ...splitKey(key))
    if (!claim) return
    if (deletedAt(claim) !== '') {
      const used = store.list('pods', namespaceOf(claim)).some((pod) => !isFinished(pod) && claimsOf(pod).includes(claim.metadata.name))
      if (used || !finalizersOf(claim).includes(protection)) return
      const finalizers = finalizersOf(claim).filter((name) => name !== protection)
      api.update(claims, namespaceOf(claim), claim.metadata.name, { ...claim, metadata: { ...claim.metadata, finalizers: finalizers.length > 0 ? finalizers : undefined } }, { manager })
      return
    }
    if (textAt(claim, 'status', 'phase') === 'Pending' && textAt(claim, 'spec', 'volumeName') === '') bind(claim)
  })

  return {
    changed: ({ resource, type, object, previous }) => {
      if (resource === claims.key && type !== 'DELETED' && !(previous && same(previous['spec'], object['spec']) && deletedAt(previous) === deletedAt(object))) worker.add(keyOf(object))
      if (resource === 'pods' && (type === 'DELETED' || isFinished(object))) for (const name of claimsOf(object)) worker.add(`${namespaceOf(object)}/${name}`)
    },
  }
}
