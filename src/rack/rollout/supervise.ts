import { findApp } from '../../db/apps.ts'
import { claimRollouts, dropLease, type PromotionRecord } from '../../db/promotions.ts'
import type { Rack } from '../context.ts'
import { promotionRef } from '../ids.ts'
import { isMoving } from '../promotion.ts'
import { begin } from './begin.ts'
import { giveUp } from './give-up.ts'
import { LeaseLostError, openJob, type Job } from './job.ts'
import { askedNow, holdLease, leaseSeconds, type Asked, type Lease } from './lease.ts'
import { createLateWrites } from './late-writes.ts'
import { rollBack } from './roll-back.ts'
import { rollOut } from './roll-out.ts'

/** Other replicas' promotions are found by looking this often. */
const lookEvery = 1_000
/** At once per process: each costs a few timers and what it shows; the judge of one never waits for another. */
const claimedAtOnce = 50
/** Milliseconds of the monotonic clock: after something unexpected a promotion rests this long before it is taken up again. */
const restAfterFault = 5_000
/** So often; then it is given up. A passing trouble of database or cluster is waited for elsewhere and is no fault. */
const mostFaults = 6

/** The rollouts in the hands of this process. */
export interface Supervisor {
  running(): readonly string[]
  /** Gives every rollout back, so that another replica goes on at once. Nothing is stopped on the cluster. */
  stop(): Promise<void>
}

const advance = async (job: Job): Promise<void> => {
  for (;;) {
    const { status } = job.promotion()
    if (status === 'queued') {
      if (!(await begin(job))) return
    } else if (status === 'rolling_out') await rollOut(job)
    else if (status === 'rolling_back') await rollBack(job)
    else return
  }
}

/**
 * Claims and carries out what moves and what is next in line, until stopped. `takeOwn`: this process holds the instance's session lock, so leases in its
 * name are a dead predecessor's and are taken back at once.
 */
export const startSupervisor = (rack: Rack, options: { takeOwn: boolean }): Supervisor => {
  const held = new Map<string, { lease: Lease; done: Promise<void> }>()
  const resting = new Map<string, number>()
  const faults = new Map<string, number>()
  const lateWrites = createLateWrites(rack)
  let stopping = false
  let looking: Promise<void> | null = null
  let tidying: Promise<void> | null = null
  let again = false
  // Only the first look may take what stands under our own name: later on such a lease is a living twin's, should the session lock have been lost.
  let takeOwn = options.takeOwn

  /** Once for each direction: what comes after it is counted anew. */
  const givenUp = async (job: Job): Promise<void> => {
    job.rack.log.error({ promotion: job.promotion().id, ref: promotionRef(job.promotion().id) }, 'a rollout that stopped on something unexpected again and again is given up')
    await giveUp(job)
    faults.delete(job.promotion().id)
  }

  const carryOut = async (promotion: PromotionRecord, lease: Lease): Promise<void> => {
    const log = rack.log.child({ promotion: promotion.id, ref: promotionRef(promotion.id), app: promotion.app })
    const app = await findApp(rack.db, rack.name, promotion.app)
    if (app === undefined) return
    const job = await openJob(rack, lease, promotion, app.namespace)
    // What moves already was somebody else's until now, who may have died with a write on its way.
    if (isMoving(promotion.status)) lateWrites.changedHands(promotion.id)
    try {
      log.info({ status: promotion.status, step: promotion.step, epoch: lease.epoch }, 'a rollout is taken up')
      if ((faults.get(promotion.id) ?? 0) >= mostFaults) await givenUp(job)
      await advance(job)
      faults.delete(promotion.id)
      log.info({ status: job.promotion().status }, 'a rollout is done')
    } catch (error) {
      if (error instanceof LeaseLostError) {
        log.info('a rollout went to another owner')
        lateWrites.changedHands(promotion.id)
      } else {
        log.error({ error }, 'a rollout stopped on something unexpected and is taken up again')
        faults.set(promotion.id, (faults.get(promotion.id) ?? 0) + 1)
        resting.set(promotion.id, performance.now() + restAfterFault)
      }
    } finally {
      await job.flush().catch((error: unknown) => log.warn({ error }, 'the last progress was not written'))
      job.close()
    }
  }

  const take = (promotion: PromotionRecord, asked: Asked): void => {
    const lease = holdLease(rack.db, promotion.id, promotion.epoch, asked)
    const done = carryOut(promotion, lease)
      .catch((error: unknown) => {
        rack.log.error({ error, promotion: promotion.id }, 'a rollout could not be taken up')
        resting.set(promotion.id, performance.now() + restAfterFault)
      })
      .then(async () => {
        lease.stop()
        held.delete(promotion.id)
        await dropLease(rack.db, promotion.id, promotion.epoch).catch((error: unknown) => rack.log.warn({ error, promotion: promotion.id }, 'a lease was not given back; it runs out'))
        if (!stopping) look()
      })
    held.set(promotion.id, { lease, done })
  }

  const claim = async (): Promise<void> => {
    const now = performance.now()
    for (const [id, until] of resting) if (until <= now) resting.delete(id)
    const asked = askedNow()
    const claimed = await claimRollouts(rack.db, { rack: rack.name, owner: rack.instance, running: [...held.keys(), ...resting.keys()], takeOwn, seconds: leaseSeconds, limit: claimedAtOnce })
    takeOwn = false
    for (const promotion of claimed) {
      if (held.has(promotion.id) || resting.has(promotion.id) || stopping) continue
      take(promotion, asked)
    }
  }
  const look = (): void => {
    if (stopping) return
    if (looking !== null) {
      again = true
      return
    }
    looking = claim()
      .catch((error: unknown) => rack.log.warn({ error }, 'the database does not answer; no rollout begins'))
      .finally(() => {
        looking = null
        if (again) {
          again = false
          look()
        }
      })
  }
  /** Beside the claim: a cluster that answers slowly keeps no rollout from being taken up. */
  const tidy = (): void => {
    tidying ??= lateWrites.look()
      .catch((error: unknown) => rack.log.warn({ error }, 'what changed hands could not be looked after; it is tried again'))
      .finally(() => {
        tidying = null
      })
  }
  const timer = setInterval(() => {
    look()
    tidy()
  }, lookEvery)
  const unwake = rack.wakeRollouts.on(() => {
    look()
    for (const { lease } of held.values()) void lease.look()
  })
  look()
  return {
    running: () => [...held.keys()],
    stop: async () => {
      stopping = true
      clearInterval(timer)
      unwake()
      await Promise.all([looking, tidying])
      for (const { lease } of held.values()) lease.stop()
      await Promise.all([...held.values()].map(({ done }) => done))
    },
  }
}
