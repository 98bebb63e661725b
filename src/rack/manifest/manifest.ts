/** The parsed convox.yml of a build. Pure data with every default filled in; `${VAR}` in environment defaults is not yet replaced. */
export interface Manifest {
  /** In the order of the file. */
  readonly services: readonly Service[]
  /** In the order of the file. */
  readonly timers: readonly Timer[]
  /** In the order of the file. */
  readonly configs: readonly AppConfig[]
  /** Runs once before any service of a release moves. */
  readonly release?: ReleaseCommand
}

/** A command as written, and split into words: a container's `args`. */
export interface Command {
  readonly command: string
  readonly args: readonly string[]
}

export const concurrencies = ['Allow', 'Forbid', 'Replace'] as const
export type Concurrency = (typeof concurrencies)[number]

/** A command that runs on a schedule, in a process like those of its service. One Kubernetes CronJob. */
export interface Timer extends Command {
  readonly name: string
  readonly service: string
  /** Five cron fields or a macro such as `@daily`; in UTC. */
  readonly schedule: string
  /** What happens when the last run is still going. */
  readonly concurrency: Concurrency
  /** Processes started by each run. */
  readonly parallelCount: number
}

/** A file's content, given in the manifest and mounted by `configMounts`. */
export interface AppConfig {
  readonly id: string
  readonly value: string
}

/** The command of the release phase, in a process like those of its service. Ours, not Convox's. */
export interface ReleaseCommand extends Command {
  readonly service: string
  /** Seconds. */
  readonly deadline: number
}

/** One service: a scalable group of processes, one Kubernetes Deployment (or DaemonSet). Defaults are Convox's (pkg/manifest, reference/convox.md 6). */
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
  /** Further ports, the main one not among them. */
  readonly ports: readonly ExtraPort[]
  /** Runs once on every node instead of so many times: a Kubernetes DaemonSet. */
  readonly agent: boolean
  readonly health: ServiceHealth
  readonly liveness?: ServiceLiveness
  readonly startupProbe?: ServiceStartup
  /** Runs to its end before each process starts. */
  readonly initContainer?: ServiceInit
  readonly lifecycle: { readonly preStop?: Command; readonly postStart?: Command }
  /** Hosts, by which the service is reached from outside. */
  readonly domains: readonly string[]
  /** Reached from inside the cluster only. */
  readonly internal: boolean
  readonly mounts: ServiceMounts
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

export const protocols = ['tcp', 'udp'] as const
export type Protocol = (typeof protocols)[number]

/** A port besides the main one. */
export interface ExtraPort {
  readonly port: number
  readonly protocol: Protocol
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

/** The startup check, before which no other check counts; times in seconds. Exactly one of `path` and `tcpSocketPort`. */
export interface ServiceStartup extends Omit<ServiceLiveness, 'path'> {
  readonly path?: string
  readonly tcpSocketPort?: number
}

/** A container that runs before the service's own, in the same pod; `image` is absent where it is the service's. */
export interface ServiceInit {
  readonly image?: string
  readonly command?: string
  readonly args: readonly string[]
}

/** What a container finds in its file system besides its image. */
export interface ServiceMounts {
  /** Storage that outlives every process. */
  readonly volumes: readonly ServiceVolume[]
  readonly emptyDirs: readonly EmptyDir[]
  readonly configs: readonly ConfigMount[]
}

/** `from` names the storage: one that services share, or (written as the path alone) the service's own. */
export interface ServiceVolume {
  readonly from: string
  readonly shared: boolean
  readonly path: string
}

/** A directory that lives as long as its pod; in RAM with `memory`. `sizeLimit` is a Kubernetes quantity. */
export interface EmptyDir {
  readonly id: string
  readonly path: string
  readonly memory: boolean
  readonly sizeLimit?: string
}

/** The content of a config as the file `<dir>/<filename>`. */
export interface ConfigMount {
  readonly id: string
  readonly dir: string
  readonly filename: string
}

/** Percent of the wanted processes that stay (minimum) and may exist (maximum) during a rollout. */
export interface ServiceDeployment {
  readonly minimum: number
  readonly maximum: number
  /** Seconds without progress after which the rollout of this service has failed. */
  readonly progressDeadline?: number
  /** So many restarts of a process fail the rollout; -1 for none. */
  readonly crashRestartLimit?: number
}

/** Processes, and what each may use: `cpu` in millicores, `memory` in MiB. */
export interface ServiceScale {
  readonly min: number
  readonly max: number
  readonly cpu: number
  readonly memory: number
  readonly limit: { readonly cpu?: number; readonly memory?: number }
  /** Mean use, in percent of the request, that the number of processes is kept at; absent where it stays as it is. */
  readonly targets?: { readonly cpu?: number; readonly memory?: number }
}

/** `grace`: seconds between the request to stop and the kill. */
export interface ServiceTermination {
  readonly grace: number
}
