import type { Container } from './container.ts'

/** A stopped server's exit code: the recorded one, of a Go program without a handler for SIGTERM. */
const stoppedCode = 2
/** SIGKILL. */
const killedCode = 137
/** Recorded: from SIGTERM to the status. */
const stopTakes = 130

/** How long a container's preStop hook holds its end up, in milliseconds: a sleep, or a command that says `sleep N`. */
const preStopOf = (container: Container): number => {
  const hook = container.spec.lifecycle?.preStop
  if (hook?.sleep !== undefined) return hook.sleep.seconds * 1000
  const slept = /\bsleep\s+(\d+)/.exec(hook?.exec?.command?.join(' ') ?? '')
  return slept === null ? 0 : Number(slept[1]) * 1000
}

/** How a container that is stopped ends: its hook, then SIGTERM, then SIGKILL when `grace` is over. Milliseconds. */
export const stopOf = (container: Container, grace: number, hung: boolean): { after: number; code: number } => {
  const hook = preStopOf(container)
  // A hook that outlasts the grace period is cut off two seconds after it, and the container killed (kubelet: minimumGracePeriodInSeconds).
  if (hook > grace) return { after: grace + 2_000, code: killedCode }
  return hung ? { after: grace, code: killedCode } : { after: hook + stopTakes, code: stoppedCode }
}
