import { setTimeout as sleep } from 'node:timers/promises'
import { writeAudit } from '../../db/audit.ts'
import { isDataRefused } from '../../db/conflict.ts'
import { addFacts, beginStep, factsOf, findPromotion, movePromotion, type PromotionRecord } from '../../db/promotions.ts'
import type { Db } from '../../db/client.ts'
import type { Json } from '../../db/schema.ts'
import type { PromotionStatus, PromotionStep } from '../../db/words.ts'
import type { Cause } from '../cause.ts'
import type { Rack } from '../context.ts'
import { HeldBackError } from '../gate/let-begin.ts'
import { fromJson, toJson } from '../json.ts'
import type { Phase, Progress, ServiceProgress } from '../progress.ts'
import { isFinal, type AppStatus } from '../promotion.ts'
import { recordPromotion } from '../recorder/record-promotion.ts'
import type { Recorder } from '../recorder/recorder.ts'
import { keyOf, lineFact, noticeFact } from '../say.ts'
import type { ThreadLine } from '../thread-line.ts'
import type { Lease } from './lease.ts'
import type { Baseline, ExpectedService } from './rollout-facts.ts'
import type { Stood } from './supersession.ts'

/** What one direction of a rollout must know after a restart. Times are RFC 3339. */
export interface DirectionState {
  /** Of the first write: the deadline counts from here. */
  readonly firstWriteAt: string
  /** Time in which the cluster was not seen, until `blindTo`: it does not use up the deadline. */
  readonly blindMs: number
  /** Absent: until the first write. */
  readonly blindTo?: string
  readonly baseline: Baseline
  /** Templates before the first write, by uid of the Deployment: what an apply left as it was is told from these, also after a restart in the middle. */
  readonly before?: Readonly<Record<string, string>>
  /** Processes of each Deployment then, by its uid: what somebody took away since is told from these, on the way back by those of the way out. */
  readonly replicas?: Readonly<Record<string, number>>
  /** From the answers of the apply; absent until all are there. */
  readonly expected?: readonly ExpectedService[]
  /** Pod templates as the cluster answered them, by Deployment: what a way back to this release compares with. */
  readonly templates?: Readonly<Record<string, Json>>
  /** What was removed before the apply already, by `kind/name`: asking again would find nothing. */
  readonly removed?: readonly string[]
  readonly stableSince?: string
  /** `blindMs` then. */
  readonly stableBlindMs?: number
  /** Of a way back: when the evidence was there; and of both, when the first write was sent: what the benchmark goes by. */
  readonly evidenceAt?: string
  readonly writingAt?: string
}

/** The release command's Job, as intended before it is made. Times are RFC 3339; `until` is counted anew once it is made. */
export interface CommandState {
  readonly name: string
  readonly startedAt: string
  readonly until: string
  /** Of the Job, with the time of the cluster's answer: absent until there is one. */
  readonly made?: { readonly uid: string; readonly at: string }
  readonly done?: boolean
  /** Why it failed, masked; its Job may still have to be ended. */
  readonly failed?: Cause
}

/** `promotions.state`. */
export interface RolloutState {
  readonly command?: CommandState
  readonly out?: DirectionState
  readonly back?: DirectionState
  /** How the workloads stood at the rehearsal, by `kind/name`: what somebody else makes of them after it is not written over. */
  readonly stood?: Readonly<Record<string, Stood>>
}

/** Another process owns the promotion now: this one stops without a word. */
export class LeaseLostError extends Error {
  constructor(promotion: string) {
    super(`${promotion} is not ours any more`)
    this.name = 'LeaseLostError'
  }
}

type Changes = Parameters<typeof movePromotion>[2]['set']

/** One promotion in the hands of this process. */
export interface Job {
  readonly rack: Rack
  readonly lease: Lease
  readonly namespace: string
  /** Keeps what the judge saw. */
  readonly recorder: Recorder
  promotion(): PromotionRecord
  state(): RolloutState
  progress(): Progress | null
  /** The status last said in the thread. */
  appStatus(): AppStatus
  /** Buffers lines and progress; they are written together, at most a few times a second. */
  line(line: ThreadLine, key?: string): void
  show(change: Partial<Progress> & { phase?: Phase; services?: readonly ServiceProgress[] }): void
  /** Writes what is buffered. A database that is away keeps it for the next time. */
  flush(): Promise<void>
  /** True when this event was written already, in this life or an earlier one. */
  knows(key: string): boolean
  /** Writes a change and the step it begins before its side effect; waits for a database that is away; throws `LeaseLostError`. */
  commit(change: JobChange): Promise<void>
  close(): void
}

export interface JobChange {
  readonly status?: PromotionStatus
  readonly step?: PromotionStep
  readonly set?: Changes
  readonly state?: RolloutState
  readonly lines?: readonly ThreadLine[]
  /** New status of the app for the thread. */
  readonly say?: readonly AppStatus[]
  readonly notice?: boolean
  readonly audit?: { readonly action: string; readonly detail: Readonly<Record<string, string | null>> }
  readonly more?: (tx: Db) => Promise<void>
  /** Asked first, in the same transaction: false means that nothing is written and `HeldBackError` is thrown. */
  readonly only?: (tx: Db) => Promise<boolean>
}

/** A write whose answer may be lost: how many facts it adds, how many of them are buffered lines, and the status said last once it is there. */
interface Attempt { readonly facts: number; readonly lines: number; readonly appStatus: AppStatus }

const flushEvery = 300
/** Lines kept for a database that is away; beyond it the oldest events go. */
const mostBuffered = 500

const lastStatus = (facts: readonly { fact: unknown }[]): AppStatus | null => {
  let last: AppStatus | null = null
  for (const { fact } of facts) if (typeof fact === 'object' && fact !== null && 'kind' in fact && fact.kind === 'status' && 'to' in fact) last = isAppStatus(fact.to) ? fact.to : last
  return last
}
const isAppStatus = (value: unknown): value is AppStatus =>
  typeof value === 'string' && ['None', 'Pending', 'Updating', 'Running', 'Error', 'Deadline', 'Cancelled', 'Rollback', 'Reverted', 'Failure'].includes(value)

/** Takes a claimed promotion into hand: what it said so far is read back, so that nothing is said twice. */
export const openJob = async (rack: Rack, lease: Lease, claimed: PromotionRecord, namespace: string): Promise<Job> => {
  const said = await factsOf(rack.db, claimed.id)
  const keys = new Set(said.map(({ fact }) => keyOf(fact)).filter((key): key is string => key !== null))
  let current = claimed
  let progress = fromJson<Progress>(claimed.progress)
  let shown = true
  let appStatus: AppStatus = lastStatus(said) ?? (claimed.fromReleaseId === null ? 'None' : 'Running')
  let lines: { line: ThreadLine; key?: string }[] = []
  let writing: Promise<void> = Promise.resolve()
  /** Facts that are surely written, and what was being written when the answer was lost: nobody else writes facts of a moving promotion. */
  let written = said.length
  let unsure: Attempt | null = null

  const requireOurs = (): void => {
    if (lease.lost.aborted) throw new LeaseLostError(claimed.id)
  }
  const facts = (taken: typeof lines) => taken.map(({ line, key }) => lineFact(line, key))
  const progressSet = () => (progress === null ? {} : { progress: toJson(progress) })

  /** Finds out whether a write whose answer was lost is there; the row if it is. Then its lines are not written again. */
  const settle = async (): Promise<PromotionRecord | null> => {
    if (unsure === null) return null
    const row = await findPromotion(rack.db, claimed.id)
    const attempt = unsure
    unsure = null
    if (row === undefined || attempt.facts === 0 || row.facts !== written + attempt.facts) return null
    written = row.facts
    lines = lines.slice(attempt.lines)
    appStatus = attempt.appStatus
    current = row
    return row
  }

  const flushNow = async (): Promise<void> => {
    if (lines.length === 0 && shown) return
    let taken: typeof lines = []
    try {
      await settle()
      taken = lines
      lines = []
      shown = true
      await rack.db.transaction(async (tx) => {
        const moved = await movePromotion(tx, claimed.id, { from: ['rolling_out', 'rolling_back'], epoch: lease.epoch, set: progressSet() })
        if (moved === undefined) return
        current = moved
        await addFacts(tx, claimed.id, facts(taken))
      })
      written += taken.length
      rack.wakeDelivery.call()
    } catch (error) {
      const kept = [...taken, ...lines].slice(-mostBuffered)
      if (taken.length > 0) unsure = { facts: taken.length, lines: Math.max(0, kept.length - lines.length), appStatus }
      lines = kept
      shown = false
      rack.log.warn({ promotion: claimed.id, error }, 'the database does not take the progress of a rollout')
    }
  }
  // One write at a time: a flush that overtakes a commit would say things out of order.
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const next = writing.then(work)
    writing = next.catch(() => undefined)
    return next
  }
  const timer = setInterval(() => void inTurn(flushNow), flushEvery)
  timer.unref()

  const write = async (change: JobChange): Promise<void> => {
    const at = rack.clock().toISOString()
    const statusLines: ThreadLine[] = []
    let from = appStatus
    for (const to of change.say ?? []) if (to !== from) {
      statusLines.push({ at, kind: 'status', from, to })
      from = to
    }
    const taken = [...lines]
    const more = [...facts([...(change.lines ?? []).map((line) => ({ line })), ...statusLines.map((line) => ({ line }))]), ...(change.notice === true ? [noticeFact] : [])]
    const attempt: Attempt = { facts: taken.length + more.length, lines: taken.length, appStatus: from }
    const moved = await rack.db.transaction(async (tx) => {
      if (change.only !== undefined && !(await change.only(tx))) throw new HeldBackError(claimed.id)
      const row = await movePromotion(tx, claimed.id, {
        from: [current.status], epoch: lease.epoch,
        set: {
          ...progressSet(), ...change.set, ...(change.status === undefined ? {} : { status: change.status }), ...(change.step === undefined ? {} : { step: change.step }),
          ...(change.state === undefined ? {} : { state: toJson(change.state) }),
        },
      })
      if (row === undefined) return undefined
      if (change.step !== undefined) await beginStep(tx, claimed.id, change.step, lease.epoch)
      await addFacts(tx, claimed.id, [...facts(taken), ...more])
      if (change.audit !== undefined) await writeAudit(tx, { rack: rack.name, app: claimed.app, actor: 'system', action: change.audit.action, promotionId: claimed.id, digest: row.digest, result: isFinal(row.status) ? row.status : null, detail: change.audit.detail })
      await change.more?.(tx)
      return row
    }).catch((error: unknown) => {
      unsure = attempt
      throw error
    })
    if (moved === undefined) {
      // Either another owner, or a commit of ours whose answer was lost.
      const row = await findPromotion(rack.db, claimed.id)
      if (row === undefined || row.epoch !== lease.epoch || row.status !== (change.status ?? current.status)) throw new LeaseLostError(claimed.id)
      current = row
    } else {
      current = moved
      written += attempt.facts
    }
    lines = lines.slice(taken.length)
    shown = true
    appStatus = from
    rack.wakeDelivery.call()
  }

  const recorder = recordPromotion(rack, claimed)

  return {
    rack, lease, namespace, recorder,
    promotion: () => current,
    state: () => fromJson<RolloutState>(current.state) ?? {},
    progress: () => progress,
    appStatus: () => appStatus,
    knows: (key) => keys.has(key),
    line: (line, key) => {
      if (key !== undefined) {
        if (keys.has(key)) return
        keys.add(key)
      }
      lines.push(key === undefined ? { line } : { line, key })
    },
    show: (change) => {
      const base: Progress = progress ?? { phase: 'checking', applied: { done: 0, total: 0 }, services: [], lastChangeAt: rack.clock().toISOString() }
      const next = { ...base, ...change }
      if (JSON.stringify({ ...next, lastChangeAt: '' }) === JSON.stringify({ ...base, lastChangeAt: '' }) && progress !== null) return
      progress = { ...next, lastChangeAt: rack.clock().toISOString() }
      shown = false
    },
    flush: async () => {
      await inTurn(flushNow)
      await recorder.flush()
    },
    commit: (change) => inTurn(async () => {
      let tried = false
      for (let wait = 100; ; wait = Math.min(wait * 2, 2_000)) {
        requireOurs()
        try {
          if ((await settle()) !== null && tried) {
            rack.wakeDelivery.call()
            return
          }
          tried = true
          return await write(change)
        } catch (error) {
          if (error instanceof LeaseLostError || error instanceof HeldBackError || isDataRefused(error)) throw error
          rack.log.warn({ promotion: claimed.id, error }, 'the database does not answer; a rollout waits for it')
          await sleep(wait)
        }
      }
    }),
    close: () => {
      clearInterval(timer)
      recorder.close()
    },
  }
}
