import { z } from 'zod'
import type { PromotionView } from '../../src/rack/promotion-view.ts'
import type { Frame } from './record.ts'
import type { CorpusScenario } from './scenario.ts'
import type { Scene } from './scene.ts'

const deployments = z.looseObject({
  items: z.array(z.looseObject({
    metadata: z.looseObject({ name: z.string() }),
    spec: z.looseObject({ replicas: z.number(), template: z.looseObject({ metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }) }) }),
    status: z.looseObject({ readyReplicas: z.number().optional() }),
  })),
})
const labelled = z.looseObject({ metadata: z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).optional() }) })

interface Ended {
  readonly good: string
  readonly next: string
  readonly view: PromotionView
  readonly recording: readonly Frame[]
}

const podsOf = (recording: readonly Frame[], release: string): Set<string> => {
  const pods = recording.filter(({ kind }) => kind === 'pods').map(({ object }) => labelled.parse(object).metadata)
  return new Set(pods.filter(({ labels }) => labels?.['release'] === release).map(({ name }) => name))
}

const differs = (what: string, is: unknown, should: unknown): string[] => (is === should ? [] : [`${what} is ${String(is)}, should be ${String(should)}`])

/** What is not as the scenario says: in the database, in the cause, and on the cluster. */
export const wrongsOf = async ({ ends, class: kind }: CorpusScenario, scene: Scene, { good, next, view, recording }: Ended): Promise<string[]> => {
  const { cause } = view
  const wrong = [
    ...differs('status', view.status, ends.status), ...differs('rule', cause?.rule, ends.rule), ...differs('cause', cause?.kind, ends.kind),
    ...differs('service', cause?.service, ends.service),
  ]
  if (kind === 'benign' && view.failedAt !== null) wrong.push('it was taken back for no good reason')
  const pods = podsOf(recording, next)
  if (ends.rule !== undefined && ends.pod !== false && !pods.has(cause?.process ?? '')) wrong.push(`it names the process ${cause?.process ?? 'nothing'}, which is none of ${[...pods].join(', ')}`)
  const runs = view.status === 'succeeded' ? next : good
  for (const { metadata, spec, status } of deployments.parse(await scene.stage.kube.get(`/apis/apps/v1/namespaces/${scene.namespace}/deployments`)).items) {
    const release = spec.template.metadata.labels['release']
    if (release !== runs) wrong.push(`${metadata.name} is left at ${release ?? 'nothing'}, should be ${runs}`)
    // The corpus has apps whose old release is the broken one; the new one is never.
    if (runs === next && (status.readyReplicas ?? 0) < spec.replicas) wrong.push(`${metadata.name} has ${status.readyReplicas ?? 0} of ${spec.replicas} processes ready`)
  }
  return wrong.length > 0 && cause !== null ? [...wrong, `cause: ${JSON.stringify(cause)}`] : wrong
}
