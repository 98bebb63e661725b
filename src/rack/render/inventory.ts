import type { Deployment, KubernetesObject } from './objects.ts'

/** The Deployments among the objects. */
export const deploymentsOf = (objects: readonly KubernetesObject[]): readonly Deployment[] =>
  objects.filter((object): object is Deployment => object.kind === 'Deployment')

/** The same objects with no process running: what is left of a first release that failed, kept for inspection. */
export const scaledToZero = (objects: readonly KubernetesObject[]): readonly KubernetesObject[] =>
  objects.map((object) => (object.kind === 'Deployment' ? { ...object, spec: { ...object.spec, replicas: 0 } } : object))

/** The names of the Secrets that the Deployments refer to, for env and for pulling images: sorted, each once. */
export const references = (objects: readonly KubernetesObject[]): readonly string[] => {
  const pods = deploymentsOf(objects).map((deployment) => deployment.spec.template.spec)
  const env = pods.flatMap((pod) => pod.containers.flatMap((container) => container.envFrom.map((source) => source.secretRef.name)))
  const pull = pods.flatMap((pod) => (pod.imagePullSecrets ?? []).map((secret) => secret.name))
  return [...new Set([...env, ...pull])].sort()
}

/** Kind and name, as one key: objects of one namespace that agree in both are the same object. */
export const objectKey = ({ kind, metadata }: Pick<KubernetesObject, 'kind'> & { readonly metadata: { readonly name: string } }): string =>
  `${kind}/${metadata.name}`
