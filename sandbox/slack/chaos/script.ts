import { randomOf, type Random } from './random.ts'

/** What may go wrong with a call of the Web API. */
export const callKinds = [
  'answer lost',
  'request lost',
  'answer late',
  'HTTP 500',
  'HTTP 500 after storing',
  'internal_error after storing',
  'rate limited',
] as const
export type CallKind = (typeof callKinds)[number]

/** What may go wrong with an envelope. */
export const envelopeKinds = ['same envelope twice', 'new envelope for the same', 'envelopes out of order'] as const
export type EnvelopeKind = (typeof envelopeKinds)[number]

/** What may happen at some moment: to the sockets, by the hand of a person, to a process of the app. */
export const actKinds = [
  'socket killed',
  'socket half-open',
  'sockets refreshed',
  'parent deleted',
  'channel archived',
  'bot thrown out',
  'user deactivated',
  'user group emptied',
  'edit window closed',
  'process killed',
] as const
export type ActKind = (typeof actKinds)[number]

export type ChaosKind = CallKind | EnvelopeKind | ActKind
export const chaosKinds: readonly ChaosKind[] = [...callKinds, ...envelopeKinds, ...actKinds]

/** Calls of `method` go wrong: the n-th of each channel (from 1), or that share of them; `most` times in all. */
export type CallRule = { kind: CallKind; method: string; nth?: number; share?: number; most: number; ms: number }
/** That share of envelopes goes another way; `ms` apart. */
export type EnvelopeRule = { kind: EnvelopeKind; share: number; most: number; ms: number }
/** It happens right before the n-th post or redraw (from 1) in the channel with that number. `who` is the number of a person. */
export type Act = { kind: ActKind; channel: number; nth: number; who: number }

/** Everything that goes wrong in one run. */
export type ChaosScript = { seed: number; kinds: readonly ChaosKind[]; calls: readonly CallRule[]; envelopes: readonly EnvelopeRule[]; acts: readonly Act[] }

const isCall = (kind: ChaosKind): kind is CallKind => callKinds.some((one) => one === kind)
const isEnvelope = (kind: ChaosKind): kind is EnvelopeKind => envelopeKinds.some((one) => one === kind)
const isAct = (kind: ChaosKind): kind is ActKind => actKinds.some((one) => one === kind)

/** What the app says and shows with, then what it reads and asks with. */
const saying = ['chat.postMessage', 'chat.update'] as const
const asking = ['conversations.replies', 'conversations.history', 'users.info', 'views.open', 'chat.postEphemeral', 'apps.connections.open'] as const

/** Shorter than any patience of a client (10 s), so that what arrives late still arrives before it is looked for. `rate limited`: whole seconds. */
const lateness = (random: Random, kind: CallKind): number => (kind === 'rate limited' ? random.between(1, 3) * 1000 : random.between(200, 2_000))

const callRules = (random: Random, kind: CallKind): CallRule[] => {
  const rules: CallRule[] = saying.map((method) => ({ kind, method, share: 0.1 + random.next() * 0.3, most: random.between(2, 5), ms: lateness(random, kind) }))
  rules.push({ kind, method: random.pick(saying), nth: random.between(1, 4), most: 5, ms: lateness(random, kind) })
  rules.push({ kind, method: random.pick(asking), share: 0.3, most: 2, ms: lateness(random, kind) })
  return rules
}

/** A script of these kinds, its numbers drawn by the seed. `channels` and `people` are how many there are. */
export const scriptOfKinds = (kinds: readonly ChaosKind[], seed: number, { channels, people }: { channels: number; people: number }): ChaosScript => {
  const random = randomOf(seed)
  const actsOf = (kind: ActKind): Act[] => {
    // Somebody is left who may decide, and the group is emptied once.
    const times = kind === 'user deactivated' || kind === 'user group emptied' ? 1 : 2
    return Array.from({ length: times }, () => ({ kind, channel: random.between(0, channels - 1), nth: random.between(1, 3), who: random.between(0, people - 1) }))
  }
  return {
    seed,
    kinds,
    calls: kinds.filter(isCall).flatMap((kind) => callRules(random, kind)),
    envelopes: kinds.filter(isEnvelope).map((kind) => ({ kind, share: 0.3 + random.next() * 0.4, most: 8, ms: random.between(20, 600) })),
    acts: kinds.filter(isAct).flatMap(actsOf),
  }
}

/** The script of a seed: one kind by its turn, so that as many seeds as there are kinds meet them all, and up to two more. */
export const scriptOf = (seed: number, size: { channels: number; people: number }): ChaosScript => {
  const random = randomOf(seed * 7919)
  const kinds = new Set<ChaosKind>([chaosKinds[seed % chaosKinds.length] ?? 'answer lost'])
  for (let more = random.between(0, 2); more > 0; more -= 1) kinds.add(random.pick(chaosKinds))
  return scriptOfKinds([...kinds], seed, size)
}
