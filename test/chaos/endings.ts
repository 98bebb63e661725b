import { setTimeout as sleep } from 'node:timers/promises'
import type { Actor } from '../../sandbox/slack/driver.ts'
import type { Message } from '../../sandbox/slack/records.ts'
import type { Stage } from '../flows/promotions/stage.ts'
import { channelFor } from '../flows/promotions/quick-app.ts'

/** A whole promotion, from what a person types to its end. */
export interface Ending {
  readonly app: string
  /** Images of the app's releases: what runs before (none: nothing does), and what is asked for. */
  readonly before: string | null
  readonly tag: string
  readonly params: Readonly<Record<string, string>>
  /** How it ends when nobody takes away what the people need for it. */
  readonly ends: string
  /** So often its channel is written to at least: the card, its end and the last word, some of it together. */
  readonly calls: number
  /** Somebody decides on it. */
  readonly decided: boolean
  readonly play: (people: People) => Promise<void>
}

/**
 * Milliseconds. A person looks again so often, gives up waiting for what was acknowledged, types again what was not, waits for a card that was sent, waits for
 * one that is still being sent (each post of it that is lost is looked for twice, and all that is looked for in a workspace shares Slack's budget for reading),
 * and presses what is seen.
 */
const patience = { look: 250, acknowledged: 75_000, refused: 4_000, card: 40_000, unsent: 120_000, presses: 100_000 } as const

/** What the people of one app do, as people do it: they look, they try again. */
export interface People {
  /** Types it until it has come to pass. */
  type(who: Actor, text: string, done: () => Promise<boolean>): Promise<void>
  /** Does something to the newest card until it has come to pass; false when nobody of them sees the card any more. */
  onCard(who: readonly Actor[], act: (actor: Actor, card: Message) => Promise<{ ok: boolean }>, done: () => Promise<boolean>): Promise<boolean>
  /** The promotion that was asked for; undefined while there is none. */
  promotion(): Promise<Readonly<Record<string, unknown>> | undefined>
  status(): Promise<string>
  /** Asks for the newest release and waits until the promotion is there. */
  ask(): Promise<void>
  /** Lets it expire now. */
  expire(): Promise<void>
  readonly stage: Stage
  readonly app: string
}

const until = async (done: () => Promise<boolean>, within: number): Promise<boolean> => {
  const end = performance.now() + within
  while (performance.now() < end) {
    if (await done()) return true
    await sleep(patience.look)
  }
  return false
}

/** What a person meets who does what cannot be done any more: the words of the simulated Slack's people. */
const impossible = /nothing to click|there is no|is not in #|is archived|is deactivated|only admins|is not open|has no field/u

export const peopleOf = (stage: Stage, app: string, secret: string): People => {
  const { slack } = stage.world
  const channel = channelFor(app).id
  const promotion: People['promotion'] = async () => (await stage.rows(`select * from promotions where app = '${app}' and release_id = (select id from releases where app = '${app}' order by seq desc limit 1) order by seq desc limit 1`))[0]
  const status = async (): Promise<string> => String((await promotion())?.['status'] ?? '')
  const cardFor = async (actor: Actor): Promise<Message | undefined> => {
    const id = String((await promotion())?.['id'] ?? '')
    return slack.workspace.channels().flatMap((one) => slack.messages(one.id))
      .filter((one) => one.subtype === undefined && one.metadata?.event_payload['p'] === id && one.metadata.event_payload['k'] === 'card' && actor.sees(one.channel)).at(-1)
  }
  const isBeingSent = async (): Promise<boolean> => {
    const id = String((await promotion())?.['id'] ?? '')
    return (await stage.rows(`select 1 from conversations where promotion_id = '${id}' and card_state not in ('sent', 'dead')`)).length > 0
  }
  /** Once; true when it was acknowledged. */
  const attempt = async (act: () => Promise<{ ok: boolean }>): Promise<boolean> => {
    try {
      return (await act()).ok
    } catch (error) {
      if (!(error instanceof Error) || !impossible.test(error.message)) throw error
      return false
    }
  }
  const type: People['type'] = async (who, text, done) => {
    for (let tries = 0; tries < 8; tries += 1) {
      const acknowledged = await attempt(() => who.command(channel, text))
      if (await until(done, acknowledged ? patience.acknowledged : patience.refused)) return
    }
    throw new Error(`"${text}" never came to pass`)
  }
  const people: People = {
    stage, app, promotion, status, type,
    onCard: async (who, act, done) => {
      const begun = performance.now()
      let end = begun + patience.card
      while (performance.now() < end) {
        for (const actor of who) {
          const card = await cardFor(actor)
          if (card === undefined) continue
          end = Math.max(end, Math.min(performance.now() + patience.card, begun + patience.presses))
          const acknowledged = await attempt(() => act(actor, card))
          if (await until(done, acknowledged ? 8_000 : 1_000)) return true
        }
        if (await done()) return true
        if (await isBeingSent()) end = Math.max(end, Math.min(performance.now() + patience.card, begun + patience.unsent))
        await sleep(patience.look)
      }
      return false
    },
    ask: async () => {
      const count = async (): Promise<number> => Number((await stage.rows(`select count(*)::int as n from releases where app = '${app}'`))[0]?.['n'])
      const before = await count()
      await type(stage.ana, `/convox env set TOKEN=${secret} -a ${app}`, async () => (await count()) > before)
      await type(stage.ana, `/convox releases promote -a ${app}`, async () => (await promotion()) !== undefined)
    },
    expire: async () => void (await stage.rows(`update promotions set expires_at = now() - interval '1 second' where app = '${app}' and status = 'awaiting_approval'`)),
  }
  return people
}

const away = async (people: People): Promise<void> => {
  // Nobody who may decide sees the card: the request runs out.
  if ((await people.status()) === 'awaiting_approval') await people.expire()
}

const past = (people: People, ...words: readonly string[]) => async (): Promise<boolean> => !words.includes(await people.status())

const approved: Ending['play'] = async (people) => {
  await people.ask()
  const { bo, dee } = people.stage
  // People are impatient: each click is two.
  const twice = async (actor: Actor, card: Message): Promise<{ ok: boolean }> => {
    const clicks = await Promise.allSettled([actor.click(card, 'Approve'), actor.click(card, 'Approve')])
    const [first] = clicks
    if (first?.status === 'rejected') throw first.reason
    return { ok: clicks.some((click) => click.status === 'fulfilled' && click.value.ok) }
  }
  if (!(await people.onCard([bo, dee], twice, past(people, 'awaiting_approval')))) await away(people)
}

const rejected: Ending['play'] = async (people) => {
  await people.ask()
  const { bo, dee } = people.stage
  const done = past(people, 'awaiting_approval')
  const reject = async (actor: Actor, card: Message): Promise<{ ok: boolean }> => {
    const clicked = await actor.click(card, 'Reject')
    if (!clicked.ok) return clicked
    const end = performance.now() + 5_000
    while (performance.now() < end) {
      const view = actor.openView()
      if (view?.body.blocks.some((block) => block.type === 'input')) {
        const sent = await actor.submit(view, { Reason: 'wait for the migration' })
        return { ok: sent.kind === 'closed' }
      }
      await sleep(patience.look)
    }
    const view = actor.openView()
    if (view !== undefined) await actor.closeView(view, true)
    return { ok: false }
  }
  if (!(await people.onCard([bo, dee], reject, done))) await away(people)
}

const expired: Ending['play'] = async (people) => {
  await people.ask()
  // Not before somebody could have decided: the card that runs out is one that asks.
  let seen = false
  const see = (): Promise<{ ok: boolean }> => {
    seen = true
    return Promise.resolve({ ok: true })
  }
  await people.onCard([people.stage.ana], see, () => Promise.resolve(seen))
  await people.expire()
}

const cancelled: Ending['play'] = async (people) => {
  await people.ask()
  if (!(await people.onCard([people.stage.ana], (actor, card) => actor.click(card, 'Cancel request'), past(people, 'awaiting_approval')))) await away(people)
}

/** The user group that decides on what fails, or instead where a script empties it. */
export const group = 'S0APPROVERS'

/** The five ways a promotion ends, each in an app and a channel of its own. */
export const endings: readonly Ending[] = [
  { app: 'succeeds', before: '1.4.0', tag: '1.4.1', params: { approvals: '1', stability: '1s' }, ends: 'succeeded', calls: 3, decided: true, play: approved },
  { app: 'fails', before: '1.4.0', tag: 'crash', params: { approvals: '1', stability: '1s' }, ends: 'rolled_back', calls: 3, decided: true, play: approved },
  { app: 'rejected', before: null, tag: '1.4.1', params: { approvals: '1' }, ends: 'rejected', calls: 2, decided: true, play: rejected },
  { app: 'expires', before: null, tag: '1.4.1', params: { approvals: '1' }, ends: 'expired', calls: 2, decided: false, play: expired },
  { app: 'cancelled', before: null, tag: '1.4.1', params: { approvals: '1' }, ends: 'cancelled', calls: 2, decided: false, play: cancelled },
]
