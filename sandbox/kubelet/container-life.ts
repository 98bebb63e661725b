import type { Container, ContainerContext } from './container.ts'
import { backOff, backOffForgottenAfter, isStep, say, setTerminated, setWaiting } from './container.ts'
import { liveRun } from './container-run.ts'
import { startContainer } from './container-start.ts'

/** Recorded: the second sync comes within a second of the first, later ones about every twelve. */
const firstResync = 650
const resync = 12_000
/** Recorded: how long after the end of its back-off a container is started again (the next sync). */
const afterBackOff = 1_400

const restarts = (context: ContainerContext, container: Container, code: number): boolean => {
  const policy = context.pod().spec.restartPolicy
  if (isStep(container)) return code !== 0 && policy !== 'Never'
  return policy === 'Always' || container.spec.restartPolicy === 'Always' || (policy === 'OnFailure' && code !== 0)
}

const nameOf = (context: ContainerContext) => {
  const { name, namespace, uid } = context.pod().metadata
  return `${name}_${namespace}(${uid})`
}

/** As Go prints a duration: 40s, 1m20s, 5m0s. */
const durationText = (ms: number) => (ms < 60_000 ? `${ms / 1000}s` : `${Math.floor(ms / 60_000)}m${(ms % 60_000) / 1000}s`)

/** Waits until the ended container may start again: CrashLoopBackOff with its events and its message. */
const waitOutBackOff = async (context: ContainerContext, container: Container): Promise<void> => {
  const { clock } = context.host
  const wait = backOff(container.backOffLevel)
  const { name } = container.spec
  const left = () => wait - clock.since(container.finishedAt)
  if (left() <= 0) return
  const complain = () => say(context, container, 'Warning', 'BackOff', `Back-off restarting failed container ${name} in pod ${nameOf(context)}`)
  const message = `back-off ${durationText(wait)} restarting failed container=${name} pod=${nameOf(context)}`
  const alreadySaid = container.status.state.waiting?.reason === 'CrashLoopBackOff'
  if (!alreadySaid) complain()
  await context.publish()
  if (container.init) {
    await clock.sleep(left() + afterBackOff, context.signal)
    setWaiting(container, 'CrashLoopBackOff', message)
    await context.publish()
    return
  }
  if (!alreadySaid) {
    await clock.sleep(1_000, context.signal)
    complain()
  }
  setWaiting(container, 'CrashLoopBackOff', message)
  await context.publish()
  await clock.sleep(left() + afterBackOff, context.signal)
}

/** Tries until the container runs. What the last attempt ran into is published with the next one, as a kubelet's syncs do. */
const startAtLast = async (context: ContainerContext, container: Container): Promise<void> => {
  const { clock } = context.host
  for (let sync = 0; ; sync++) {
    const attempt = await startContainer(context, container)
    if (attempt.started) return
    await clock.sleep(sync === 0 || attempt.ran ? firstResync : resync, context.signal)
    setWaiting(container, attempt.reason, attempt.message)
    await context.publish()
    if (attempt.ran) {
      await waitOutBackOff(context, container)
      container.backOffLevel += 1
    }
  }
}

/**
 * The whole life of one container, from where its status says it is: starts, runs, ends, back-offs.
 * Returns the exit code once it has ended for good; throws the signal's reason when the pod is being deleted.
 */
export const liveContainer = async (context: ContainerContext, container: Container): Promise<number> => {
  const { clock } = context.host
  let resumed = container.status.state.running !== undefined
  let ended =
    container.status.state.terminated ?? (container.status.state.waiting?.reason === 'CrashLoopBackOff' ? container.status.lastState.terminated : undefined)
  for (;;) {
    if (ended === undefined) {
      if (!resumed) {
        await startAtLast(context, container)
        await context.publish()
      }
      const end = await liveRun(context, container, resumed)
      resumed = false
      if (clock.since(container.startedAt) >= backOffForgottenAfter) container.backOffLevel = 0
      ended = setTerminated(container, end.at, { code: end.code, reason: end.reason })
    }
    if (!restarts(context, container, ended.exitCode)) {
      await context.publish()
      return ended.exitCode
    }
    if (container.backOffLevel === 0) await context.publish()
    else await waitOutBackOff(context, container)
    container.backOffLevel += 1
    ended = undefined
  }
}
