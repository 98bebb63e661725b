import type { Caller } from './operations.ts'

/** Who asked, from where, by which delivery: what every row of the audit has that a person caused. */
export const byCaller = ({ actor, channel, message, delivery }: Caller) => ({
  actor: actor.id, team: actor.team ?? null, channel: channel ?? null, ts: message ?? null, delivery: delivery ?? null,
})
