import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mapAt, mapsAt, textAt, type Json, type JsonMap } from '../../../sandbox/cluster/json.ts'
import { closeCluster, deployment, deploymentsPath, openCluster, type Client } from './client.ts'
import { readRecording } from './controllers/replay.ts'

let client: Client
beforeAll(async () => {
  client = await openCluster({ refuse: (object) => (textAt(object, 'metadata', 'labels', 'forbidden') === 'yes' ? 'no such label here' : undefined), denied: (access) => access.namespace === 'kube-public' })
  client.cluster.put('secrets', 'demo', { metadata: { name: 'fixed' }, immutable: true, stringData: { A: '1' } })
  client.cluster.put('deployments.apps', 'demo', { ...deployment(), metadata: { name: 'live' } })
  await client.cluster.settled()
})
afterAll(() => closeCluster(client))

const secrets = '/api/v1/namespaces/demo/secrets'
const label = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const withSpec = (spec: JsonMap): JsonMap => deployment(spec)

describe('The API server refuses in the words of a real one', () => {
  it.each<[string, string, string, Json | undefined, number, string, string]>([
    ['what does not exist', 'GET', `${secrets}/none`, undefined, 404, 'NotFound', 'secrets "none" not found'],
    ['a Deployment that does not exist', 'GET', `${deploymentsPath}/none`, undefined, 404, 'NotFound', 'deployments.apps "none" not found'],
    ['an unknown resource', 'GET', '/apis/apps/v1/namespaces/demo/widgets', undefined, 404, 'NotFound', 'the server could not find the requested resource'],
    ['a missing namespace', 'POST', '/api/v1/namespaces/none/secrets', { metadata: { name: 'a' } }, 404, 'NotFound', 'namespaces "none" not found'],
    ['a second one of the same name', 'POST', secrets, { metadata: { name: 'fixed' } }, 409, 'AlreadyExists', 'secrets "fixed" already exists'],
    ['another namespace in the body', 'POST', secrets, { metadata: { name: 'a', namespace: 'other' } }, 400, 'BadRequest', 'the namespace of the provided object does not match the namespace sent on the request'],
    ['no name', 'POST', secrets, { metadata: {} }, 422, 'Invalid', 'Secret "" is invalid: metadata.name: Required value: name or generateName is required'],
    ['a bad name', 'POST', '/api/v1/namespaces', { metadata: { name: 'My_NS' } }, 422, 'Invalid', `Namespace "My_NS" is invalid: metadata.name: Invalid value: "My_NS": ${label}`],
    ['a stale version', 'PUT', `${secrets}/fixed`, { metadata: { name: 'fixed', resourceVersion: '1' } }, 409, 'Conflict', 'Operation cannot be fulfilled on secrets "fixed": the object has been modified; please apply your changes to the latest version and try again'],
    ['another name in the body', 'PUT', `${secrets}/fixed`, { metadata: { name: 'other' } }, 400, 'BadRequest', 'the name of the object (other) does not match the name on the URL (fixed)'],
    ['other data in an immutable Secret', 'PATCH', `${secrets}/fixed`, { stringData: { A: '2' } }, 422, 'Invalid', 'Secret "fixed" is invalid: data: Forbidden: field is immutable when `immutable` is set'],
    ['an immutable Secret made mutable', 'PATCH', `${secrets}/fixed`, { immutable: false }, 422, 'Invalid', 'Secret "fixed" is invalid: immutable: Forbidden: field is immutable when `immutable` is set'],
    ['another type of a Secret', 'PATCH', `${secrets}/fixed`, { type: 'kubernetes.io/tls' }, 422, 'Invalid', 'Secret "fixed" is invalid: [type: Invalid value: "kubernetes.io/tls": field is immutable, data[tls.crt]: Required value, data[tls.key]: Required value]'],
    ['a Secret over a mebibyte', 'POST', secrets, { metadata: { name: 'big' }, stringData: { A: 'x'.repeat(1_048_577) } }, 422, 'Invalid', 'Secret "big" is invalid: data: Too long: may not be more than 1048576 bytes'],
    ['another selector', 'PATCH', `${deploymentsPath}/live`, { spec: { selector: { matchLabels: { app: 'web', tier: 'x' } }, template: { metadata: { labels: { tier: 'x' } } } } }, 422, 'Invalid', 'Deployment.apps "live" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"web","tier":"x"}}: field is immutable'],
    ['labels the selector misses', 'POST', deploymentsPath, withSpec({ selector: { matchLabels: { app: 'other' } } }), 422, 'Invalid', 'Deployment.apps "web" is invalid: spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
    ['a container without an image', 'POST', deploymentsPath, deployment({}, { image: '' }), 422, 'Invalid', 'Deployment.apps "web" is invalid: spec.template.spec.containers[0].image: Required value'],
    ['a port that is none', 'POST', deploymentsPath, deployment({}, { ports: [{ containerPort: 70_000 }] }), 422, 'Invalid', 'Deployment.apps "web" is invalid: spec.template.spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive'],
    ['more asked for than allowed', 'POST', deploymentsPath, deployment({}, { resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }), 422, 'Invalid', 'Deployment.apps "web" is invalid: spec.template.spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
    ['several faults at once', 'POST', deploymentsPath, deployment({ replicas: -1 }, { image: '' }), 422, 'Invalid', 'Deployment.apps "web" is invalid: [spec.replicas: Invalid value: -1: must be greater than or equal to 0, spec.template.spec.containers[0].image: Required value]'],
    ['a number where text belongs', 'POST', deploymentsPath, deployment({ replicas: 'two' }), 400, 'BadRequest', 'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field Deployment.spec.replicas of type int32'],
    ['a field nobody knows, when strict', 'POST', `${deploymentsPath}?fieldValidation=Strict`, deployment({ colour: 'red' }), 400, 'BadRequest', 'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.colour"'],
    ['what a webhook refuses', 'POST', secrets, { metadata: { name: 'a', labels: { forbidden: 'yes' } } }, 403, 'Forbidden', 'admission webhook "policy.example.com" denied the request: no such label here'],
    ['what access rules deny', 'GET', '/api/v1/namespaces/kube-public/secrets', undefined, 403, 'Forbidden', 'secrets is forbidden: User "sandbox" cannot list resource "secrets" in API group "" in the namespace "kube-public"'],
    ['an unknown dry run', 'POST', `${secrets}?dryRun=Some`, { metadata: { name: 'a' } }, 422, 'Invalid', 'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"'],
    ['an unknown field selector', 'GET', `${secrets}?fieldSelector=spec.colour%3Dred`, undefined, 400, 'BadRequest', 'field label not supported: spec.colour'],
    ['a delete of another uid', 'DELETE', `${secrets}/fixed`, { preconditions: { uid: 'abc' } }, 409, 'Conflict', 'Operation cannot be fulfilled on Secret "fixed": the UID in the precondition (abc) does not match the UID in record ('],
    ['a method it does not have', 'PUT', deploymentsPath, {}, 405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  ])('%s', async (_, method, path, body, status, reason, message) => {
    const answer = await client.call(method, path, body)
    expect([answer.status, textAt(answer.body, 'reason')]).toEqual([status, reason])
    expect(answer.message).toContain(message)
    expect(textAt(answer.body, 'kind')).toBe('Status')
  })

  it('with the very text of the recorded refusal', async () => {
    const refused = readRecording('admission-refused').find((row) => row.type === 'REFUSED')
    const answer = await client.call('POST', deploymentsPath, deployment({ template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'a' }, { name: 'Main!', image: 'b' }] } } }))
    expect(`${answer.status} ${answer.message}`).toBe(textAt(refused?.object, 'message'))
  })

  it('naming every field in the causes', async () => {
    const answer = await client.call('POST', deploymentsPath, deployment({ replicas: -1 }, { image: '' }))
    expect(mapsAt(answer.body, 'details', 'causes').map((cause) => [cause['reason'], cause['field']])).toEqual([
      ['FieldValueInvalid', 'spec.replicas'],
      ['FieldValueRequired', 'spec.template.spec.containers[0].image'],
    ])
  })

  it('with 401 without the token, but says that it lives', async () => {
    const nobody = await client.call('GET', secrets, undefined, { authorization: 'Bearer wrong' })
    expect([nobody.status, nobody.message]).toEqual([401, 'Unauthorized'])
    expect((await client.call('GET', '/livez', undefined, { authorization: '' })).status).toBe(200)
    expect((await client.call('GET', '/version', undefined, { authorization: 'Bearer wrong' })).status).toBe(401)
  })

  it('dropping unknown fields with a warning when not strict', async () => {
    const answer = await client.call('POST', `${deploymentsPath}?dryRun=All`, deployment({ colour: 'red' }))
    expect(answer.status).toBe(201)
    expect(answer.headers.get('warning')).toBe('299 - "unknown field \\"spec.colour\\""')
    expect(mapAt(answer.body, 'spec')).not.toHaveProperty('colour')
  })

  it('and answers access reviews by the same rules', async () => {
    const review = (namespace: string) => client.call('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { spec: { resourceAttributes: { namespace, verb: 'get', resource: 'pods' } } })
    expect((await review('demo')).body['status']).toMatchObject({ allowed: true })
    expect((await review('kube-public')).body['status']).toEqual({ allowed: false })
  })
})
