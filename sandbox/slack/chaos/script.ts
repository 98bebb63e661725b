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
/** The n-th envelope from each channel (from 1), or that share of all, goes another way; `ms` apart. */
export type EnvelopeRule = { kind: EnvelopeKind; nth?: number; share?: number; most: number; ms: number }
/** It happens right before the n-th post or redraw (from 1) in the channel with that number. */
export type Act = { kind: ActKind; channel: number; nth: number }

/** Everything that goes wrong in one run. */
export type ChaosScript = { seed: number; kinds: readonly ChaosKind[]; calls: readonly CallRule[]; envelopes: readonly EnvelopeRule[]; acts: readonly Act[] }

/** What a script can count on in each channel. */
export type ChaosGround = readonly {
  /** So many posts and redraws come there at least, whatever goes wrong (at least 2). */
  calls: number
  /** Somebody decides there: it matters who is active, and who is in the user group. */
  decided: boolean
}[]

const isCall = (kind: ChaosKind): kind is CallKind => callKinds.some((one) => one === kind)
const isEnvelope = (kind: ChaosKind): kind is EnvelopeKind => envelopeKinds.some((one) => one === kind)
const isAct = (kind: ChaosKind): kind is ActKind => actKinds.some((one) => one === kind)

/** They take away whoever decides: before the first message, or the decision may be there already. */
const ofDeciders: readonly ActKind[] = ['user deactivated', 'user group emptied']
/** They need a card that is there. */
const ofCards: readonly ActKind[] = ['parent deleted', 'edit window closed']
/** What would have been said or redrawn in the channel afterwards may never be tried there. */
const diverting: readonly ActKind[] = ['parent deleted', 'channel archived', 'bot thrown out', 'edit window closed']

/** What the app says and shows with, then what it reads and asks with. */
const saying = ['chat.postMessage', 'chat.update'] as const
const asking = [
  'conversations.replies', 'conversations.history', 'users.info', 'views.open', 'chat.postEphemeral', 'apps.connections.open', 'conversations.join', 'conversations.open',
] as const

/** Calls that come in every channel: the card, what is said after it, and the redraw of its end. Only the first comes also where an act diverts. */
const first = { method: 'chat.postMessage', nth: 1 } as const
const sure = [first, { method: 'chat.postMessage', nth: 2 }, { method: 'chat.update', nth: 1 }] as const

/** Shorter than any patience of a client (10 s), so that what arrives late still arrives before it is looked for. `rate limited`: whole seconds. */
const lateness = (random: Random, kind: CallKind): number => (kind === 'rate limited' ? random.between(1, 3) * 1000 : random.between(200, 2_000))

/** The call that surely goes wrong, another one for each kind, then what luck adds. Where several rules fit, the first one counts. */
const callRules = (random: Random, kinds: readonly CallKind[], diverted: boolean, ground: ChaosGround): CallRule[] => {
  const turn = diverted ? 0 : random.between(0, sure.length - 1)
  const slots = [...sure.slice(turn), ...sure.slice(0, turn)]
  return [
    // More than there are channels: also where a conversation goes on.
    ...kinds.map((kind, index): CallRule => ({ kind, ...(slots[index] ?? first), most: ground.length * 2, ms: lateness(random, kind) })),
    ...kinds.flatMap((kind): CallRule[] => [
      ...saying.map((method) => ({ kind, method, share: 0.1 + random.next() * 0.3, most: random.between(2, 5), ms: lateness(random, kind) })),
      { kind, method: random.pick(saying), nth: random.between(2, 4), most: 5, ms: lateness(random, kind) },
      { kind, method: random.pick(asking), share: 0.3, most: 2, ms: lateness(random, kind) },
    ]),
  ]
}

/** Likewise: one of the two commands of each channel, a kind the one, another kind the other. */
const envelopeRules = (random: Random, kinds: readonly EnvelopeKind[], ground: ChaosGround): EnvelopeRule[] => {
  const nth = random.between(1, 2)
  return [
    ...kinds.map((kind, index) => ({ kind, nth: index === 0 ? nth : 3 - nth, most: ground.length, ms: random.between(20, 600) })),
    ...kinds.map((kind) => ({ kind, share: 0.3 + random.next() * 0.4, most: 8, ms: random.between(20, 600) })),
  ]
}

/** Channels in which a kind of act makes a difference. */
const placesOf = (kind: ActKind, ground: ChaosGround): readonly number[] => ground.flatMap(({ decided }, channel) => (decided || !ofDeciders.includes(kind) ? [channel] : []))

/**
 * The first kind by its turn: one half of its channels, ten seeds later the other one. A further kind in one channel that is left: acts in one channel
 * could prevent each other.
 */
const actsOf = (random: Random, kinds: readonly ActKind[], seed: number, ground: ChaosGround, afterCard: boolean): Act[] => {
  const acts: Act[] = []
  for (const kind of kinds) {
    const places = placesOf(kind, ground)
    const turn = actKinds.indexOf(kind) % places.length
    const turned = [...places.slice(turn), ...places.slice(0, turn)]
    const half = Math.ceil(places.length / 2)
    const mine = Math.floor((seed - 1) / actKinds.length) % 2 === 0 || places.length === 1 ? turned.slice(0, half) : turned.slice(half)
    const free = places.filter((place) => acts.every(({ channel }) => channel !== place))
    for (const channel of acts.length === 0 ? mine : [random.pick(free)]) {
      const least = ofCards.includes(kind) || (afterCard && diverting.includes(kind)) ? 2 : 1
      acts.push({ kind, channel, nth: ofDeciders.includes(kind) ? 1 : random.between(least, ground[channel]?.calls ?? least) })
    }
  }
  return acts
}

/** A script of these kinds, its numbers drawn by the seed. */
export const scriptOfKinds = (kinds: readonly ChaosKind[], seed: number, ground: ChaosGround): ChaosScript => {
  const random = randomOf(seed)
  const calls = kinds.filter(isCall)
  const diverted = kinds.some((kind) => isAct(kind) && diverting.includes(kind))
  return {
    seed,
    kinds,
    calls: callRules(random, calls, diverted, ground),
    envelopes: envelopeRules(random, kinds.filter(isEnvelope), ground),
    acts: actsOf(random, kinds.filter(isAct), seed, ground, calls.length > 0),
  }
}

/**
 * The script of a seed: an act and a trouble with messages by their turns, so that in twenty seeds each kind meets each channel and in a hundred each act
 * each trouble; half of the seeds have one kind more.
 */
export const scriptOf = (seed: number, ground: ChaosGround): ChaosScript => {
  const random = randomOf(seed * 7919)
  const troubles: readonly ChaosKind[] = [...callKinds, ...envelopeKinds]
  const turn = seed - 1
  const round = Math.floor(turn / actKinds.length)
  const act = actKinds[turn % actKinds.length] ?? 'socket killed'
  const kinds: ChaosKind[] = [act, troubles[(turn + 3 * round) % troubles.length] ?? 'answer lost']
  // Whoever decides is wanted in three channels: where one of these kinds goes first, not every other one finds a channel that is left.
  const more = chaosKinds.filter((kind) => !kinds.includes(kind) && !(isAct(kind) && ofDeciders.includes(kind)))
  if (random.chance(0.5)) kinds.push(random.pick(more))
  return scriptOfKinds(kinds, seed, ground)
}

/** Which kinds surely meet which channels: an act its own, a trouble every one, though not after an act that diverts what it waits for. */
export const meetingsOf = (script: ChaosScript, ground: ChaosGround): readonly { readonly kind: ChaosKind; readonly channel: number }[] => {
  const diverted = new Set(script.acts.filter(({ kind }) => diverting.includes(kind)).map(({ channel }) => channel))
  const everywhere = ground.map((_, channel) => channel)
  const surely = script.calls.slice(0, script.kinds.filter(isCall).length)
  return [
    ...script.acts.map(({ kind, channel }) => ({ kind, channel })),
    ...surely.flatMap(({ kind, method, nth }) =>
      everywhere.filter((channel) => !diverted.has(channel) || (method === first.method && nth === first.nth)).map((channel) => ({ kind, channel }))),
    ...script.envelopes.filter(({ nth }) => nth !== undefined).flatMap(({ kind }) => everywhere.map((channel) => ({ kind, channel }))),
  ]
}
