/** The Kubernetes kinds we write, as plain JSON and as narrow as we use them. Units and rules are Kubernetes' own. */

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

/** `data` is plain text. */
export interface ConfigMap {
  readonly apiVersion: 'v1'
  readonly kind: 'ConfigMap'
  readonly metadata: ObjectMeta
  readonly immutable: true
  readonly data: Readonly<Record<string, string>>
}

export interface PersistentVolumeClaim {
  readonly apiVersion: 'v1'
  readonly kind: 'PersistentVolumeClaim'
  readonly metadata: ObjectMeta
  readonly spec: { readonly accessModes: readonly ['ReadWriteOnce']; readonly resources: { readonly requests: { readonly storage: string } } }
}

export type TransportProtocol = 'TCP' | 'UDP'

export interface ServicePortSpec {
  readonly name: string
  readonly port: number
  readonly protocol: TransportProtocol
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

/** `value` or a field of the pod. */
export type EnvVar =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly valueFrom: { readonly fieldRef: { readonly fieldPath: string } } }

export interface ExecHook {
  readonly exec: { readonly command: readonly string[] }
}

export interface ContainerPort {
  readonly name: string
  readonly containerPort: number
  readonly hostPort?: number
  readonly protocol: TransportProtocol
}

export interface VolumeMount {
  readonly name: string
  readonly mountPath: string
  readonly subPath?: string
}

export interface Container {
  readonly name: string
  readonly image: string
  readonly imagePullPolicy: 'IfNotPresent'
  readonly args?: readonly string[]
  readonly env: readonly EnvVar[]
  readonly envFrom: readonly { readonly secretRef: { readonly name: string } }[]
  readonly ports?: readonly ContainerPort[]
  readonly readinessProbe?: Probe
  readonly livenessProbe?: Probe
  readonly startupProbe?: Probe
  readonly lifecycle?: { readonly preStop?: ExecHook | { readonly sleep: { readonly seconds: number } }; readonly postStart?: ExecHook }
  readonly resources: { readonly requests: Labels; readonly limits: Labels }
  readonly volumeMounts?: readonly VolumeMount[]
}

/** Exactly one of the sources. */
export interface Volume {
  readonly name: string
  readonly persistentVolumeClaim?: { readonly claimName: string }
  readonly emptyDir?: { readonly medium?: 'Memory'; readonly sizeLimit?: string }
  readonly configMap?: { readonly name: string }
}

export interface PodSpec {
  readonly automountServiceAccountToken: false
  readonly enableServiceLinks: false
  readonly restartPolicy?: 'Never'
  readonly terminationGracePeriodSeconds: number
  readonly imagePullSecrets?: readonly { readonly name: string }[]
  readonly initContainers?: readonly Container[]
  readonly containers: readonly Container[]
  readonly volumes?: readonly Volume[]
}

export interface PodTemplate {
  readonly metadata: { readonly labels: Labels }
  readonly spec: PodSpec
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
    readonly template: PodTemplate
  }
}

export interface DaemonSet {
  readonly apiVersion: 'apps/v1'
  readonly kind: 'DaemonSet'
  readonly metadata: ObjectMeta
  readonly spec: {
    readonly selector: { readonly matchLabels: Labels }
    readonly updateStrategy: { readonly type: 'RollingUpdate'; readonly rollingUpdate: { readonly maxUnavailable: number | string } }
    readonly minReadySeconds: number
    readonly revisionHistoryLimit: number
    readonly template: PodTemplate
  }
}

/** `activeDeadlineSeconds` counts from the Job's start, pulling the image included. */
export interface JobSpec {
  readonly backoffLimit: 0
  readonly activeDeadlineSeconds?: number
  readonly completionMode?: 'Indexed'
  readonly completions?: number
  readonly parallelism?: number
  readonly template: PodTemplate
}

export interface Job {
  readonly apiVersion: 'batch/v1'
  readonly kind: 'Job'
  readonly metadata: ObjectMeta
  readonly spec: JobSpec
}

export interface CronJob {
  readonly apiVersion: 'batch/v1'
  readonly kind: 'CronJob'
  readonly metadata: ObjectMeta
  readonly spec: {
    readonly schedule: string
    readonly timeZone: 'Etc/UTC'
    readonly concurrencyPolicy: 'Allow' | 'Forbid' | 'Replace'
    readonly suspend: boolean
    readonly successfulJobsHistoryLimit: number
    readonly failedJobsHistoryLimit: number
    readonly jobTemplate: { readonly metadata: { readonly labels: Labels }; readonly spec: JobSpec }
  }
}

export interface HorizontalPodAutoscaler {
  readonly apiVersion: 'autoscaling/v2'
  readonly kind: 'HorizontalPodAutoscaler'
  readonly metadata: ObjectMeta
  readonly spec: {
    readonly scaleTargetRef: { readonly apiVersion: 'apps/v1'; readonly kind: 'Deployment'; readonly name: string }
    readonly minReplicas: number
    readonly maxReplicas: number
    readonly metrics: readonly {
      readonly type: 'Resource'
      readonly resource: { readonly name: 'cpu' | 'memory'; readonly target: { readonly type: 'Utilization'; readonly averageUtilization: number } }
    }[]
  }
}

export interface Ingress {
  readonly apiVersion: 'networking.k8s.io/v1'
  readonly kind: 'Ingress'
  readonly metadata: ObjectMeta
  readonly spec: {
    readonly ingressClassName: string
    readonly rules: readonly {
      readonly host: string
      readonly http: {
        readonly paths: readonly {
          readonly path: '/'
          readonly pathType: 'Prefix'
          readonly backend: { readonly service: { readonly name: string; readonly port: { readonly number: number } } }
        }[]
      }
    }[]
  }
}

/** What a release consists of on the cluster. */
export type KubernetesObject =
  ConfigMap | PersistentVolumeClaim | Secret | K8sService | Deployment | DaemonSet | CronJob | HorizontalPodAutoscaler | Ingress
