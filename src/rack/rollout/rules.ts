import type { Rule } from './finding.ts'
import type { Workload } from './rollout-facts.ts'
import { cannotCreate, createGrace } from './rules/cannot-create.ts'
import { cannotStart } from './rules/cannot-start.ts'
import { crashLoop, restartLimit, sidecarMore } from './rules/crash-loop.ts'
import { exitsOnceReady, provenBy, readyExits } from './rules/exits-once-ready.ts'
import { failedCreate, policyGrace, quotaGrace } from './rules/failed-create.ts'
import { imagePull, permanentGrace, transientGrace } from './rules/image-pull.ts'
import { missingMount, mountGrace } from './rules/missing-mount.ts'
import { nativeDeadline } from './rules/native-deadline.ts'
import { neverReady, readySlack, unprovenBudgets } from './rules/never-ready.ts'
import { noReplicaSet, replicaSetGrace } from './rules/no-replica-set.ts'
import { memoryKills, outOfMemory } from './rules/out-of-memory.ts'
import { wordIsLate } from './rules/probe-kill.ts'
import { progressStalled } from './rules/progress-stalled.ts'
import { timerRun } from './rules/timer-run.ts'
import { shortGrace, tooFew } from './rules/too-few.ts'
import { noNodeComes, nodeComing, nodeGrace, unschedulable } from './rules/unschedulable.ts'

/** How long one rule waits, and for what. */
export interface Grace {
  readonly of: string
  readonly ms: number
}

/** What a platform engineer has to know of one rule (docs/rollouts.md is made from this). */
export interface RuleText {
  /** As a cause names it. */
  readonly ids: readonly [string, ...string[]]
  /** Of the list in rollouts.md 2; none for what only we have. */
  readonly number?: number
  readonly title: string
  readonly looksAt: string
  /** Empty: at once. */
  readonly graces: readonly Grace[]
  /** How many must show it. */
  readonly quorum: string
  /** What it does not count, besides the excuses of every rule. */
  readonly excuses: string
  /** How to tune it; empty when there is nothing to tune. */
  readonly tune: string
}

/** A rule of the judge, with what it says of itself. */
export interface JudgeRule extends RuleText {
  readonly look: Rule
  readonly workloads: readonly Workload[]
}

const every: readonly Workload[] = ['Deployment', 'DaemonSet', 'CronJob']
const lasting: readonly Workload[] = ['Deployment', 'DaemonSet']

/** The rules, the more telling first: of two that are due for one service, the first one names the cause. */
export const rules: readonly JudgeRule[] = [
  {
    ids: ['image-pull'], number: 4, title: 'The image cannot be pulled', look: imagePull, workloads: every,
    looksAt: 'the waiting reason of a container, its message, and the `Failed` events of its pod',
    graces: [{ of: 'not found or refused', ms: permanentGrace }, { of: 'rate limit, 5xx, timeout, DNS, TLS, or anything unknown', ms: transientGrace }],
    quorum: 'one pod; not found or refused fails at once at the second try or on a second pod, `InvalidImageName` and `ErrImageNeverPull` at first sight',
    excuses: 'an error that was overcome; words inside image references', tune: '',
  },
  {
    ids: ['missing-mount'], number: 10, title: 'A volume\'s Secret, ConfigMap or claim is missing', look: missingMount, workloads: every,
    looksAt: '`FailedMount` events that say "not found", while no container of the pod has begun', graces: [{ of: 'somebody makes it', ms: mountGrace }],
    quorum: 'one pod', excuses: 'attaching that takes its time, Multi-Attach errors, volumes that are there by now', tune: '',
  },
  {
    ids: ['cannot-create'], number: 2, title: 'A container cannot be created', look: cannotCreate, workloads: every,
    looksAt: 'the waiting reasons `CreateContainerConfigError`, `CreateContainerError`, `RunContainerError`, `ContainerCannotRun` and hook errors',
    graces: [{ of: 'a Secret made a moment later', ms: createGrace }], quorum: 'one pod; at once on a second one',
    excuses: 'a kubelet whose cache is behind ("failed to sync … cache"); a runtime that says it is its own trouble (timeouts, a full disk): the deadline decides', tune: '',
  },
  {
    ids: ['cannot-start'], number: 5, title: 'The command cannot be executed', look: cannotStart, workloads: every,
    looksAt: 'exit codes 126 and 127, `StartError`, `ContainerCannotRun`', graces: [], quorum: 'one exit of a container that was never ready',
    excuses: 'exit 128 that is the runtime\'s or the node\'s own trouble (`ContainerCannotRun`; timeouts, cgroups, a full disk)', tune: '`command` in convox.yml',
  },
  {
    ids: ['out-of-memory'], number: 5, title: 'Killed for its memory', look: outOfMemory, workloads: every, looksAt: 'ended runs with the reason `OOMKilled`', graces: [],
    quorum: `${String(memoryKills)} kills, in one pod or in two`, excuses: 'sidecars', tune: '`scale.memory`, `scale.limit.memory` in convox.yml',
  },
  {
    ids: ['exits-once-ready'], number: 6, title: 'Ready, then gone', look: exitsOnceReady, workloads: lasting,
    looksAt: 'runs that had been ready when they ended, also in the stability window; without a readiness check a run counts as ready after '
      + `${String(provenBy)} s`,
    graces: [{ of: 'exit 0, 137 or 143 of a container with a liveness or startup check, without a word of the kubelet why', ms: wordIsLate }],
    quorum: `${String(readyExits)} such exits among all new pods`, excuses: 'one exit; sidecars',
    tune: '`deployment.crashRestartLimit` in convox.yml (asks for as many), `-1` to switch it off; the app\'s `stability`',
  },
  {
    ids: ['crash-loop', 'init-container'], number: 5, title: 'It exits again and again', look: crashLoop, workloads: lasting,
    looksAt: 'ended runs, `CrashLoopBackOff` or the `BackOff` event before it, restarts since the rollout began; exit code 0 too', graces: [{ of: 'exit 0, 137 or 143 of a container with a liveness or startup check, without a word of the kubelet why', ms: wordIsLate }],
    quorum: `restart ${String(restartLimit)} of one container, or backing off on two new pods, or on the only one`,
    excuses: `the first exit (a dependency that comes later); a sidecar until it has restarted ${String(sidecarMore)} time more than that in every new pod`,
    tune: '`deployment.crashRestartLimit` in convox.yml (then only the count decides), `-1` to switch it off',
  },
  {
    ids: ['never-ready'], number: 9, title: 'It runs, but is never ready', look: neverReady, workloads: lasting,
    looksAt: 'the container\'s own checks: startup and readiness, initial delay and all tries, counted from the start of the container',
    graces: [{ of: 'whole seconds of the kubelet', ms: readySlack }],
    quorum: `two pods, or the only one; with events of as many failed checks, else ${String(unprovenBudgets)} times the budget`,
    excuses: 'the first `Unhealthy` after each start; a container that was ready before', tune: '`health` and `startupProbe` in convox.yml',
  },
  {
    ids: ['failed-create'], number: 3, title: 'The cluster refuses its processes', look: failedCreate, workloads: lasting,
    looksAt: '`ReplicaFailure` on the new ReplicaSet, of an agent the `FailedCreate` events of its DaemonSet while nodes lack a process',
    graces: [{ of: 'quota, which an old process may free', ms: quotaGrace }, { of: 'a policy, an admission webhook', ms: policyGrace }], quorum: 'one ReplicaSet',
    excuses: 'the Deployment\'s own copy of the condition, which outlives its reason', tune: '`deployment.maximum` in convox.yml',
  },
  {
    ids: ['no-replica-set'], number: 13, title: 'The Deployment cannot make its ReplicaSet', look: noReplicaSet, workloads: ['Deployment'],
    looksAt: '`ReplicaSetCreateError` of its condition Progressing, the generation observed, and no ReplicaSet of ours', graces: [{ of: 'names that collide', ms: replicaSetGrace }],
    quorum: 'one Deployment', excuses: '', tune: '',
  },
  {
    ids: ['unschedulable'], number: 8, title: 'No node takes it', look: unschedulable, workloads: every, looksAt: '`PodScheduled=False`, reason `Unschedulable`',
    graces: [{ of: 'a node becomes free', ms: nodeGrace }, { of: 'after `TriggeredScaleUp` or `Nominated`', ms: nodeComing }, { of: 'after `NotTriggerScaleUp`', ms: noNodeComes }],
    quorum: 'one pod', excuses: '', tune: '`scale.cpu`, `scale.memory` in convox.yml',
  },
  {
    ids: ['timer-run'], title: 'A run of the new timer failed', look: timerRun, workloads: ['CronJob'],
    looksAt: 'Jobs that the timer started from the new template after the rollout began, once they have failed for good', graces: [], quorum: 'one run',
    excuses: 'runs from before, runs of the old template', tune: '',
  },
  {
    ids: ['too-few'], number: 11, title: 'The rollout leaves too few', look: tooFew, workloads: ['Deployment'],
    looksAt: 'available processes, old and new, below what the strategy must keep, while new processes that had been ready are not any more',
    graces: [{ of: 'a check that misses once; after an exit the time of its own checks besides', ms: shortGrace }], quorum: 'as many new processes that lost readiness as are missing',
    excuses: 'what is missing for any other reason: a lost node, an autoscaler, new processes that are not ready yet', tune: '`deployment.minimum` in convox.yml',
  },
  {
    ids: ['progress-stalled'], number: 7, title: 'No progress', look: progressStalled, workloads: lasting,
    looksAt: 'the most new processes that were ever available, which has not risen for `progressDeadline` and the time its own checks take', graces: [], quorum: 'one service',
    excuses: 'blips (only a new maximum counts), blind time, the time it was paused, an autoscaler that asks for more; off once all were available',
    tune: '`deployment.progressDeadline` in convox.yml, seconds; none unless given, and never longer than the app\'s `deadline`',
  },
  {
    ids: ['native-deadline'], number: 12, title: 'Kubernetes\' own progress deadline', look: nativeDeadline, workloads: ['Deployment'],
    looksAt: '`ProgressDeadlineExceeded`, written after our write, of our ReplicaSet, the generation observed', graces: [], quorum: 'one Deployment',
    excuses: 'a condition that is left from before; ours is rendered above the app\'s deadline, so it speaks only where somebody lowered it', tune: '',
  },
]

/** What ends a rollout besides the rules over processes: listed for the documentation; the judge and the apply do them. */
export const otherEnds: readonly RuleText[] = [
  {
    ids: ['apply-refused'], number: 1, title: 'The cluster refuses the release', looksAt: 'a server-side dry run of everything before the first write', graces: [], quorum: 'one object',
    excuses: 'webhooks that time out (tried again), webhooks without dry run (a warning)', tune: '',
  },
  {
    ids: ['deadline'], title: 'Out of time', looksAt: 'the app\'s deadline, from the first write until everything runs; named after what was going wrong then', graces: [],
    quorum: 'one service', excuses: 'blind time; a release that is complete by then. Where the Deployment is paused the cause is who paused it',
    tune: 'the app\'s `deadline`, or `--deadline` of one promotion',
  },
  {
    ids: ['stability'], number: 14, title: 'The stability window', graces: [], quorum: 'the same as outside it',
    looksAt: 'every rule above, for the app\'s `stability` after everything runs; what has no readiness check must have run through it without an exit, or for '
      + `${String(provenBy)} s`,
    excuses: 'processes that are moved, autoscalers: it waits until everything runs again', tune: 'the app\'s `stability`',
  },
  {
    ids: ['changed-by-somebody-else', 'namespace-deleted'], title: 'Somebody else changed it', graces: [], quorum: 'one workload',
    looksAt: 'another pod template, a workload or namespace that is gone: the promotion stops where it is and nothing is rolled back; a workload deleted on the way back is a failed rollback',
    excuses: 'scaling, autoscalers, `kubectl rollout restart`, our own writes', tune: '',
  },
]

/** What never counts for any rule. */
export const commonExcuses: readonly string[] = [
  'processes of another ReplicaSet or template, restarts and conditions from before the rollout, a view that is not fresh, a generation that its controller has not seen',
  'processes that are being stopped, evicted, preempted, or lost with their node (`Evicted`, `Preempting`, `NodeShutdown`, `Terminated`, `NodeLost`, `DisruptionTarget`)',
  'processes on a node that is not ready or is cordoned',
]
