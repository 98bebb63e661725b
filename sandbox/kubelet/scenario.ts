/** One line that a container prints, `at` milliseconds after its start. `every` repeats it; `{n}` counts the repetitions from 1. */
export interface LogLine {
  at: number
  text: string
  every?: number
}

/** What one run of a container does: data, so that its log can be told again from the pod's status alone. */
export interface Run {
  log: LogLine[]
  /** Also prints every value of its environment, as a careless start-up banner does. */
  printsEnvironment?: boolean
  /** Ends by itself. Milliseconds after the start. Absent: runs until stopped. */
  exit?: { after: number; code: number; reason: 'Error' | 'OOMKilled' | 'Completed' }
  /** Never starts: the message of the container runtime (reason StartError, exit code 128). */
  startError?: string
  /** When its probes begin to pass, in milliseconds after the start. Absent: never. Until then `failing` answers them. */
  servesAfter?: number
  /** What a probe meets while it does not serve: nobody listens, or this HTTP status. */
  failing: 'connection refused' | number
  /** From when on its readiness probe meets HTTP 503 again, in milliseconds after the start. Its liveness probe goes on passing. */
  unreadyAfter?: number
  /** From when on it hangs: every probe meets HTTP 500, and SIGTERM goes unheard. Milliseconds after the start. */
  livenessLostAfter?: number
}

/** What the image's registry does to this node's pulls; times in milliseconds from the image's first pull. */
export type PullFault =
  | 'absent'
  | 'denied'
  /** Too many requests for so long; then the image is there, or what `afterwards` says. */
  | { limitedFor: number; afterwards?: 'absent' | 'denied' }
  /** Not replicated to this registry before. */
  | { absentFor: number }

/** A behaviour that an image tag names. `runs[n]` is the run after n restarts; the last one repeats. */
export interface Scenario {
  tag: string
  /** One sentence for people, as the sandbox's page shows it. */
  what: string
  pull?: PullFault
  /** An object that the pod turns out to need and that does not exist. */
  lacks?: { secret: string } | { volume: string; configMap: string }
  /** Init containers of a pod whose main image has this tag fail; a pod without any runs `runs`. */
  initFails?: boolean
  runs: [Run, ...Run[]]
}

/** The run that follows that many restarts. */
export const runAfter = (scenario: Scenario, restarts: number): Run => scenario.runs[Math.min(restarts, scenario.runs.length - 1)] ?? scenario.runs[0]
