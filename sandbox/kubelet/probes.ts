import type { Run } from './scenario.ts'
import type { WireContainer, WireProbe } from './wire-pod.ts'

export const probeKinds = ['startup', 'readiness', 'liveness'] as const
export type ProbeKind = (typeof probeKinds)[number]

/** A probe's numbers with the API's defaults filled in. Milliseconds and counts. */
export interface ProbeTimes {
  initialDelay: number
  period: number
  successThreshold: number
  failureThreshold: number
}

/** Defaults: Kubernetes API reference, v1.Probe. */
export const probeTimes = (probe: WireProbe): ProbeTimes => ({
  initialDelay: (probe.initialDelaySeconds ?? 0) * 1000,
  period: (probe.periodSeconds ?? 10) * 1000,
  successThreshold: probe.successThreshold ?? 1,
  failureThreshold: probe.failureThreshold ?? 3,
})

/**
 * How long after the start a probe of that kind is first made. A readiness probe without a delay is made at once (recorded: 10 ms);
 * the others wait for their ticker (recorded: 1.6 s of a 2 s period).
 */
export const firstProbeAfter = (kind: ProbeKind, times: ProbeTimes): number => {
  if (kind === 'readiness') return Math.max(10, times.initialDelay)
  return times.initialDelay + times.period * 0.8
}

/** The gap to the next probe. Recorded: 0.72 s of a 2 s period after a first readiness probe that failed, else the period. */
export const nextProbeAfter = (kind: ProbeKind, times: ProbeTimes, made: number, passed: boolean): number =>
  kind === 'readiness' && made === 1 && !passed && times.initialDelay === 0 ? times.period * 0.36 : times.period

const portNumber = (container: WireContainer, port: number | string): number =>
  typeof port === 'number' ? port : (container.ports?.find(({ name }) => name === port)?.containerPort ?? Number.parseInt(port, 10))

/** What a probe finds `elapsed` ms after the start: undefined when it passes, else the cause as the kubelet words it. */
export const probeFailure = (container: WireContainer, probe: WireProbe, kind: ProbeKind, run: Run, elapsed: number, ip: string): string | undefined => {
  const dead = run.exit !== undefined && elapsed >= run.exit.after
  const hung = run.livenessLostAfter !== undefined && elapsed >= run.livenessLostAfter
  const serves = run.servesAfter !== undefined && elapsed >= run.servesAfter
  const faded = kind === 'readiness' && serves && run.unreadyAfter !== undefined && elapsed >= run.unreadyAfter
  const alive = kind === 'liveness' && typeof run.failing === 'number'
  if (!dead && !hung && !faded && (serves || alive)) return undefined
  const refused = dead || (!hung && !faded && run.failing === 'connection refused')
  const status = hung ? 500 : faded ? 503 : run.failing
  if (probe.httpGet !== undefined) {
    const { path = '/', port, scheme = 'HTTP' } = probe.httpGet
    const address = `${ip}:${portNumber(container, port)}`
    const url = `${scheme.toLowerCase()}://${address}${path.startsWith('/') ? path : `/${path}`}`
    return refused ? `Get "${url}": dial tcp ${address}: connect: connection refused` : `HTTP probe failed with statuscode: ${status}`
  }
  if (probe.tcpSocket !== undefined) return refused ? `dial tcp ${ip}:${portNumber(container, probe.tcpSocket.port)}: connect: connection refused` : undefined
  return refused ? 'command exited with code 1' : undefined
}

/** "Readiness probe failed: …", the message of an Unhealthy event. */
export const unhealthyMessage = (kind: ProbeKind, cause: string): string => `${kind.charAt(0).toUpperCase()}${kind.slice(1)} probe failed: ${cause}`
