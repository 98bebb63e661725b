import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { openGate, type Gate } from '../../sandbox/cluster/gate.ts'
import { ApiFailure, connectApi, type Api } from '../../sandbox/kubelet/api.ts'
import { startKubelet } from '../../sandbox/kubelet/start.ts'
import { installRights } from '../cluster/control-plane/install-rights.ts'
import { startControlPlane } from '../cluster/control-plane/start.ts'
import { installBeside } from '../support/world.ts'
import { corpusImages, corpusSpeed } from './images.ts'
import { until, untilTooOld, type Stage } from './scene.ts'

const registration = '/apis/admissionregistration.k8s.io/v1'
const inNamespace = (namespace: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } })
const written = (group: string, resource: string, operations: string[]) => ({ resourceRules: [{ apiGroups: [group], apiVersions: ['v1'], operations, resources: [resource] }] })

const isRefused = async (attempt: () => Promise<unknown>): Promise<true | undefined> => {
  try {
    await attempt()
    return undefined
  } catch (error) {
    if (error instanceof ApiFailure && error.code === 422) return true
    throw error
  }
}

/** A policy is in force some seconds after it was made: tried until it is. */
const refuseDeployments = async (kube: Api, namespace: string): Promise<void> => {
  const apiVersion = 'admissionregistration.k8s.io/v1'
  await kube.post(`${registration}/validatingadmissionpolicies`, {
    apiVersion, kind: 'ValidatingAdmissionPolicy', metadata: { name: namespace },
    spec: {
      failurePolicy: 'Fail', matchConstraints: written('apps', 'deployments', ['CREATE', 'UPDATE']),
      validations: [{ expression: 'false', message: 'images of this kind are not allowed here' }],
    },
  })
  await kube.post(`${registration}/validatingadmissionpolicybindings`, {
    apiVersion, kind: 'ValidatingAdmissionPolicyBinding', metadata: { name: namespace },
    spec: { policyName: namespace, validationActions: ['Deny'], matchResources: inNamespace(namespace) },
  })
  const change = { metadata: { annotations: { tried: 'yes' } } }
  await until('a policy in force', () => isRefused(() => kube.patch(`/apis/apps/v1/namespaces/${namespace}/deployments/web?dryRun=All`, change)))
}

/** A mutating policy that adds a container to new pods; in force some seconds after it was made. */
const addSidecar = async (kube: Api, namespace: string, image: string): Promise<void> => {
  const apiVersion = 'admissionregistration.k8s.io/v1'
  const container = `Object.spec.containers{name: "agent", image: "${image}"}`
  await kube.post(`${registration}/mutatingadmissionpolicies`, {
    apiVersion, kind: 'MutatingAdmissionPolicy', metadata: { name: namespace },
    spec: {
      failurePolicy: 'Fail', reinvocationPolicy: 'Never', matchConstraints: written('', 'pods', ['CREATE']),
      mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: `Object{spec: Object.spec{containers: [${container}]}}` } }],
    },
  })
  await kube.post(`${registration}/mutatingadmissionpolicybindings`, {
    apiVersion, kind: 'MutatingAdmissionPolicyBinding', metadata: { name: namespace }, spec: { policyName: namespace, matchResources: inNamespace(namespace) },
  })
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'tried' }, spec: { containers: [{ name: 'main', image }] } }
  await until('a policy in force', async () => {
    const answer = JSON.stringify(await kube.post(`/api/v1/namespaces/${namespace}/pods?dryRun=All`, pod))
    return answer.includes('"name":"agent"') ? true : undefined
  })
}

/** The same kubeconfig file, through that gate. */
const through = (gate: Gate, url: string, kubeconfig: string): string => {
  const path = `${kubeconfig}-gate`
  writeFileSync(path, readFileSync(kubeconfig, 'utf8').replaceAll(url, `https://127.0.0.1:${gate.port}`), { mode: 0o600 })
  return path
}

/** The whole product, with exactly the rights of deploy/slipway.yaml, beside a real control plane with two scripted nodes. */
export const realStage = async (): Promise<Stage> => {
  const control = await startControlPlane()
  const kube = connectApi(control.kubeconfig)
  await installRights(kube)
  const node = (nodeName: string) => startKubelet({ kubeconfig: control.kubeconfig, nodeName, speed: corpusSpeed, scenarios: corpusImages })
  const kubelets = [await node('node-1'), await node('node-2')]
  const api = Number(new URL(control.url).port)
  let gate = await openGate(0, api)
  let forgetful: ReturnType<typeof control.startForgetfulApiServer> | undefined
  const readyToCompact = () => (forgetful ??= control.startForgetfulApiServer())
  const installation = await installBeside(through(gate, control.url, await control.serviceAccountKubeconfig('slipway', 'slipway')), { scenarios: corpusImages })
  return {
    kind: 'real', installation, kube,
    outage: async (ms) => {
      await control.killApiServer()
      await pause(ms)
      await control.restartApiServer()
    },
    readyToCompact: async () => void (await readyToCompact()),
    compact: async () => {
      const other = await readyToCompact()
      await untilTooOld(installation, async () => {
        // Slipway sees nothing of this, and then finds an API server that does not know the past. The first one still has it in memory.
        await gate.close()
        await kube.patch('/api/v1/namespaces/default', { metadata: { annotations: { compacted: new Date().toISOString() } } })
        await control.forgetHistory()
        gate = await openGate(gate.port, other.port)
      })
      await gate.close()
      gate = await openGate(gate.port, api)
      forgetful = undefined
      await other.stop()
    },
    evictPod: (namespace, pod) => kubelets.some((kubelet) => kubelet.evictPod(namespace, pod)),
    refusePods: async (namespace) => void (await kube.patch(`/api/v1/namespaces/${namespace}`, { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } })),
    refuseDeployments: (namespace) => refuseDeployments(kube, namespace),
    addSidecar: (namespace, image) => addSidecar(kube, namespace, image),
    close: async () => {
      await installation.close()
      await gate.close()
      await kube.close()
      for (const kubelet of kubelets) await kubelet.stop()
      await control.stop()
    },
  }
}
