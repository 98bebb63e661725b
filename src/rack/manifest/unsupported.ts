/** What Convox's convox.yml knows and ours does not, with the reason or what to do instead. Every entry is refused by name. */

const routing = 'routing beyond `domain` is a matter of the ingress controller'
const placement = 'where processes run is left to the cluster'
const rights = 'the rights of processes are left to the policy of the cluster'
const metadata = 'objects carry the labels and annotations of Slipway alone'
const onlyResources = 'processes are scaled by `scale.targets` with cpu and memory'

/** At the top of the file. */
export const unsupportedTop: Readonly<Record<string, string>> = {
  balancers: 'use `domain` and `ports` of a service, or make the balancer beside the app',
  budget: 'costs are not looked after here',
  labels: metadata,
  params: 'set them with `/convox apps params set`',
  appSettings: 'logs stay where the cluster keeps them',
}

/** In a service. */
export const unsupportedService: Readonly<Record<string, string>> = {
  grpcHealthEnabled: 'a grpc port is ready when it is open',
  init: 'put an init process such as tini into the image',
  internalRouter: 'a rack has one ingress class; use `internal`',
  tls: routing,
  sticky: routing,
  timeout: routing,
  whitelist: routing,
  ingressAnnotations: routing,
  certificate: 'TLS is a matter of the ingress controller',
  privileged: rights,
  securityContext: rights,
  accessControl: rights,
  disableHostUsers: rights,
  nodeSelectorLabels: placement,
  nodeAffinityLabels: placement,
  dnsConfig: 'names are resolved as the cluster does',
  imagePullSecrets: 'a rack has one pull secret, the setting PULL_SECRET',
  annotations: metadata,
  labels: metadata,
  test: 'tests belong before the import of an image',
}

/** In `scale`. */
export const unsupportedScale: Readonly<Record<string, string>> = {
  gpu: placement,
  autoscale: onlyResources,
  keda: onlyResources,
  vpa: onlyResources,
  cooldownPeriod: onlyResources,
}

/** In `scale.targets`. */
export const unsupportedTargets: Readonly<Record<string, string>> = {
  external: onlyResources,
  custom: onlyResources,
  requests: onlyResources,
}

/** In `initContainer`. */
export const unsupportedInit: Readonly<Record<string, string>> = {
  configMounts: 'an init container finds what its service mounts',
  volumeOptions: 'an init container finds what its service mounts',
  environment: 'an init container has the environment of its service',
}

/** In an entry of `volumeOptions`. */
export const unsupportedVolumes: Readonly<Record<string, string>> = {
  awsEfs: 'use `volumes`, which claims storage of the default StorageClass of the cluster; make that one of EFS where processes share files',
  azureFiles: 'use `volumes`, which claims storage of the default StorageClass of the cluster; make that one of Azure Files where processes share files',
}
