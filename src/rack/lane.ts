/** How urgent a use is: `urgent` has something kept back for it, `prompt` may run ahead, `ordinary` flows evenly. */
export const urgencies = ['urgent', 'prompt', 'ordinary'] as const
export type Urgency = (typeof urgencies)[number]

/** How often something may be done, shared by all replicas. Milliseconds. */
export interface LaneRule {
  /** On average from one use to the next. */
  readonly every: number
  /** How far uses may run ahead of that; `apart`: they are not counted against it at all. */
  readonly ahead: Readonly<Record<Urgency, number | 'apart'>>
  /** Never more than `most` in any `span`, however urgent, and of those that count against `every` never more than `counted`. */
  readonly window: { readonly most: number; readonly counted: number; readonly span: number } | null
}

/** What was used of a lane. Milliseconds since 1970, of the database's clock. */
export interface LaneState {
  /** When the next use would be due if all were `every` apart (the theoretical arrival time of GCRA). */
  readonly due: number
  /** Uses within the rule's window, oldest first: those that count against `every`, and those that do not. */
  readonly uses: readonly number[]
  readonly apart: readonly number[]
  /** Since when, and until when last, the window alone kept back what was due; 0: it does not. */
  readonly heldFrom: number
  readonly heldAt: number
  /** Slack said to leave it alone until then. */
  readonly pausedUntil: number
  /** An urgent use was refused then: all others let it go first. */
  readonly wantedAt: number
  /** Of each process whose ordinary use was refused: since when that has waited, and until when the process is expected back. */
  readonly waiting: Readonly<Record<string, { readonly since: number; readonly until: number }>>
}

/** Which of several processes asks, and how long what it asks for has waited; milliseconds. */
export interface Asker { readonly owner: string; readonly waited: number }

export const freshLane: LaneState = { due: 0, uses: [], apart: [], heldFrom: 0, heldAt: 0, pausedUntil: 0, wantedAt: 0, waiting: {} }

/** What the window kept back is made up for unless nobody asked for it for so long. */
const stillWanted = 15_000

/** Others stand back for so long after an urgent use was refused: it comes back before. */
const standBack = 2_000

/** A process that waits longer asks again before. */
const mostExpected = 10_000

/** A clock that went back leaves times that are still far ahead: nothing that we write ourselves is so many uses ahead of what the rule lets. */
const mostUsesAhead = 3
/** Slack asks for seconds or minutes. */
const mostPause = 3_600_000

const pausedFrom = (lane: LaneState, now: number): number => Math.min(lane.pausedUntil, now + mostPause)

/** The lane without what cannot be so at `now` (the database's clock was set back) and without what has left the window. */
const believable = (lane: LaneState, rule: LaneRule, now: number): LaneState => {
  const furthest = Math.max(...urgencies.map((urgency) => rule.ahead[urgency]).map((ahead) => (ahead === 'apart' ? 0 : ahead)))
  const inWindow = (use: number): boolean => rule.window !== null && use <= now && use > now - rule.window.span
  const held = lane.heldAt <= now && lane.heldAt > now - stillWanted
  return {
    due: Math.min(lane.due, now + furthest + mostUsesAhead * rule.every), uses: lane.uses.filter(inWindow), apart: lane.apart.filter(inWindow),
    heldFrom: held ? lane.heldFrom : 0, heldAt: held ? lane.heldAt : 0, pausedUntil: pausedFrom(lane, now), wantedAt: lane.wantedAt > now ? 0 : lane.wantedAt,
    waiting: Object.fromEntries(Object.entries(lane.waiting).filter(([, { until }]) => until > now && until <= now + mostExpected + standBack)),
  }
}

/** When the window has room again. */
const roomAt = (uses: readonly number[], most: number, span: number): number => (uses.length < most ? 0 : (uses[uses.length - most] ?? 0) + span)

/** `wait` is 0 when it was granted, else when to ask again, in milliseconds. */
export interface LaneAnswer { readonly wait: number; readonly lane: LaneState }

/** The lane once an ordinary use of this process was refused for so long. */
const expecting = (lane: LaneState, { owner, waited }: Asker, wait: number, now: number): LaneState =>
  ({ ...lane, waiting: { ...lane.waiting, [owner]: { since: now - waited, until: now + Math.min(wait, mostExpected) + standBack } } })

/** How long to leave an ordinary use to the other processes where something has waited longer. Each process asks for what has waited longest there. */
const turnOfOthers = (lane: LaneState, rule: LaneRule, { owner, waited }: Asker, now: number): number => {
  const older = Object.entries(lane.waiting).filter(([other, { since }]) => other !== owner && since < now - waited)
  return Math.min(rule.every, Math.max(0, ...older.map(([, { until }]) => until - now)))
}

/**
 * Takes one use of a lane, or says how long there is none. What is due flows evenly; where many urgent ones fill the window, what was due meanwhile is made
 * up for as soon as there is room, and still leaves what is kept back. Of ordinary uses that several processes ask for, what has waited longest is first.
 */
export const takeFrom = (kept: LaneState, rule: LaneRule, urgency: Urgency, now: number, asker: Asker): LaneAnswer => {
  const before = believable(kept, rule, now)
  const answer = takeAnyhow(before, rule, urgency, now)
  if (urgency !== 'ordinary') return answer
  if (answer.wait > 0) return { ...answer, lane: expecting(answer.lane, asker, answer.wait, now) }
  const wait = Math.ceil(turnOfOthers(before, rule, asker, now))
  if (wait > 0) return { wait, lane: expecting(before, asker, wait, now) }
  const { [asker.owner]: _served, ...waiting } = answer.lane.waiting
  return { wait: 0, lane: { ...answer.lane, waiting } }
}

/** Takes one use, whoever else waits for an ordinary one. */
const takeAnyhow = (lane: LaneState, rule: LaneRule, urgency: Urgency, now: number): LaneAnswer => {
  const { window } = rule
  const urgent = urgency === 'urgent'
  const ahead = rule.ahead[urgency]
  const counts = ahead !== 'apart'
  const flow = ahead === 'apart' ? 0 : lane.due - ahead
  const room = window === null ? 0 : Math.max(roomAt([...lane.uses, ...lane.apart].toSorted((a, b) => a - b), window.most, window.span), counts ? roomAt(lane.uses, window.counted, window.span) : 0)
  const wait = Math.ceil(Math.max(0, lane.pausedUntil - now, flow - now, room - now, urgent ? 0 : lane.wantedAt + standBack - now))
  if (wait > 0) {
    const held = counts && flow <= now && room > now
    return { wait, lane: { ...lane, wantedAt: urgent ? now : lane.wantedAt, ...(held ? { heldFrom: lane.heldFrom === 0 ? now : lane.heldFrom, heldAt: now } : {}) } }
  }
  const due = counts ? Math.max(lane.due, lane.heldFrom === 0 ? now : lane.heldFrom) + rule.every : lane.due
  return {
    wait: 0,
    lane: {
      ...lane, due, ...(counts && due >= now ? { heldFrom: 0, heldAt: 0 } : {}),
      ...(window === null ? {} : counts ? { uses: [...lane.uses, now] } : { apart: [...lane.apart, now] }),
    },
  }
}

/** Leaves a lane alone for `ms`: never shorter than it was told before. */
export const pauseLane = (lane: LaneState, ms: number, now: number): LaneState => ({ ...lane, pausedUntil: Math.max(pausedFrom(lane, now), now + ms) })
