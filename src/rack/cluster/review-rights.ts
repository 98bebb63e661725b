import { isRecord } from '../is-record.ts'
import { inWords, pullSecretRight, rights, type MissingRight, type Right, type SecretPlace } from './rights.ts'
import type { ClusterSession } from './session.ts'

/** So many questions at once: a start is no reason to burden an API server. */
const atOnce = 8
const limit = 5_000

/** Watching is impossible with these rights; exit code 78. */
export class MissingRightsError extends Error {
  constructor(missing: readonly MissingRight[]) {
    super(['Slipway cannot watch this cluster with its rights:', ...inWords(missing).map((line) => `  ${line}`), '`npm run rights` prints what it needs; in the image `node dist/src/main.js rights` does.'].join('\n'))
    this.name = 'MissingRightsError'
  }
}

const isAllowed = (review: unknown): boolean => isRecord(review) && isRecord(review['status']) && review['status']['allowed'] === true

interface Question extends MissingRight { readonly name: string | null }

const questionsOf = (right: Right, namespace: string | null): readonly Question[] =>
  right.resources.flatMap((resource) => right.verbs.flatMap((verb) => (right.names ?? [null]).map((name) => ({ right, verb, resource, namespace, name }))))

const ask = async (session: ClusterSession, question: Question): Promise<boolean> => {
  const [resource, subresource] = question.resource.split('/')
  const resourceAttributes = {
    verb: question.verb, group: question.right.group, resource,
    ...(subresource === undefined ? {} : { subresource }), ...(question.namespace === null ? {} : { namespace: question.namespace }), ...(question.name === null ? {} : { name: question.name }),
  }
  return isAllowed(await session.request({
    method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', timeout: limit,
    body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } },
  }))
}

const refused = async (session: ClusterSession, questions: readonly Question[]): Promise<readonly Question[]> => {
  const waiting = [...questions]
  const missing: Question[] = []
  const worker = async (): Promise<void> => {
    for (let question = waiting.shift(); question !== undefined; question = waiting.shift()) if (!(await ask(session, question))) missing.push(question)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return missing
}

/**
 * Every right of the table that the cluster does not give us, one SelfSubjectAccessReview for each. Those of an app's namespace are asked for in
 * `namespace`, one that we bound ourselves in; null: there is none yet. Who may not bind itself may hold them everywhere, and then needs no binding.
 * That to read the rack's pull secret is asked for where there is one. Throws `ClusterRefusal` or `ClusterUnreachable`.
 */
export const missingRights = async (session: ClusterSession, namespace: string | null, pullSecret: SecretPlace | null = null): Promise<readonly MissingRight[]> =>
  [...await missingOfTable(session, namespace), ...(pullSecret === null ? [] : await refused(session, questionsOf(pullSecretRight(pullSecret), pullSecret.namespace)))]

const missingOfTable = async (session: ClusterSession, namespace: string | null): Promise<readonly MissingRight[]> => {
  const ask = (scope: Right['scope'], where: string | null) => refused(session, rights.filter((right) => right.scope === scope).flatMap((right) => questionsOf(right, where)))
  const cluster = await ask('cluster', null)
  const binds = cluster.every(({ right }) => right.group !== 'rbac.authorization.k8s.io')
  if (binds) return [...cluster, ...(namespace === null ? [] : await ask('app', namespace))]
  const everywhere = await ask('app', null)
  return everywhere.length === 0 ? cluster.filter(({ right }) => right.group !== 'rbac.authorization.k8s.io') : [...cluster, ...everywhere]
}

/** True when nothing can be watched. */
export const isBlinding = (missing: readonly MissingRight[]): boolean => missing.some(({ right }) => right.vital === true)
