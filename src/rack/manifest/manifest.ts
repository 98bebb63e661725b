/** The parsed convox.yml of a build. Pure data with every default filled in; `${VAR}` in environment defaults is not yet replaced. */
export interface Manifest {
  /** In the order of the file. */
  readonly services: readonly Service[]
}

/** One service: a scalable group of processes, one Kubernetes Deployment. Defaults are Convox's (pkg/manifest, reference/convox.md 6). */
export interface Service {
  readonly name: string
  /** Kept as written; nothing is built from it here. Absent when the service has an image of its own. */
  readonly build?: ServiceBuild
  readonly image?: string
  /** As written. */
  readonly command?: string
  /** The command split into words: the container's `args`. Empty when there is none. */
  readonly args: readonly string[]
  /** The top-level entries first, then the service's own; a later default wins. */
  readonly environment: readonly EnvironmentEntry[]
  readonly port?: ServicePort
  readonly health: ServiceHealth
  readonly liveness?: ServiceLiveness
  readonly deployment: ServiceDeployment
  readonly singleton: boolean
  readonly scale: ServiceScale
  readonly termination: ServiceTermination
}

/** What `build:` says. */
export interface ServiceBuild {
  readonly path: string
  readonly manifest: string
  readonly args: readonly string[]
}

/** `KEY` (required at promote) or `KEY=default`. */
export interface EnvironmentEntry {
  readonly key: string
  /** Absent: the release has to set the key. May hold `${VAR}`. */
  readonly default?: string
}

export const portSchemes = ['http', 'https', 'grpc'] as const
export type PortScheme = (typeof portSchemes)[number]

/** The main port of a service. */
export interface ServicePort {
  readonly port: number
  readonly scheme: PortScheme
}

/** The readiness check; times in seconds. Meaningless without a main port. */
export interface ServiceHealth {
  readonly path: string
  readonly interval: number
  readonly grace: number
  readonly timeout: number
  /** Another port than the main one. */
  readonly port?: number
  readonly disable: boolean
}

/** The liveness check; times in seconds. Only there when it has a path. */
export interface ServiceLiveness {
  readonly path: string
  readonly grace: number
  readonly interval: number
  readonly timeout: number
  readonly successThreshold: number
  readonly failureThreshold: number
  readonly port?: number
}

/** Percent of the wanted processes that stay (minimum) and may exist (maximum) during a rollout. */
export interface ServiceDeployment {
  readonly minimum: number
  readonly maximum: number
}

/** Processes, and what each may use: `cpu` in millicores, `memory` in MiB. */
export interface ServiceScale {
  readonly min: number
  readonly max: number
  readonly cpu: number
  readonly memory: number
  readonly limit: { readonly cpu?: number; readonly memory?: number }
}

/** `grace`: seconds between the request to stop and the kill. */
export interface ServiceTermination {
  readonly grace: number
}
