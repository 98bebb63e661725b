import { initImageOf } from '../manifest/image-keys.ts'
import type { Command, Service, ServiceHealth, ServiceLiveness, ServicePort, ServiceStartup } from '../manifest/manifest.ts'
import type { RenderInput } from './input.ts'
import { renderMounts } from './mounts.ts'
import { envSecretOf } from './names.ts'
import type { Container, ContainerPort, EnvVar, ExecHook, PodSpec, Probe } from './objects.ts'

/** A container of ours is called that in every pod, as in the events of the seeds ("Created container main"). */
export const containerName = 'main'

/** And one that runs before it. */
export const initContainerName = 'init'

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

const timings = (probe: Omit<ServiceLiveness, 'path' | 'port'>): Omit<Probe, 'httpGet' | 'tcpSocket'> => ({
  initialDelaySeconds: probe.grace,
  periodSeconds: probe.interval,
  timeoutSeconds: probe.timeout,
  successThreshold: probe.successThreshold,
  failureThreshold: probe.failureThreshold,
})

const startup = (port: ServicePort | undefined, probe: ServiceStartup): Pick<Container, 'startupProbe'> => {
  const number = probe.tcpSocketPort ?? probe.port ?? port?.port
  if (number === undefined) return {}
  const http = probe.path === undefined ? { tcpSocket: { port: number } } : check(port ?? { port: number, scheme: 'http' }, probe.path, number)
  return { startupProbe: { ...http, ...timings(probe) } }
}

const probes = (service: Service): Pick<Container, 'readinessProbe' | 'livenessProbe' | 'startupProbe'> => {
  const { port, startupProbe } = service
  return {
    ...(port === undefined || service.health.disable ? {} : { readinessProbe: readiness(port, service.health) }),
    ...(port === undefined || service.liveness === undefined ? {} : {
      livenessProbe: { ...check(port, service.liveness.path, service.liveness.port ?? port.port), ...timings(service.liveness) },
    }),
    ...(startupProbe === undefined ? {} : startup(port, startupProbe)),
  }
}

/** `port-5001`, or `port-5001-udp` where tcp has the number too: names of ports differ within a pod. */
export const extraPortName = ({ ports }: Service, { port, protocol }: Service['ports'][number]): string =>
  `port-${port}${protocol === 'udp' && ports.some((other) => other.port === port && other.protocol === 'tcp') ? '-udp' : ''}`

const portFields = (service: Service): Pick<Container, 'ports'> => {
  const ports: readonly ContainerPort[] = [
    ...(service.port === undefined ? [] : [{ name: 'main', containerPort: service.port.port, protocol: 'TCP' } as const]),
    ...service.ports.map((extra) => ({
      name: extraPortName(service, extra),
      containerPort: extra.port,
      // Processes reach the agent of their own node by $INSTANCE_IP.
      ...(service.agent ? { hostPort: extra.port } : {}),
      protocol: extra.protocol === 'udp' ? 'UDP' as const : 'TCP' as const,
    })),
  ]
  return ports.length === 0 ? {} : { ports }
}

const hook = ({ args }: Command): ExecHook => ({ exec: { command: args } })

/** The sleep counts against the grace period and has to be shorter than it; without a second to spare there is none. */
const lifecycle = ({ lifecycle: { preStop, postStart }, termination }: Service): Pick<Container, 'lifecycle'> => {
  const seconds = Math.min(preStopSeconds, termination.grace - 1)
  const stop = preStop !== undefined ? { preStop: hook(preStop) } : seconds > 0 ? { preStop: { sleep: { seconds } } } : {}
  const hooks = { ...(postStart === undefined ? {} : { postStart: hook(postStart) }), ...stop }
  return Object.keys(hooks).length === 0 ? {} : { lifecycle: hooks }
}

const resources = ({ scale }: Service): Container['resources'] => ({
  requests: { cpu: `${scale.cpu}m`, memory: `${scale.memory}Mi` },
  // As Convox renders it: memory is limited even when only the request is given, CPU never is.
  limits: { ...(scale.limit.cpu === undefined ? {} : { cpu: `${scale.limit.cpu}m` }), memory: `${scale.limit.memory ?? scale.memory}Mi` },
})

interface Run {
  readonly name: string
  readonly image: string
  readonly args: readonly string[]
  readonly env?: readonly EnvVar[]
}

/** A container that runs something of a service: its env from the release's Secret, its mounts, its share of the machine. */
const containerOf = (input: RenderInput, service: Service, { name, image, args, env = [] }: Run): Container => ({
  name,
  image,
  imagePullPolicy: 'IfNotPresent',
  ...(args.length === 0 ? {} : { args }),
  env: [{ name: 'INSTANCE_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } }, ...env],
  envFrom: [{ secretRef: { name: envSecretOf(input.release.id, service.name) } }],
  resources: resources(service),
  ...renderMounts(input.manifest, service).container,
})

const imageOf = (input: RenderInput, key: string): string => input.build.images[key] ?? ''

const initFields = (input: RenderInput, service: Service): Pick<PodSpec, 'initContainers'> => {
  const key = initImageOf(service)
  if (key === undefined) return {}
  const run = { name: initContainerName, image: imageOf(input, key), args: service.initContainer?.args ?? [], env: [{ name: 'INIT_CONTAINER', value: 'true' }] }
  return { initContainers: [containerOf(input, service, run)] }
}

const podOf = (input: RenderInput, service: Service): Omit<PodSpec, 'containers'> => ({
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  terminationGracePeriodSeconds: service.termination.grace,
  ...(input.pullSecret === undefined ? {} : { imagePullSecrets: [{ name: input.pullSecret }] }),
  ...renderMounts(input.manifest, service).pod,
})

/** The pod of one service: one container, perhaps one before it. */
export const renderPod = (input: RenderInput, service: Service): PodSpec => ({
  ...podOf(input, service),
  ...initFields(input, service),
  containers: [{
    ...containerOf(input, service, { name: containerName, image: imageOf(input, service.name), args: service.args }),
    ...portFields(service),
    ...probes(service),
    ...lifecycle(service),
  }],
})

/** A pod that runs a command to its end in a process like those of a service: no ports, no checks, no second try. */
export const renderCommandPod = (input: RenderInput, service: Service, args: readonly string[], env: readonly EnvVar[] = []): PodSpec => ({
  ...podOf(input, service),
  restartPolicy: 'Never',
  containers: [containerOf(input, service, { name: containerName, image: imageOf(input, service.name), args, env })],
})
