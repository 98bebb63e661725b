/** How urgent a use is: `urgent` has something kept back for it, `prompt` may run ahead, `ordinary` flows evenly. */
export const urgencies = ['urgent', 'prompt', 'ordinary'] as const
export type Urgency = (typeof urgencies)[number]

/** How often something may be done, shared by all replicas. Milliseconds. */
export interface LaneRule {
  /** On average from one use to the next. */
  readonly every: number
  /** How far uses may run ahead of that; `apart`: they are not counted against it at all. */
  readonly ahead: Readonly<Record<Urgency, number | 'apart'>>
  /** Never more than `most` in any `span`, however urgent. */
  readonly window: { readonly most: number; readonly span: number } | null
}

/** What was used of a lane. Milliseconds since 1970, of the database's clock. */
export interface LaneState {
  /** When the next use would be due if all were `every` apart (the theoretical arrival time of GCRA). */
  readonly due: number
  /** Uses within the rule's window, oldest first. */
  readonly uses: readonly number[]
  /** Slack said to leave it alone until then. */
  readonly pausedUntil: number
  /** An urgent use was refused then: all others let it go first. */
  readonly wantedAt: number
}

export const freshLane: LaneState = { due: 0, uses: [], pausedUntil: 0, wantedAt: 0 }

/** Others stand back for so long after an urgent use was refused: it comes back before. */
const standBack = 2_000

/** A clock that went back leaves times that are still far ahead: nothing that we write ourselves is so many uses ahead of what the rule lets. */
const mostUsesAhead = 3
/** Slack asks for seconds or minutes. */
const mostPause = 3_600_000

const pausedFrom = (lane: LaneState, now: number): number => Math.min(lane.pausedUntil, now + mostPause)

/** The lane without what cannot be so at `now`: the database's clock was set back. */
const believable = (lane: LaneState, rule: LaneRule, now: number): LaneState => {
  const furthest = Math.max(...urgencies.map((urgency) => rule.ahead[urgency]).map((ahead) => (ahead === 'apart' ? 0 : ahead)))
  return {
    due: Math.min(lane.due, now + furthest + mostUsesAhead * rule.every), uses: lane.uses.filter((use) => use <= now),
    pausedUntil: pausedFrom(lane, now), wantedAt: lane.wantedAt > now ? 0 : lane.wantedAt,
  }
}

/** `wait` is 0 when it was granted, else when to ask again, in milliseconds. */
export interface LaneAnswer { readonly wait: number; readonly lane: LaneState }

/** Takes one use of a lane, or says how long there is none. */
export const takeFrom = (kept: LaneState, rule: LaneRule, urgency: Urgency, now: number): LaneAnswer => {
  const lane = believable(kept, rule, now)
  const urgent = urgency === 'urgent'
  const uses = rule.window === null ? [] : lane.uses.slice(-rule.window.most).filter((use) => use > now - (rule.window?.span ?? 0))
  const ahead = rule.ahead[urgency]
  const apart = ahead === 'apart'
  const oldest = rule.window !== null && uses.length >= rule.window.most ? uses[0] : undefined
  const wait = Math.ceil(Math.max(
    0,
    lane.pausedUntil - now,
    ahead === 'apart' ? 0 : lane.due - ahead - now,
    oldest === undefined ? 0 : oldest + (rule.window?.span ?? 0) - now,
    urgent ? 0 : lane.wantedAt + standBack - now,
  ))
  if (wait > 0) return { wait, lane: { ...lane, uses, wantedAt: urgent ? now : lane.wantedAt } }
  return {
    wait: 0,
    lane: { ...lane, due: apart ? lane.due : Math.max(lane.due, now) + rule.every, uses: rule.window === null ? [] : [...uses, now] },
  }
}

/** Leaves a lane alone for `ms`: never shorter than it was told before. */
export const pauseLane = (lane: LaneState, ms: number, now: number): LaneState => ({ ...lane, pausedUntil: Math.max(pausedFrom(lane, now), now + ms) })
