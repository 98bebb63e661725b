/** The few Kubernetes kinds we write, as plain JSON and as narrow as we use them. Units and rules are Kubernetes' own. */

/** String keys to string values. */
export type Labels = Readonly<Record<string, string>>

export interface ObjectMeta {
  readonly name: string
  readonly namespace: string
  readonly labels: Labels
  readonly annotations?: Labels
}

export interface Namespace {
  readonly apiVersion: 'v1'
  readonly kind: 'Namespace'
  readonly metadata: Omit<ObjectMeta, 'namespace'>
}

/** `data` is base64. */
export interface Secret {
  readonly apiVersion: 'v1'
  readonly kind: 'Secret'
  readonly metadata: ObjectMeta
  readonly type: 'Opaque'
  readonly immutable: true
  readonly data: Readonly<Record<string, string>>
}

export interface ServicePortSpec {
  readonly name: string
  readonly port: number
  readonly protocol: 'TCP'
  readonly targetPort: string
}

/** A k8s Service. */
export interface K8sService {
  readonly apiVersion: 'v1'
  readonly kind: 'Service'
  readonly metadata: ObjectMeta
  readonly spec: { readonly type: 'ClusterIP'; readonly selector: Labels; readonly ports: readonly ServicePortSpec[] }
}

/** Exactly one of `httpGet` and `tcpSocket`; times in seconds. */
export interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: number; readonly scheme: 'HTTP' | 'HTTPS' }
  readonly tcpSocket?: { readonly port: number }
  readonly initialDelaySeconds: number
  readonly periodSeconds: number
  readonly timeoutSeconds: number
  readonly successThreshold: number
  readonly failureThreshold: number
}

export interface Container {
  readonly name: string
  readonly image: string
  readonly imagePullPolicy: 'IfNotPresent'
  readonly args?: readonly string[]
  readonly env: readonly { readonly name: string; readonly valueFrom: { readonly fieldRef: { readonly fieldPath: string } } }[]
  readonly envFrom: readonly { readonly secretRef: { readonly name: string } }[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number; readonly protocol: 'TCP' }[]
  readonly readinessProbe?: Probe
  readonly livenessProbe?: Probe
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } }
  readonly resources: { readonly requests: Labels; readonly limits: Labels }
}

export interface PodSpec {
  readonly automountServiceAccountToken: false
  readonly enableServiceLinks: false
  readonly terminationGracePeriodSeconds: number
  readonly imagePullSecrets?: readonly { readonly name: string }[]
  readonly containers: readonly Container[]
}

export interface Deployment {
  readonly apiVersion: 'apps/v1'
  readonly kind: 'Deployment'
  readonly metadata: ObjectMeta
  readonly spec: {
    /** Left out where somebody else owns the number. */
    readonly replicas?: number
    readonly selector: { readonly matchLabels: Labels }
    readonly strategy: { readonly type: 'RollingUpdate'; readonly rollingUpdate: { readonly maxSurge: string; readonly maxUnavailable: string } }
    readonly minReadySeconds: number
    readonly revisionHistoryLimit: number
    readonly progressDeadlineSeconds: number
    readonly template: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec }
  }
}

/** What a release consists of on the cluster. */
export type KubernetesObject = Secret | K8sService | Deployment
