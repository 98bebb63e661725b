import type { Service, ServiceHealth, ServiceLiveness, ServicePort } from '../manifest/manifest.ts'
import { envSecretOf } from './names.ts'
import type { Container, PodSpec, Probe } from './objects.ts'

/** A container of ours is called that in every pod, as in the events of the seeds ("Created container main"). */
export const containerName = 'main'

/** Seconds a process goes on serving while it is taken out of its k8s Service, so that a rollout drops no request (design 5). */
const preStopSeconds = 5

const check = (port: ServicePort, path: string, number: number): Pick<Probe, 'httpGet' | 'tcpSocket'> =>
  // Kubernetes knows no HTTP check of a gRPC port, and its gRPC check needs a health service in the app: an open port has to do.
  port.scheme === 'grpc' ? { tcpSocket: { port: number } } : { httpGet: { path, port: number, scheme: port.scheme === 'https' ? 'HTTPS' : 'HTTP' } }

const readiness = (port: ServicePort, health: ServiceHealth): Probe => ({
  ...check(port, health.path, health.port ?? port.port),
  initialDelaySeconds: health.grace,
  periodSeconds: health.interval,
  timeoutSeconds: health.timeout,
  successThreshold: 1,
  failureThreshold: 3,
})

const liveness = (port: ServicePort, live: ServiceLiveness): Probe => ({
  ...check(port, live.path, live.port ?? port.port),
  initialDelaySeconds: live.grace,
  periodSeconds: live.interval,
  timeoutSeconds: live.timeout,
  successThreshold: live.successThreshold,
  failureThreshold: live.failureThreshold,
})

const portFields = (service: Service): Pick<Container, 'ports' | 'readinessProbe' | 'livenessProbe'> => {
  const { port } = service
  if (port === undefined) return {}
  return {
    ports: [{ name: 'main', containerPort: port.port, protocol: 'TCP' }],
    ...(service.health.disable ? {} : { readinessProbe: readiness(port, service.health) }),
    ...(service.liveness === undefined ? {} : { livenessProbe: liveness(port, service.liveness) }),
  }
}

/** The sleep counts against the grace period and has to be shorter than it; without a second to spare there is none. */
const lifecycle = (grace: number): Pick<Container, 'lifecycle'> => {
  const seconds = Math.min(preStopSeconds, grace - 1)
  return seconds > 0 ? { lifecycle: { preStop: { sleep: { seconds } } } } : {}
}

const resources = ({ scale }: Service): Container['resources'] => ({
  requests: { cpu: `${scale.cpu}m`, memory: `${scale.memory}Mi` },
  // As Convox renders it: memory is limited even when only the request is given, CPU never is.
  limits: { ...(scale.limit.cpu === undefined ? {} : { cpu: `${scale.limit.cpu}m` }), memory: `${scale.limit.memory ?? scale.memory}Mi` },
})

/** The pod of one service: one container, its env from the release's Secret. */
export const renderPod = (service: Service, image: string, release: string, pullSecret: string | undefined): PodSpec => ({
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  terminationGracePeriodSeconds: service.termination.grace,
  ...(pullSecret === undefined ? {} : { imagePullSecrets: [{ name: pullSecret }] }),
  containers: [
    {
      name: containerName,
      image,
      imagePullPolicy: 'IfNotPresent',
      ...(service.args.length === 0 ? {} : { args: service.args }),
      env: [{ name: 'INSTANCE_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } }],
      envFrom: [{ secretRef: { name: envSecretOf(release, service.name) } }],
      ...portFields(service),
      ...lifecycle(service.termination.grace),
      resources: resources(service),
    },
  ],
})
