import type { Service } from '../manifest/manifest.ts'
import { metaOf, selectorOf } from './input.ts'
import type { RenderInput } from './input.ts'
import type { Ingress, K8sService } from './objects.ts'
import { extraPortName } from './pod.ts'

/** By which the other services reach it; none without any port. */
export const renderService = (input: RenderInput, service: Service): readonly K8sService[] => {
  if (service.port === undefined && service.ports.length === 0) return []
  return [{
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metaOf(input, { name: service.name, type: 'service', service: service.name }),
    spec: {
      type: 'ClusterIP',
      selector: selectorOf(input, service),
      ports: [
        ...(service.port === undefined ? [] : [{ name: 'main', port: service.port.port, protocol: 'TCP', targetPort: 'main' } as const]),
        ...service.ports.map((extra) => {
          const name = extraPortName(service, extra)
          return { name, port: extra.port, protocol: extra.protocol === 'udp' ? 'UDP' as const : 'TCP' as const, targetPort: name }
        }),
      ],
    },
  }]
}

/** How the ingress controller of Convox racks, and most others', is told that a process does not speak plain HTTP. */
const backendProtocol = 'nginx.ingress.kubernetes.io/backend-protocol'

/** By which a service with domains is reached from outside, through the rack's ingress class. TLS is left to the ingress controller. */
export const renderIngress = (input: RenderInput, service: Service): readonly Ingress[] => {
  const { port, domains } = service
  if (port === undefined || domains.length === 0 || service.internal) return []
  const backend = { service: { name: service.name, port: { number: port.port } } }
  return [{
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      ...metaOf(input, { name: service.name, type: 'service', service: service.name }),
      ...(port.scheme === 'http' ? {} : { annotations: { [backendProtocol]: port.scheme.toUpperCase() } }),
    },
    spec: {
      ingressClassName: input.ingressClass,
      rules: domains.map((host) => ({ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } })),
    },
  }]
}
