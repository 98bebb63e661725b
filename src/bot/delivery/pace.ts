import type { DeliveryStore } from '../../rack/delivery-store.ts'
import { urgencies, type Urgency } from '../../rack/lane.ts'
import { laneName, ranks, urgencyOf, type Lane, type LaneKind, type Rank } from './budget.ts'
import type { Timings } from './timings.ts'

/** One use of a lane that somebody here would like: the better rank first, then who has waited since longer. Milliseconds of the local clock. */
export interface Wish { readonly who: string; readonly rank: Rank; readonly since: number }

/** Who of this process may use which budget when. The budgets themselves are in the database, where all replicas share them. */
export interface Pace {
  /** When asking makes sense: 0 unless something is known against it. */
  readyAt(lane: Lane, wish: Wish): number
  /** Takes one use of the lane: null when it is granted, else when to come back. Throws when the database does not answer. */
  ask(lane: Lane, wish: Wish): Promise<number | null>
  /** Slack said to leave the lane alone for so many milliseconds: no replica uses it, and no other lane is slower for it. */
  pause(lane: Lane, ms: number): Promise<void>
  /** True while somebody else here waits for the lane. */
  contended(lane: Lane, who: string): boolean
  /** About how long an ordinary use of the lane has to wait now, in milliseconds. */
  backlog(lane: Lane, who: string): number
}

interface Standing extends Wish { readonly due: number }
interface Knowledge {
  readonly wishes: Map<string, Standing>
  readonly closedUntil: Record<Urgency, number>
  turn: Promise<unknown>
}

/** A wish that is so late is nobody's any more. */
const forgottenAfter = 2_000
/** Nobody waits longer than this without asking again: those before it may have gone. */
const mostWait = 10_000

/** Who waits comes back in this part of the time that those before it take in an even flow: what many urgent ones kept back is made up for faster (lane.ts). */
const turnShare = 1 / 4

const goesBefore = (one: Wish, other: Wish): boolean => {
  const [a, b] = [ranks.indexOf(one.rank), ranks.indexOf(other.rank)]
  return a < b || (a === b && (one.since < other.since || (one.since === other.since && one.who < other.who)))
}

export const createPace = (store: Pick<DeliveryStore, 'takeLane' | 'pauseLane'>, timings: Pick<Timings, 'rules'>, now: () => number): Pace => {
  const lanes = new Map<string, Knowledge>()
  const of = (lane: Lane): Knowledge => {
    const name = laneName(lane)
    const known = lanes.get(name) ?? { wishes: new Map<string, Standing>(), closedUntil: { urgent: 0, prompt: 0, ordinary: 0 }, turn: Promise.resolve() }
    lanes.set(name, known)
    return known
  }
  const rule = (kind: LaneKind) => timings.rules[kind]

  /** What others here still want, without those that never came back. */
  const others = (known: Knowledge, who: string): readonly Standing[] => {
    for (const [name, standing] of known.wishes) if (standing.due + forgottenAfter < now()) known.wishes.delete(name)
    return [...known.wishes.values()].filter((other) => other.who !== who)
  }

  const before = (known: Knowledge, wish: Wish): readonly Standing[] => others(known, wish.who).filter((other) => goesBefore(other, wish))

  const standBehind = (lane: Lane, known: Knowledge, wish: Wish, from: number): number => {
    const due = Math.max(from, now() + 1, Math.min(from + before(known, wish).length * rule(lane.kind).every * turnShare, now() + mostWait))
    known.wishes.set(wish.who, { ...wish, due })
    return due
  }

  const decide = async (lane: Lane, known: Knowledge, wish: Wish): Promise<number | null> => {
    const urgency = urgencyOf(wish.rank)
    const open = known.closedUntil[urgency]
    if (now() < open) return standBehind(lane, known, wish, open)
    if (before(known, wish).some((other) => other.due <= now() + rule(lane.kind).every)) return standBehind(lane, known, wish, now())
    // Between processes the database decides by the time alone: what comes last here comes last there too.
    const waited = wish.rank === 'tidy' ? 0 : Math.max(0, now() - wish.since)
    const wait = Math.min(await store.takeLane(laneName(lane), rule(lane.kind), urgency, waited), mostWait)
    if (wait === 0) {
      known.wishes.delete(wish.who)
      return null
    }
    known.closedUntil[urgency] = now() + wait
    return standBehind(lane, known, wish, now() + wait)
  }

  return {
    readyAt: (lane, wish) => {
      const known = of(lane)
      const standing = known.wishes.get(wish.who)
      return standing?.rank === wish.rank ? standing.due : known.closedUntil[urgencyOf(wish.rank)]
    },
    ask: (lane, wish) => {
      const known = of(lane)
      // Seen by everybody who asks from now on, so that of those who ask together the best one is first.
      known.wishes.set(wish.who, { ...wish, due: now() })
      const answer = known.turn.then(() => decide(lane, known, wish)).catch((error: unknown) => {
        known.wishes.delete(wish.who)
        throw error
      })
      known.turn = answer.catch(() => undefined)
      return answer
    },
    pause: async (lane, ms) => {
      const { closedUntil } = of(lane)
      for (const urgency of urgencies) closedUntil[urgency] = Math.max(closedUntil[urgency], now() + ms)
      await store.pauseLane(laneName(lane), ms)
    },
    contended: (lane, who) => others(of(lane), who).length > 0,
    backlog: (lane, who) => {
      const known = of(lane)
      return Math.max(0, known.closedUntil.ordinary - now()) + others(known, who).length * rule(lane.kind).every
    },
  }
}
