import { defaultParams } from '../src/rack/params.ts'
import { recordingDays, recordingLimit } from '../src/rack/recorder/bound.ts'
import { evidenceBudget } from '../src/rack/rollout/evidence.ts'
import { podExcuses } from '../src/rack/rollout/excuses.ts'
import { commonExcuses, otherEnds, rules, type Grace, type RuleText } from '../src/rack/rollout/rules.ts'
import { markdownTable } from './markdown-table.ts'

const duration = (ms: number): string => {
  if (ms < 1_000) return `${ms} ms`
  const seconds = ms / 1_000
  return seconds >= 120 && seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`
}

const graceOf = ({ of, ms }: Grace): string => `${duration(ms)}: ${of}`

const ruleRow = (rule: RuleText): readonly string[] => [
  rule.ids.map((id) => `\`${id}\``).join(', '), rule.title, rule.looksAt, rule.graces.length === 0 ? 'at once' : rule.graces.map(graceOf).join('; '), rule.quorum,
  rule.excuses === '' ? '–' : rule.excuses, rule.why,
]

const workloadNames = { Deployment: 'services', DaemonSet: 'agents', CronJob: 'timers' } as const

const tuned = [...rules, ...otherEnds].filter((rule) => rule.tune !== '')

/** docs/rollouts.md, made from what the judge's rules say of themselves and from the constants they use. Pure. */
export const rolloutsDoc = (): string => `<!-- Made by \`npm run docs\` from src/rack/rollout/rules.ts. Do not edit. -->
# When a rollout fails, and what is excused

After each promotion Slipway watches the app's processes and judges every change of them, as it comes: a watch, never a poll. A pure function of the facts
and the clock ([judge.ts](../src/rack/rollout/judge.ts)) says *undecided*, *progressing*, *complete*, *failed* or *superseded*. A failure rolls the whole app
back to the release that was proven last, and the way back is judged by the same function; *superseded* means that somebody else changed the app meanwhile,
and nothing is rolled back. A release is complete when every service runs exactly its template with as many processes as the live object asks for, and nothing
else; it is active once it has stayed so through the stability window.

A rule waits for its grace period, and asks for a quorum, where what it sees is often harmless: the last column says why. Of several that are due, the first in
this table names the cause.

## Rules

${markdownTable(['Rule', 'What is wrong', 'What it looks at', 'Waits', 'How many must show it', 'What it excuses', 'Why'], rules.map(ruleRow))}

Which workloads a rule judges:

${markdownTable(['Rule', 'Judges'], rules.map((rule) => [rule.ids.map((id) => `\`${id}\``).join(', '), rule.workloads.map((workload) => workloadNames[workload]).join(', ')]))}

## What else ends a rollout

${markdownTable(['Rule', 'What', 'How', 'Waits', 'How many', 'What it excuses', 'Why'], otherEnds.map(ruleRow))}

## Never counted, by any rule

${markdownTable(['What', 'Why'], commonExcuses.map(({ what, why }) => [what, why]))}

Each of these says something about the cluster or about the release before, and nothing about the one that is rolled out. A cause names what was excused
beside it, by process and reason: ${podExcuses.map((excuse) => `\`${excuse}\``).join(', ')}.

While the cluster is not seen (a connection that does not answer, a list that has to be read again) nothing is judged, and the time does not count against
the deadline. A verdict that nothing but the clock makes due is given only after the cluster has answered once more.

## How to tune it

${markdownTable(['Param of the app', 'Default', 'What'], [
  ['`deadline`', duration(defaultParams.deadline * 1_000), 'from the first write until everything runs; `releases promote --deadline 20m` for one promotion. A way back has as long again.'],
  ['`stability`', duration(defaultParams.stability * 1_000), 'how long a complete release must stay so before it is active, whatever a process without a check needs besides (rule `stability`). A way back is proven when it is complete.'],
])}

\`/convox apps params set deadline=20m stability=1m -a shop\` sets them. Each rule is tuned by what it judges:

${markdownTable(['Rule', 'By'], tuned.map((rule) => [rule.ids.map((id) => `\`${id}\``).join(', '), rule.tune]))}

## When a verdict falls

The cause is written down and shown at once. The last lines of at most three failing containers are read while they are still there (${duration(evidenceBudget)} at most);
then the objects of the release that was proven last are applied again, whole, and what it lacks is deleted. A first release has nothing to go back to: its
processes are stopped and kept for inspection. A way back that fails is final and said loudly; there is no second attempt by itself.

## What it asks of the cluster

Two requests for each object: a dry run and the apply. One more where somebody else owns a field, two where it changed in between (a read, and the apply
again), one for each deletion. A timer takes two more, to be suspended while the release rolls out and to run again afterwards; a release command one to make
its Job; the rack's pull secret is read before anything is written, and its copy is one object more. On the way back each object is looked at and applied, the pull
secret read and applied. Whatever else is known comes from the watches.

## Why was this rolled back?

Every promotion keeps the facts that its judge saw: what the watch showed of the app's namespace, change by change, with every env value hidden (at most
${recordingLimit / 1_000} kB compressed, its beginning and its end; for ${recordingDays} days). None are kept of a release command: it is judged by its one Job, whose
output stands in the thread and which stays until a release succeeds. A deployer gets the facts as a file:

\`\`\`
/convox promotions info PQXWKTRDLNE --facts -a shop
npm run judge -- PQXWKTRDLNE.jsonl [--deadline 20m] [--wait 5m]
\`\`\`

The second line replays the file through the very judge under a clock of its own and prints every change of the verdict with its time, rule, process, evidence and
excuses; the last line is the final verdict as JSON. \`--deadline\` asks what would have happened with another one, \`--wait\` lets the clock run on after the last
line. A recorded watch of a namespace (one JSON object a line: \`t\` in milliseconds, \`kind\`, \`type\`, \`object\`; notes \`PROMOTE\` and \`ROLLBACK\`) is judged the same way.
A wrong verdict in the field is a file to add to \`test/recordings\`.
`
