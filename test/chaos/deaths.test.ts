import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { happenings } from '../../sandbox/slack/chaos/acts.ts'
import type { ArrivingCall } from '../../sandbox/slack/failures.ts'
import type { SimulatedSlack } from '../../sandbox/slack/start.ts'
import { deliverySteps, type DeliveryStep } from '../../src/bot/delivery/steps.ts'
import { openDeliveryHolds, type DeliveryHolds, type HoldSide } from '../bot/delivery/support/delivery-holds.ts'
import { channelFor } from '../flows/promotions/quick-app.ts'
import { startStage, type Stage } from '../flows/promotions/stage.ts'
import { endings, peopleOf, type Ending, type People } from './endings.ts'
import { decidedTwice, isSettled, places, toldOf } from './outcome.ts'
import { startReplicas, type Replicas } from './replicas.ts'
import { leaks } from './secrets.ts'
import { setUp } from './set-up.ts'
import { faultsOf } from './witness.ts'

const sides = ['before', 'after'] as const

/**
 * How the promotion ends whose sender dies before a step, and the one whose sender dies after it: each step meets two ends, those of `elsewhere` and `again`
 * such as can be there. What expires at once has no lines of its own before its last word.
 */
const endingsAt: Readonly<Record<DeliveryStep, Readonly<Record<HoldSide, string>>>> = {
  claim: { before: 'succeeds', after: 'fails' },
  card_sending: { before: 'fails', after: 'rejected' },
  card_sent: { before: 'rejected', after: 'cancelled' },
  redrawn: { before: 'succeeds', after: 'fails' },
  lines_sending: { before: 'cancelled', after: 'succeeds' },
  lines_sent: { before: 'fails', after: 'cancelled' },
  notice_sending: { before: 'rejected', after: 'fails' },
  notice_sent: { before: 'succeeds', after: 'expires' },
  moved: { before: 'cancelled', after: 'expires' },
  told: { before: 'expires', after: 'cancelled' },
  buttons_gone: { before: 'cancelled', after: 'rejected' },
  release: { before: 'rejected', after: 'succeeds' },
}

/** The ends that pass a step, where not all of them do: nobody decides on a card that only the requester sees, and a success leaves no button. */
const passing: Readonly<Partial<Record<DeliveryStep, readonly string[]>>> = {
  lines_sending: ['succeeds', 'fails', 'rejected', 'cancelled'], lines_sent: ['succeeds', 'fails', 'rejected', 'cancelled'],
  moved: ['expires', 'cancelled'], told: ['expires', 'cancelled'], buttons_gone: ['fails', 'rejected', 'expires', 'cancelled'],
}

/** One death: the sender dies at this side of this step of a promotion that ends so. The app is named for it; `secrets` are the values of its env. */
interface Death {
  readonly app: string
  readonly side: HoldSide
  readonly step: DeliveryStep
  readonly ending: Ending
  readonly ends: string
  readonly secrets: readonly [first: string, typed: string]
}

/** Every death there can be at this side of this step, the one of `endingsAt` first. */
const deathsAt = (step: DeliveryStep, side: HoldSide): readonly Death[] => {
  const isFirst = ({ app }: Ending): boolean => app === endingsAt[step][side]
  const others = endings.filter((ending) => !isFirst(ending) && (passing[step] ?? [ending.app]).includes(ending.app))
  return [...endings.filter(isFirst), ...others].map((found) => ({
    app: `${side}-${step.replace('_', '-')}-${found.app}`, side, step, ends: found.ends,
    // What goes back needs a past; the others do without, which is quicker.
    ending: found.ends === 'rolled_back' ? found : { ...found, before: null },
    secrets: [randomBytes(12).toString('hex'), randomBytes(12).toString('hex')],
  }))
}

const sidesOfSteps = deliverySteps.flatMap((step) => sides.map((side) => deathsAt(step, side)))
const most = Math.max(...sidesOfSteps.map((deaths) => deaths.length))
/** Each round is a workspace and a database of its own: in the first one the sender dies once at each side of each step, in the others with the other ends. */
const everyRound = Array.from({ length: most }, (_, round) => sidesOfSteps.flatMap((deaths) => deaths.slice(round, round + 1)))

/** The first round, unless scripts/soak.ts says which: `every` round, or the deaths of these names. */
const roundsFor = (wanted: string | undefined): readonly (readonly Death[])[] => {
  if (wanted === undefined) return everyRound.slice(0, 1)
  if (wanted === 'every') return everyRound
  return [wanted.split(',').map((name) => {
    const death = everyRound.flat().find(({ app }) => app === name)
    if (death === undefined) throw new Error(`no death ${name}: there are ${everyRound.flat().map(({ app }) => app).join(', ')}`)
    return death
  })]
}

/** Steps that only some promotions pass: their channel takes nothing more, or their last word's button is used. */
const elsewhere: readonly DeliveryStep[] = ['moved', 'told']
/** There the card may still be changed: it must have lost its buttons, whoever died. */
const readOnly: readonly DeliveryStep[] = ['moved']
const isArchived = (step: DeliveryStep): boolean => elsewhere.includes(step) && !readOnly.includes(step)
const again: readonly DeliveryStep[] = ['buttons_gone']

/** The channel becomes read-only once it has the card: right before the next post there. */
const closing = (slack: SimulatedSlack, channel: string) => ({ method, args }: ArrivingCall): undefined => {
  const hasCard = slack.messages(channel).some(({ metadata }) => metadata?.event_payload['k'] === 'card')
  if (method === 'chat.postMessage' && args['channel'] === channel && hasCard) slack.setChannel(channel, { restriction: 'restricted_action_read_only_channel' })
}

const rounds = roundsFor(process.env['CHAOS_DEATHS']).map((deaths, index) => ({ deaths, round: index + 1 }))

describe.each(rounds)('a sender that dies, round $round', ({ deaths }) => {
  let stage: Stage
  let holds: DeliveryHolds
  let replicas: Replicas

  beforeAll(async () => {
    const members = ['U0ANA', 'U0BO', 'U0CY', 'U0DEE']
    stage = await startStage({ slack: { channels: deaths.map(({ app }) => ({ ...channelFor(app), members, bot: true })) } })
    const { world } = stage
    await Promise.all(deaths.map(({ app, ending, secrets }) => setUp(stage, app, ending, secrets[0])))
    await world.stop()
    holds = await openDeliveryHolds(world.databaseUrl)
    replicas = await startReplicas(world.environment, inject('slipwayBundle'))
  })
  afterAll(async () => {
    await replicas.close()
    await holds.close()
    await stage.close()
  })

  const until = async (what: string, done: () => Promise<boolean>, within: number): Promise<void> => {
    const end = performance.now() + within
    while (!(await done())) {
      if (performance.now() > end) throw new Error(`${what}: not within ${String(within)} ms`)
      await sleep(100)
    }
  }

  /** Kills who stands at the step. Before the conversation is anybody's, nobody can tell who that is: both die then. */
  const kill = async ({ app, step }: Death): Promise<void> => {
    const [row] = await stage.rows(`select c.lease_owner from conversations c join promotions p on p.id = c.promotion_id where p.app = '${app}' and c.lease_owner is not null order by p.seq desc`)
    const owner = row?.['lease_owner']
    const dying = step === 'claim' || typeof owner !== 'string' ? ['127.0.0.1', 'localhost'] : [owner.replace('replica-', '')]
    for (const host of dying) replicas.kill(host, 300)
  }

  const play = async (people: People, { step, ending }: Death): Promise<void> => {
    const { slack } = stage.world
    const channel = channelFor(people.app).id
    const stop = slack.misbehave(readOnly.includes(step)
      ? closing(slack, channel)
      : happenings(isArchived(step) ? [{ kind: 'channel archived', channel: 0, nth: 1 }] : [], { slack, channels: [channel] }, () => undefined))
    const cancel = () => people.onCard([stage.ana], (actor, card) => actor.click(card, 'Cancel request'), async () => (await people.status()) === 'cancelled')
    if (readOnly.includes(step)) {
      await people.ask()
      // Not before: what stays behind has its buttons until then.
      await until('the channel takes no posts', () => Promise.resolve(slack.workspace.channel(channel)?.restriction !== undefined), 30_000)
      await (ending.ends === 'expired' ? people.expire() : cancel())
    } else await ending.play(people)
    stop()
    if (!again.includes(step)) return
    // The last word of what ended has the button; used, it goes.
    const first = String((await people.promotion())?.['id'])
    const last = await slack.until(() => slack.messages(channel).findLast((message) => message.thread !== undefined && JSON.stringify(message.blocks ?? []).includes('request_again')), 30_000)
    await stage.ana.click(last, 'Request again')
    await until('the request is there again', async () => String((await people.promotion())?.['id']) !== first, 60_000)
    await cancel()
  }

  it.each(deaths)('$side $step is followed by another one, and everything is said once: $ends', { timeout: 150_000 }, async (death) => {
    const { app, side, step, ending, ends, secrets } = death
    const { slack } = stage.world
    await holds.hold(side, step)
    const people = peopleOf(stage, app, secrets[1])
    const told = play(people, death)
    await until(`a sender stands ${side} ${step}`, () => holds.isHeld(), 45_000)
    await kill(death)
    await replicas.gone()
    await holds.release()
    await replicas.whole()
    await told
    await until('everything is said', () => isSettled(stage), 75_000)
    const mine = (await toldOf(stage)).filter((one) => one.app === app)
    const mineIf = (so: boolean): Set<string> => new Set(so ? [channelFor(app).id] : [])
    const excuses = { cardsAnew: mineIf(false), left: mineIf(elsewhere.includes(step)), sealed: mineIf(isArchived(step)), unread: mineIf(false) }
    expect(mine.map(({ status }) => status)).toEqual([...(ending.before === null ? [] : ['succeeded']), ends, ...(again.includes(step) ? ['cancelled'] : [])])
    expect(mine.flatMap((one) => faultsOf(slack, one, excuses)), `npm run soak -- --parts deaths --death ${app}`).toEqual([])
    expect(await decidedTwice(stage)).toEqual([])
    expect(leaks(secrets, await places(stage, replicas.logged()))).toEqual([])
  })

  it('leaves no value of any env anywhere, whatever came after', async () => {
    expect(leaks(deaths.flatMap(({ secrets }) => secrets), await places(stage, replicas.logged()))).toEqual([])
  })
})
