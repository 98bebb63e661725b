import { fieldManager } from '../cluster/objects.ts'
import type { Progress } from '../progress.ts'
import { blindTime } from './blind-time.ts'
import { maskFor, maskServices } from './evidence.ts'
import { eventLine } from './event-lines.ts'
import type { EventFacts } from './facts.ts'
import type { DirectionState, Job } from './job.ts'
import type { StabilityWindow, Verdict } from './judge.ts'
import type { RolloutFacts } from './rollout-facts.ts'
import { untilDecided } from './until-decided.ts'
import { createWaker, onLeaseNews } from './waker.ts'
import { mayGoOn } from './write.ts'

/** Events kept for the thread while the database does not answer; beyond it the oldest go. */
const mostEvents = 1_000

/** How a direction is watched. */
export interface Watching {
  readonly direction: 'out' | 'back'
  /** Whose pods' events belong in the thread. */
  readonly release: string
  readonly cancellable: boolean
  readonly phase: Progress['phase']
  /** Judges the facts at `now`; undefined ends nothing. */
  readonly judge: (facts: RolloutFacts, now: Date) => Verdict
  /** True when this verdict ends the wait. */
  readonly decided: (verdict: Verdict, now: Date) => boolean
  /** When to look again although nothing changed, besides the verdict's own time. */
  readonly lookAgainAt?: Date
  /** The stability window, where it is in one: kept with what the judge saw. */
  readonly window?: StabilityWindow
}

/** The facts of one direction now. `blindMs` moves the deadline: blind time does not use it up. */
export const factsNow = (job: Job, direction: 'out' | 'back', state: DirectionState, blindMs: number): RolloutFacts => {
  const { deadlineSeconds } = job.promotion()
  return {
    direction, ourManager: fieldManager, fresh: job.rack.cluster.blindSince() === null, startedAt: state.firstWriteAt,
    deadlineAt: new Date(Date.parse(state.firstWriteAt) + deadlineSeconds * 1000 + blindMs).toISOString(), deadline: deadlineSeconds,
    expected: state.expected ?? [], baseline: state.baseline, ...job.rack.cluster.facts(job.namespace),
  }
}

/** How long a direction was blind until now: what was written down, and what was seen to be blind since then. */
export const blindOf = ({ rack }: Pick<Job, 'rack'>, state: DirectionState): Required<Pick<DirectionState, 'blindMs' | 'blindTo'>> => ({
  blindMs: state.blindMs + rack.cluster.blindFor(new Date(state.blindTo ?? state.firstWriteAt)), blindTo: rack.clock().toISOString(),
})

const stateOf = (job: Job, direction: 'out' | 'back'): DirectionState => {
  const state = job.state()[direction]
  // Without anything to look for, everything would be complete at once.
  if (state?.expected === undefined || state.expected.length === 0) throw new Error(`${job.promotion().id} is watched before it was applied`)
  return state
}

/**
 * Watches until the judge decides: at every change of the namespace, when sight is lost or returns, at the verdict's own times, never by polling. Blind
 * time is counted, said once, and judged on nothing; the facts are looked at before the clock when sight returns. A verdict that nothing but the clock
 * made due is given only after the cluster has answered once more: a frozen connection looks like one on which nothing happens. Throws `StoppedError` on a
 * cancel, `LeaseLostError`.
 */
export const awaitVerdict = async (job: Job, watching: Watching): Promise<{ verdict: Verdict; facts: RolloutFacts; blind: Pick<DirectionState, 'blindMs' | 'blindTo'> }> => {
  const { rack, lease } = job
  const state = stateOf(job, watching.direction)
  const mask = await maskFor(job)
  const before = blindOf(job, state)
  const blind = blindTime(before.blindMs, new Date(state.firstWriteAt), new Date(before.blindTo))
  const waker = createWaker()
  const events: EventFacts[] = [...rack.cluster.facts(job.namespace).events]
  const stopWatching = rack.cluster.subscribe(job.namespace, (event) => {
    if (event !== undefined) events.push(event)
    if (events.length > mostEvents) events.shift()
    waker.wake()
  })
  const stopNews = onLeaseNews(lease, waker)

  const tellEvents = (): void => {
    const { replicaSets, pods } = rack.cluster.facts(job.namespace)
    const scope = { deployments: (state.expected ?? []).map((expected) => expected.deployment), release: watching.release, since: Date.parse(state.firstWriteAt), replicaSets, pods }
    for (const event of events.splice(0).sort((a, b) => Date.parse(a.lastAt ?? '') - Date.parse(b.lastAt ?? ''))) {
      const line = eventLine(event, scope)
      if (line !== undefined && !job.knows(line.key)) job.line({ kind: 'event', at: line.at, object: line.object, text: mask(line.text), count: line.count }, line.key)
    }
  }
  /** What the loss and return of sight mean for the deadline, the card and the thread. */
  const lookForSight = async (now: Date): Promise<void> => {
    const news = blind.note(rack.cluster.blindSince(), now)
    if (news?.kind === 'blind') {
      job.line({ kind: 'blind', at: now.toISOString() })
      job.show({ blindSince: news.since.toISOString() })
    } else if (news?.kind === 'sighted') {
      job.line({ kind: 'sighted', at: now.toISOString(), seconds: Math.round(news.lasted / 1000) })
      if (job.progress() !== null) job.show({ blindSince: undefined })
      await job.commit({ state: { ...job.state(), [watching.direction]: { ...state, blindMs: blind.ms, blindTo: now.toISOString() } } })
    }
  }
  /** Milliseconds until the clock alone may change something; null when it cannot. */
  const untilNextLook = (verdict: Verdict, now: Date): number | null => {
    const times = [verdict.nextLookAt, watching.lookAgainAt ?? null, blind.sayAt].filter((at): at is Date => at !== null).map((at) => at.getTime() - now.getTime() + 1)
    const ahead = times.filter((ms) => ms > 0)
    return ahead.length === 0 ? null : Math.min(...ahead)
  }
  const look = async () => {
    mayGoOn(job, { cancellable: watching.cancellable })
    const now = rack.clock()
    await lookForSight(now)
    const facts = factsNow(job, watching.direction, state, blind.ms)
    const verdict = watching.judge(facts, now)
    job.recorder.saw({ facts, now, verdict, window: watching.window }, mask)
    tellEvents()
    if (verdict.kind !== 'undecided') job.show({ phase: watching.phase, services: maskServices(verdict.services, mask), deadlineAt: facts.deadlineAt })
    return { decided: watching.decided(verdict, now) ? { verdict, facts, blind: { blindMs: blind.ms, blindTo: now.toISOString() } } : null, next: untilNextLook(verdict, now) }
  }

  try {
    return await untilDecided(rack.cluster, waker, look)
  } finally {
    stopWatching()
    stopNews()
  }
}
