import { expect } from 'vitest'
import { z } from 'zod'
import { ApiFailure, type Api } from '../../sandbox/kubelet/api.ts'
import type { Telling } from './telling.ts'
import { openTenant } from './tenant.ts'

const plain = `services:
  web:
    port: 5000
    command: bin/web
`

/** All that a convox.yml can ask for, in one app. */
const full = `configs:
  - {id: app-config, value: "colour: blue"}
release:
  service: web
  command: bin/migrate
services:
  web:
    port: 5000
    ports: [5001/udp]
    command: bin/web
    domain: shop.example.com
    startupProbe: {tcpSocketPort: 5000, interval: 1}
    initContainer: {command: bin/prepare}
    lifecycle: {preStop: sleep 1}
    volumes: [/data]
    volumeOptions: [{emptyDir: {id: scratch, mountPath: /scratch}}]
    configMounts: [{id: app-config, dir: /etc/shop, filename: app.yml}]
    scale: {count: 2-4, cpu: 10, memory: 16, targets: {cpu: 70}}
    deployment: {progressDeadline: 60, crashRestartLimit: 3}
  telemetry:
    agent: true
    scale: {cpu: 10, memory: 16}
timers:
  cleanup: {schedule: "0 3 1 1 *", service: web, command: bin/cleanup}
`

const collections = {
  ConfigMap: '/api/v1/%/configmaps', PersistentVolumeClaim: '/api/v1/%/persistentvolumeclaims', Service: '/api/v1/%/services', Deployment: '/apis/apps/v1/%/deployments',
  DaemonSet: '/apis/apps/v1/%/daemonsets', CronJob: '/apis/batch/v1/%/cronjobs', HorizontalPodAutoscaler: '/apis/autoscaling/v2/%/horizontalpodautoscalers',
  Ingress: '/apis/networking.k8s.io/v1/%/ingresses',
}
const listSchema = z.looseObject({ items: z.array(z.looseObject({ metadata: z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).optional() }) })) })

/** Kind and name of what is ours in the namespace, but Secrets and Jobs. What is named after its content is named by its label. */
const objectsIn = async (kube: Api, namespace: string): Promise<string[]> => {
  const found: string[] = []
  for (const [kind, path] of Object.entries(collections)) {
    const group = path.replace('%', `namespaces/${namespace}`)
    for (const { metadata } of listSchema.parse(await kube.get(group)).items) {
      const ours = metadata.labels?.['app.kubernetes.io/managed-by'] === 'slipway'
      if (ours) found.push(`${kind}/${kind === 'ConfigMap' || kind === 'PersistentVolumeClaim' ? (metadata.labels?.['name'] ?? '') : metadata.name}`)
    }
  }
  return found
}

/** A volume for the claim, where no provisioner makes one; the simulated cluster needs none and knows none. */
const offerVolume = async (kube: Api, name: string): Promise<void> => {
  const spec = { capacity: { storage: '10Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: `/tmp/${name}` } }
  try {
    await kube.post('/api/v1/persistentvolumes', { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name }, spec })
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.code !== 404) throw error
  }
}

const everything = [
  'ConfigMap/app-config', 'PersistentVolumeClaim/web', 'Service/web', 'Deployment/web', 'DaemonSet/telemetry', 'CronJob/timer-cleanup', 'HorizontalPodAutoscaler/web', 'Ingress/web',
]
const least = ['PersistentVolumeClaim/web', 'Service/web', 'Deployment/web']

export const everyField: Telling = {
  title: 'everything that a convox.yml can ask for goes out, comes back and goes away again, but never the data',
  app: 'full',
  tell: async (place, app) => {
    const { shop } = place.story.world
    const tenant = await openTenant(place, app)
    const objects = () => objectsIn(place.kube, tenant.namespace)
    await offerVolume(place.kube, 'full-data')
    const small = await tenant.import(`${shop}:1.4.0`, plain)
    await tenant.promote(small)
    expect((await tenant.ended(small)).text).toMatch(/^Succeeded: /)

    const broken = await tenant.import(`web=${shop}:1.5.0 telemetry=${shop}:badimage`, full)
    await tenant.promote(broken)
    expect((await tenant.ended(broken)).text).toMatch(new RegExp(`^Rolled back: ${app} runs ${small} again`))
    await tenant.until('only the data of the failed release is left', async () => (await objects()).join() === least.join())

    const big = await tenant.import(`web=${shop}:1.5.0 telemetry=${shop}:1.4.1`, full)
    await tenant.promote(big)
    expect((await tenant.ended(big)).text).toMatch(/^Succeeded: /)
    expect(await objects()).toEqual(everything)
    expect(await tenant.type('ps', /SERVICE/)).toMatch(/telemetry/)

    const again = await tenant.import(`${shop}:1.4.1`, plain)
    await tenant.promote(again)
    expect((await tenant.ended(again)).text).toMatch(/^Succeeded: /)
    await tenant.until('only the data of the big release is left', async () => (await objects()).join() === least.join())
  },
}
