import { z } from 'zod'

const reference = z.looseObject({ name: z.string().optional(), optional: z.boolean().optional() })
const keyed = z.looseObject({ name: z.string().optional(), key: z.string(), optional: z.boolean().optional() })

const probe = z.looseObject({
  initialDelaySeconds: z.number().optional(),
  periodSeconds: z.number().optional(),
  successThreshold: z.number().optional(),
  failureThreshold: z.number().optional(),
  httpGet: z.looseObject({ path: z.string().optional(), port: z.union([z.number(), z.string()]), scheme: z.string().optional() }).optional(),
  tcpSocket: z.looseObject({ port: z.union([z.number(), z.string()]) }).optional(),
})

const container = z.looseObject({
  name: z.string(),
  image: z.string().default(''),
  imagePullPolicy: z.string().optional(),
  restartPolicy: z.string().optional(),
  ports: z.array(z.looseObject({ name: z.string().optional(), containerPort: z.number() })).optional(),
  env: z
    .array(
      z.looseObject({
        name: z.string(),
        value: z.string().optional(),
        valueFrom: z.looseObject({ secretKeyRef: keyed.optional(), configMapKeyRef: keyed.optional() }).optional(),
      }),
    )
    .optional(),
  envFrom: z.array(z.looseObject({ prefix: z.string().optional(), secretRef: reference.optional(), configMapRef: reference.optional() })).optional(),
  readinessProbe: probe.optional(),
  livenessProbe: probe.optional(),
  startupProbe: probe.optional(),
  lifecycle: z
    .looseObject({
      preStop: z
        .looseObject({
          sleep: z.looseObject({ seconds: z.number() }).optional(),
          exec: z.looseObject({ command: z.array(z.string()).optional() }).optional(),
        })
        .optional(),
    })
    .optional(),
})

const terminated = z.looseObject({
  exitCode: z.number(),
  reason: z.string().optional(),
  message: z.string().optional(),
  startedAt: z.string().nullish(),
  finishedAt: z.string().nullish(),
  containerID: z.string().optional(),
})
const state = z.looseObject({
  waiting: z.looseObject({ reason: z.string().optional(), message: z.string().optional() }).optional(),
  running: z.looseObject({ startedAt: z.string().nullish() }).optional(),
  terminated: terminated.optional(),
})
const containerStatus = z.looseObject({
  name: z.string(),
  state: state.default({}),
  lastState: state.default({}),
  ready: z.boolean().default(false),
  started: z.boolean().optional(),
  restartCount: z.number().default(0),
  image: z.string().default(''),
  imageID: z.string().default(''),
  containerID: z.string().optional(),
})
const condition = z.looseObject({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
  lastTransitionTime: z.string().nullish(),
  lastProbeTime: z.string().nullish(),
  observedGeneration: z.number().optional(),
})

const source = { secret: z.looseObject({ secretName: z.string().optional(), optional: z.boolean().optional() }).optional(), configMap: reference.optional() }
const volume = z.looseObject({
  name: z.string(),
  ...source,
  projected: z.looseObject({ sources: z.array(z.looseObject({ secret: reference.optional(), configMap: reference.optional() })).nullish() }).optional(),
})

/** As much of a v1 Pod as a kubelet reads. Unknown fields are let through. */
export const podSchema = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string(),
    uid: z.string(),
    resourceVersion: z.string(),
    generation: z.number().optional(),
    deletionTimestamp: z.string().nullish(),
    deletionGracePeriodSeconds: z.number().nullish(),
    annotations: z.record(z.string(), z.string()).nullish(),
  }),
  spec: z.looseObject({
    nodeName: z.string().optional(),
    restartPolicy: z.string().default('Always'),
    terminationGracePeriodSeconds: z.number().nullish(),
    volumes: z.array(volume).nullish(),
    initContainers: z.array(container).nullish(),
    containers: z.array(container),
  }),
  status: z
    .looseObject({
      phase: z.string().optional(),
      conditions: z.array(condition).nullish(),
      hostIP: z.string().optional(),
      podIP: z.string().optional(),
      startTime: z.string().nullish(),
      initContainerStatuses: z.array(containerStatus).nullish(),
      containerStatuses: z.array(containerStatus).nullish(),
    })
    .default({}),
})

export type WirePod = z.infer<typeof podSchema>
export type WireContainer = z.infer<typeof container>
export type WireProbe = z.infer<typeof probe>
export type WireStatus = WirePod['status']
export type Condition = z.infer<typeof condition>
export type ContainerStatus = z.infer<typeof containerStatus>
export type Terminated = z.infer<typeof terminated>
