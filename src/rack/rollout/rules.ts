import type { Rule } from './finding.ts'
import type { Workload } from './rollout-facts.ts'
import { cannotCreate, createGrace } from './rules/cannot-create.ts'
import { cannotStart } from './rules/cannot-start.ts'
import { crashLoop, restartLimit, sidecarMore } from './rules/crash-loop.ts'
import { exitsOnceReady, provenBy, readyExits } from './rules/exits-once-ready.ts'
import { failedCreate, quotaGrace, refusalGrace, webhookGrace } from './rules/failed-create.ts'
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
  /** Why it waits, and why it excuses that (rollouts.md 2). */
  readonly why: string
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
    excuses: 'an error that was overcome; words inside image references',
    why: 'a registry limits, fails over and replicates late, and the kubelet tries again by itself; what is missing or refused at two tries stays so',
    tune: '',
  },
  {
    ids: ['missing-mount'], number: 10, title: 'A volume\'s Secret, ConfigMap or claim is missing', look: missingMount, workloads: every,
    looksAt: '`FailedMount` events that say "not found", while no container of the pod has begun', graces: [{ of: 'somebody makes it', ms: mountGrace }],
    quorum: 'one pod', excuses: 'attaching that takes its time, Multi-Attach errors, volumes that are there by now',
    why: 'attaching heals by itself when the old node lets go; only an object that does not exist waits for somebody, who may still be making it',
    tune: '',
  },
  {
    ids: ['cannot-create'], number: 2, title: 'A container cannot be created', look: cannotCreate, workloads: every,
    looksAt: 'the waiting reasons `CreateContainerConfigError`, `CreateContainerError`, `RunContainerError`, `ContainerCannotRun` and hook errors',
    graces: [{ of: 'a Secret made a moment later', ms: createGrace }], quorum: 'one pod; at once on a second one',
    excuses: 'a kubelet whose cache is behind ("failed to sync … cache"); a runtime that says it is its own trouble (timeouts, a full disk): the deadline decides',
    why: 'a kubelet sees a new Secret late, and a node in trouble says nothing of the release: the next try or another node may do it',
    tune: '',
  },
  {
    ids: ['cannot-start'], number: 5, title: 'The command cannot be executed', look: cannotStart, workloads: every,
    looksAt: 'exit codes 126 and 127, `StartError`, `ContainerCannotRun`', graces: [], quorum: 'one exit of a container that was never ready',
    excuses: 'exit 128 that is the runtime\'s or the node\'s own trouble (`ContainerCannotRun`; timeouts, cgroups, a full disk)',
    why: 'the same command ends the same way at every start, so one exit is enough; 128 is what runtimes give for failures of their own',
    tune: '`command` in convox.yml',
  },
  {
    ids: ['out-of-memory'], number: 5, title: 'Killed for its memory', look: outOfMemory, workloads: every, looksAt: 'ended runs with the reason `OOMKilled`', graces: [],
    quorum: `${String(memoryKills)} kills, in one pod or in two`, excuses: 'sidecars',
    why: 'one kill may be one odd moment of its node, a second one is the limit; a sidecar\'s memory is not the release\'s',
    tune: '`scale.memory`, `scale.limit.memory` in convox.yml',
  },
  {
    ids: ['exits-once-ready'], number: 6, title: 'Ready, then gone', look: exitsOnceReady, workloads: lasting,
    looksAt: 'runs that had been ready when they ended, also in the stability window; without a readiness check a run counts as ready after '
      + `${String(provenBy)} s`,
    graces: [{ of: 'exit 0, 137 or 143 of a container with a liveness or startup check, without a word of the kubelet why', ms: wordIsLate }],
    quorum: `${String(readyExits)} such exits among all new pods`, excuses: 'one exit; sidecars',
    why: 'one exit may be a dependency that went away, the second one is a habit, and each ready moment in between starts Kubernetes\' own clock '
      + 'anew; a sidecar comes from a mesh, not from the release; a kill by a check looks like an exit until the kubelet has said whose it was',
    tune: '`deployment.crashRestartLimit` in convox.yml (asks for as many), `-1` to switch it off; the app\'s `stability`',
  },
  {
    ids: ['crash-loop', 'init-container'], number: 5, title: 'It exits again and again', look: crashLoop, workloads: lasting,
    looksAt: 'ended runs, `CrashLoopBackOff` or the `BackOff` event before it, restarts since the rollout began; exit code 0 too', graces: [{ of: 'exit 0, 137 or 143 of a container with a liveness or startup check, without a word of the kubelet why', ms: wordIsLate }],
    quorum: `restart ${String(restartLimit)} of one container, or backing off on two new pods, or on the only one`,
    excuses: `the first exit (a dependency that comes later); a sidecar until it has restarted ${String(sidecarMore)} time more than that in every new pod`,
    why: 'a service that starts before its database finds it at the next start; a second restart finds nothing new; a sidecar that fails in every '
      + 'new pod keeps them from serving, in one of them it is that pod\'s trouble',
    tune: '`deployment.crashRestartLimit` in convox.yml (then only the count decides), `-1` to switch it off',
  },
  {
    ids: ['never-ready'], number: 9, title: 'It runs, but is never ready', look: neverReady, workloads: lasting,
    looksAt: 'the container\'s own checks: startup and readiness, initial delay and all tries, counted from the start of the container',
    graces: [{ of: 'whole seconds of the kubelet', ms: readySlack }],
    quorum: `two pods, or the only one; with events of as many failed checks, else ${String(unprovenBudgets)} times the budget`,
    excuses: 'the first `Unhealthy` after each start; a container that was ready before',
    why: 'the budget is what convox.yml grants, from the start of the container, and does not slide; the first failed check only says that the '
      + 'server did not listen yet; events can be lost, so without them it waits longer',
    tune: '`health` and `startupProbe` in convox.yml',
  },
  {
    ids: ['failed-create'], number: 3, title: 'The cluster refuses its processes', look: failedCreate, workloads: lasting,
    looksAt: '`ReplicaFailure` on the new ReplicaSet, of an agent the `FailedCreate` events of its DaemonSet while nodes lack a process',
    graces: [
      { of: 'quota', ms: quotaGrace }, { of: 'an admission webhook that does not answer', ms: webhookGrace },
      { of: 'a missing service account, whatever else it says, a denial of an agent\'s process', ms: refusalGrace },
    ],
    quorum: 'one ReplicaSet; what a policy or an admission webhook has denied fails at first sight, unless the denial itself tells of a timeout, a '
      + 'rate limit or the like',
    excuses: 'the Deployment\'s own copy of the condition, which outlives its reason; a condition of before the ReplicaSet\'s present size',
    why: 'quota comes free when processes that are still ending are gone: they count against it whatever `maximum` and `minimum` allow; a new namespace gets its service account a moment later; '
      + 'a webhook that does not answer may be moving to another node; but a policy that has looked and said no says it again. An agent is known by events, which outlive their reason',
    tune: '`deployment.maximum` in convox.yml',
  },
  {
    ids: ['no-replica-set'], number: 13, title: 'The Deployment cannot make its ReplicaSet', look: noReplicaSet, workloads: ['Deployment'],
    looksAt: '`ReplicaSetCreateError` of its condition Progressing, the generation observed, and no ReplicaSet of ours', graces: [{ of: 'names that collide', ms: replicaSetGrace }],
    quorum: 'one Deployment', excuses: '',
    why: 'two templates whose hashes collide get another name at the controller\'s next try',
    tune: '',
  },
  {
    ids: ['unschedulable'], number: 8, title: 'No node takes it', look: unschedulable, workloads: every, looksAt: '`PodScheduled=False`, reason `Unschedulable`',
    graces: [{ of: 'a node becomes free', ms: nodeGrace }, { of: 'after `TriggeredScaleUp` or `Nominated`', ms: nodeComing }, { of: 'after `NotTriggerScaleUp`', ms: noNodeComes }],
    quorum: 'one pod', excuses: '',
    why: 'a node that was asked for takes minutes to come, and what is preempted takes its time to end; an autoscaler that adds none ends the hope',
    tune: '`scale.cpu`, `scale.memory` in convox.yml',
  },
  {
    ids: ['timer-run'], title: 'A run of the new timer failed', look: timerRun, workloads: ['CronJob'],
    looksAt: 'Jobs that somebody makes of the new timer by hand after the rollout began (`kubectl create job --from=cronjob/…`), once they have failed: the '
      + 'timer itself is suspended until the release is proven, and starts none', graces: [], quorum: 'one run',
    excuses: 'runs from before, runs of the old template',
    why: 'a timer\'s Job has one try (`backoffLimit: 0`), and on schedule it would have no more; an old template\'s run tells of the release before',
    tune: '',
  },
  {
    ids: ['too-few'], number: 11, title: 'The rollout leaves too few', look: tooFew, workloads: ['Deployment'],
    looksAt: 'available processes, old and new, below what the strategy must keep, while new processes that had been ready are not any more',
    graces: [{ of: 'a check that misses once; after an exit the time of its own checks besides', ms: shortGrace }], quorum: 'as many new processes that lost readiness as are missing',
    excuses: 'what is missing for any other reason: a lost node, an autoscaler, new processes that are not ready yet',
    why: 'a lost node or an autoscaler makes processes scarce without a fault of the release, and going back would not bring them',
    tune: '`deployment.minimum` in convox.yml',
  },
  {
    ids: ['progress-stalled'], number: 7, title: 'No progress', look: progressStalled, workloads: lasting,
    looksAt: 'the most new processes that were ever available, which has not risen for `progressDeadline` and the time its own checks take', graces: [], quorum: 'one service',
    excuses: 'blips (only a new maximum counts), blind time, the time it was paused, an autoscaler that asks for more; off once all were available',
    why: 'off unless asked for: "longer than its rollouts usually take" would be wrong on the first slow day of a registry or of nodes, and the '
      + 'deadline ends a rollout that stands anyway; where it is on, processes that come and go are no progress, and a pause or blindness is nobody\'s '
      + 'standstill',
    tune: '`deployment.progressDeadline` in convox.yml, seconds; none unless given, and never longer than the app\'s `deadline`',
  },
  {
    ids: ['native-deadline'], number: 12, title: 'Kubernetes\' own progress deadline', look: nativeDeadline, workloads: ['Deployment'],
    looksAt: '`ProgressDeadlineExceeded`, written after our write, of our ReplicaSet, the generation observed', graces: [], quorum: 'one Deployment',
    excuses: 'a condition that is left from before; ours is rendered above the app\'s deadline, so it speaks only where somebody lowered it',
    why: 'the condition outlives its reason: right after a new template it still tells of the rollout before, even with the generation observed',
    tune: '',
  },
]

/** What ends a rollout besides the rules over processes: listed for the documentation; the judge and the apply do them. */
export const otherEnds: readonly RuleText[] = [
  {
    ids: ['apply-refused'], number: 1, title: 'The cluster refuses the release', looksAt: 'a server-side dry run of everything before the first write', graces: [], quorum: 'one object',
    excuses: 'webhooks that do not answer (tried again and said on the card; for as long as the deadline), webhooks without dry run (a warning)',
    why: 'a webhook that timed out may answer the next time, and one without dry run cannot be asked without writing',
    tune: '',
  },
  {
    ids: ['pull-secret'], title: 'The pull secret cannot be read', looksAt: 'the rack\'s `PULL_SECRET`, before anything is written', graces: [],
    quorum: 'one Secret', excuses: 'once something was written, and on the way back: then it is a warning',
    why: 'the copy of an earlier release is still there, and a way back must not fail over it',
    tune: '',
  },
  {
    ids: ['deadline'], title: 'Out of time', looksAt: 'the app\'s deadline, from the first write until everything runs; named after what was going wrong then', graces: [],
    quorum: 'one service',
    excuses: 'blind time; a release that is complete by then. Where the Deployment is paused, or scaled to 0 since the rollout began, the cause is who did that',
    why: 'nobody knows what happened while nothing was seen; a release that is complete is not late; a pause is somebody\'s decision, and is named as one; '
      + 'where no process is left nothing can fail, and nothing is proven',
    tune: 'the app\'s `deadline`, or `--deadline` of one promotion',
  },
  {
    ids: ['stability'], number: 14, title: 'The stability window', graces: [], quorum: 'the same as outside it',
    looksAt: 'every rule above, for the app\'s `stability` after everything runs; what has no readiness and no startup check must have run for '
      + `${String(provenBy)} s`,
    excuses: 'processes that are moved, autoscalers: it waits until everything runs again, as long as the app\'s `deadline` after the window (blind time not counted)',
    why: 'some releases fail only once they serve; a process that is moved by its node says nothing of them',
    tune: 'the app\'s `stability`',
  },
  {
    ids: ['changed-by-somebody-else', 'namespace-deleted'], title: 'Somebody else changed it', graces: [], quorum: 'one workload',
    looksAt: 'another pod template, a workload or namespace that is gone: the promotion stops where it is and nothing is rolled back; a workload deleted on the way back is a failed rollback',
    excuses: 'scaling (to 0 by a person: rule `deadline`), autoscalers, `kubectl rollout restart`, our own writes',
    why: 'scaling and restarts by hand run the very same release; who wrote another template wants it, and going back would undo their work',
    tune: '',
  },
]

/** What never counts for any rule, and why. */
export const commonExcuses: readonly { readonly what: string; readonly why: string }[] = [
  {
    what: 'processes of another ReplicaSet or template, restarts and conditions from before the rollout, a generation that its controller has not seen',
    why: 'they tell of the release before: old processes that crash are often what is being mended, and conditions stay after their reason is gone',
  },
  { what: 'a view that is not fresh', why: 'what is missing in it may have happened; missing data is never a failure' },
  {
    what: 'processes that are being stopped, evicted, preempted, or lost with their node (`Evicted`, `Preempting`, `NodeShutdown`, `Terminated`, `NodeLost`, `DisruptionTarget`)',
    why: 'somebody or something else took them away, whatever they run, and others come in their place',
  },
  { what: 'processes on a node that is not ready or is cordoned', why: 'their state is the node\'s, or they are about to be moved' },
]
