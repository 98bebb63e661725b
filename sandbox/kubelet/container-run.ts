import type { Container, ContainerContext } from './container.ts'
import { currentRun, say } from './container.ts'
import { stopOf } from './container-stop.ts'
import type { ProbeKind, ProbeTimes } from './probes.ts'
import { firstProbeAfter, nextProbeAfter, probeFailure, probeKinds, probeTimes, unhealthyMessage } from './probes.ts'
import type { Run } from './scenario.ts'
import type { WireProbe } from './wire-pod.ts'

/** Why a run ended, and when (wall clock). */
export interface End {
  at: number
  code: number
  reason: string
}

interface Prober {
  kind: ProbeKind
  probe: WireProbe
  times: ProbeTimes
  /** Kubelet milliseconds after the start; Infinity while it waits for the startup probe. */
  next: number
  made: number
  passed: number
  failed: number
}

/** How long the runtime takes to tell of an end: at once after a first run, up to a second later (the kubelet's relist). */
const noticedAfter = (container: Container) => (container.status.restartCount === 0 ? 30 : 100)

const probersOf = (container: Container, elapsed: number, resumed: boolean): Prober[] => {
  const { spec, status } = container
  const started = status.started === true
  return probeKinds.flatMap((kind) => {
    const probe = spec[`${kind}Probe`]
    if (probe === undefined || (kind === 'startup' && started)) return []
    const times = probeTimes(probe)
    const first = resumed ? elapsed + 10 : firstProbeAfter(kind, times)
    return [{ kind, probe, times, next: kind === 'startup' || started ? first : Infinity, made: 0, passed: 0, failed: 0 }]
  })
}

const setReady = async (context: ContainerContext, container: Container, change: { ready?: boolean; started?: boolean }) => {
  container.status = { ...container.status, ...change }
  await context.publish()
}

/** Makes one probe. Returns true when the container must be restarted for it. */
const makeProbe = async (context: ContainerContext, container: Container, prober: Prober, probers: Prober[], run: Run, elapsed: number): Promise<boolean> => {
  const { kind, times } = prober
  const failure = probeFailure(container.spec, prober.probe, kind, run, elapsed, context.ip())
  prober.made += 1
  prober.next += nextProbeAfter(kind, times, prober.made, failure === undefined)
  if (failure === undefined) {
    prober.passed += 1
    prober.failed = 0
    if (prober.passed < times.successThreshold) return false
    if (kind === 'startup') {
      prober.next = Infinity
      for (const other of probers)
        if (other.kind !== 'startup')
          other.next = elapsed + firstProbeAfter(other.kind, { ...other.times, initialDelay: Math.max(0, other.times.initialDelay - elapsed) })
      const ready = container.spec.readinessProbe === undefined
      await setReady(context, container, { started: true, ready })
    } else if (kind === 'readiness' && !container.status.ready) await setReady(context, container, { ready: true })
    return false
  }
  prober.failed += 1
  prober.passed = 0
  say(context, container, 'Warning', 'Unhealthy', unhealthyMessage(kind, failure))
  const dead = run.exit !== undefined && elapsed >= run.exit.after
  if (dead || prober.failed < times.failureThreshold) return false
  if (kind === 'readiness') {
    if (container.status.ready) await setReady(context, container, { ready: false })
    return false
  }
  say(context, container, 'Normal', 'Killing', `Container ${container.spec.name} failed ${kind} probe, will be restarted`)
  return true
}

/**
 * Lives one run of a started container: probes by its own spec, until the run exits or a probe has it restarted.
 * `resumed` when an earlier kubelet started it. Returns its end as the runtime would report it.
 */
export const liveRun = async (context: ContainerContext, container: Container, resumed: boolean): Promise<End> => {
  const { clock } = context.host
  const run = currentRun(container, context.finite)
  const elapsed = () => clock.since(container.startedAt)
  const probers = probersOf(container, elapsed(), resumed)
  const exitAt = run.exit === undefined ? Infinity : run.exit.after
  for (;;) {
    const prober = probers.reduce<Prober | undefined>((best, other) => (other.next < (best?.next ?? Infinity) ? other : best), undefined)
    const noticed = exitAt + noticedAfter(container)
    const next = Math.min(prober?.next ?? Infinity, noticed)
    // A run without end and probes has nothing to wait for but its deletion: look again in an hour.
    if (next > elapsed()) await clock.sleep(Math.min(next - elapsed(), 3_600_000), context.signal)
    if (run.exit !== undefined && next === noticed) {
      const startedAt = container.startedAt
      const wallPerKubelet = Math.max(0, clock.now() - startedAt) / Math.max(1, elapsed())
      return { at: startedAt + run.exit.after * wallPerKubelet, code: run.exit.code, reason: run.exit.reason }
    }
    if (prober === undefined || elapsed() < prober.next) continue
    if (await makeProbe(context, container, prober, probers, run, Math.max(prober.next, elapsed()))) {
      const hung = run.livenessLostAfter !== undefined && elapsed() >= run.livenessLostAfter
      const end = stopOf(container, (context.pod().spec.terminationGracePeriodSeconds ?? 30) * 1000, hung)
      await clock.sleep(end.after, context.signal)
      return { at: clock.now(), code: end.code, reason: 'Error' }
    }
  }
}
