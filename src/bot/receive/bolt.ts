import { App, type Receiver } from '@slack/bolt'
import { z } from 'zod'
import type { Inbox } from '../../rack/operations.ts'
import { onceOptions, sdkLogger } from '../slack-clients.ts'
import { databaseAway, databaseAwayView } from './database-away.ts'
import { answerDirectly } from './direct-answer.ts'
import type { Envelope } from './door.ts'
import { createDrain, type Outside } from './drain.ts'
import { handle, handleSubmission, type HandleParts } from './handle.ts'
import { take } from './intake.ts'
import { patiently } from './patience.ts'
import { readBody, type FreshDelivery } from './read-body.ts'

/** What comes in from Slack. */
export interface Reception {
  /** Keeps, acknowledges and handles one envelope; returns at once. After `close` it leaves it to another replica. */
  receive(envelope: Envelope): void
  /** Takes nothing new. True when every acknowledgement under way was given within `ms`. */
  close(ms: number): Promise<boolean>
  /** True when all that was taken is handled within `ms`. */
  finished(ms: number): Promise<boolean>
  /** Ids of what was kept and is not handled yet. */
  inHand(): readonly string[]
  /** Handles a delivery kept by a process that died. */
  again(delivery: FreshDelivery['delivery']): void
}

/** Milliseconds from a delivery to the acknowledgement of a modal, at most: Slack gives 3,000 and the way there takes some. */
const submissionTime = 2_500
/** Milliseconds for which a repetition is acknowledged as the first one was: Slack repeats within seconds of a lost acknowledgement. */
const repeatedFor = 30_000

/** Deliveries that are worked on at once; those that wait for others do not count. More would answer nobody sooner, and keep what comes next from its acknowledgement. */
const mostHandled = 4

const body = z.record(z.string(), z.unknown())

/**
 * Bolt between the socket and us: it knows the forms of an acknowledgement and which listener a payload is for. Everything is kept
 * in the inbox before Bolt sees it, because Bolt acknowledges events before their listener runs (reference/slack.md 6.2).
 */
export const createReception = (parts: HandleParts & { readonly inbox: Inbox }, config: {
  readonly botToken: string; readonly slackApiUrl: string | undefined; readonly botId: string; readonly botUserId: string
}): Reception => {
  const { log } = parts
  const acknowledging = createDrain()
  const handling = createDrain(mostHandled)
  const waiting = new Map<string, FreshDelivery & { readonly begun: number }>()
  const acknowledged = new Map<string, Promise<object | undefined>>()
  let closed = false

  const receiver: Receiver = { init: () => undefined, start: () => Promise.resolve(), stop: () => Promise.resolve() }
  const app = new App({
    token: config.botToken, botId: config.botId, botUserId: config.botUserId, tokenVerificationEnabled: false, receiver, convoStore: false,
    clientOptions: onceOptions(config.slackApiUrl, log), logger: sdkLogger(log, 'bolt'),
  })

  const failed = (text: string) => (error: unknown): void => log.error({ err: error }, text)
  const inHand = new Set<string>()
  const run = (id: string, work: (outside: Outside) => Promise<void>): void => {
    inHand.add(id)
    handling.run((outside) => work(outside).finally(() => inHand.delete(id)), failed('a delivery was not handled'))
  }
  const start = ({ delivery, triggerId }: FreshDelivery): void => run(delivery.id, (outside) => handle(parts, delivery, triggerId, outside))

  /** The delivery a listener was called for, once. */
  const claim = (context: Readonly<Record<string, unknown>>): (FreshDelivery & { readonly begun: number }) | undefined => {
    const id = context['delivery']
    const fresh = typeof id === 'string' ? waiting.get(id) : undefined
    if (fresh !== undefined) waiting.delete(fresh.delivery.id)
    return fresh
  }

  /**
   * What was kept is done, once, whatever becomes of its acknowledgement: where that is lost, Slack repeats the delivery (it is known
   * then) or shows its own time-out, and the answer comes over the response_url all the same. Undoing it instead would lose what
   * Slack repeats to another replica in the meantime. What was not kept is not acknowledged as done, and nothing of it is.
   */
  const acknowledge = async (ack: () => Promise<void>): Promise<void> => {
    try {
      await ack()
    } catch (error) {
      log.warn({ err: error }, 'an acknowledgement was not sent')
    }
  }

  app.command(/.*/u, async ({ ack, context }) => {
    const fresh = claim(context)
    await ack()
    if (fresh !== undefined) start(fresh)
  })
  app.action(/.*/u, async ({ ack, context }) => {
    const fresh = claim(context)
    await ack()
    if (fresh !== undefined) start(fresh)
  })
  app.view(/.*/u, async ({ ack, context }) => {
    const fresh = claim(context)
    const incoming = fresh?.delivery.incoming
    if (fresh === undefined || incoming?.kind !== 'submission') return ack()
    const { errors, done } = handleSubmission(parts, fresh.delivery, incoming, fresh.triggerId, Math.max(0, fresh.begun + submissionTime - performance.now()))
    // Begun already: its acknowledgement waits for it.
    run(fresh.delivery.id, (outside) => outside(() => done))
    const faults = await errors
    await (faults === null ? ack() : ack({ response_action: 'errors', errors: { ...faults } }))
  })
  for (const event of ['app_mention', 'message'] as const) {
    app.event(event, ({ context }) => {
      const fresh = claim(context)
      if (fresh !== undefined) start(fresh)
      return Promise.resolve()
    })
  }
  app.error((error) => {
    log.error({ err: error }, 'Bolt could not route a delivery')
    return Promise.resolve()
  })

  /** Says that it could not be kept, in the form this kind of delivery has for that. */
  const sayAway = async ({ delivery }: FreshDelivery, envelope: Envelope): Promise<void> => {
    const { incoming, channel, user, responseUrl } = delivery
    if (incoming.kind === 'command') return envelope.ack({ response_type: 'ephemeral', text: databaseAway })
    if (incoming.kind === 'submission') return envelope.ack({ response_action: 'update', view: databaseAwayView })
    // Not acknowledged, an event comes again later.
    if (incoming.kind === 'event') return envelope.refuse()
    await envelope.ack()
    if (responseUrl !== null) await answerDirectly(responseUrl, { text: databaseAway, blocks: [] }, false, log)
    else if (channel !== '') await patiently(() => parts.clients.interactive.chat.postEphemeral({ channel, user, text: databaseAway }), log)
  }

  /** The envelope, remembering what it is acknowledged with: a repetition of a modal's submission must not close what the first one kept open. */
  const remembered = (id: string, envelope: Envelope): Envelope => {
    let settle = (_response: object | undefined): void => undefined
    acknowledged.set(id, new Promise((resolve) => {
      settle = resolve
    }))
    setTimeout(() => acknowledged.delete(id), repeatedFor).unref()
    return {
      ...envelope,
      ack: (response) => {
        settle(response)
        return envelope.ack(response)
      },
    }
  }

  const route = async (given: Envelope): Promise<void> => {
    const begun = performance.now()
    const payload = body.safeParse(given.body)
    const fresh = payload.success ? readBody(given.id, payload.data, config.botUserId) : null
    if (fresh === null || !payload.success) {
      // docs.slack.dev apis/events-api: more than 30,000 events of a workspace in an hour.
      if (payload.success && payload.data['type'] === 'app_rate_limited') log.warn('Slack holds events back for a while: there were too many')
      return given.ack()
    }
    const { delivery } = fresh
    const taken = await take(parts.inbox, delivery, log, fresh.click)
    if (taken === 'known') return given.ack(await acknowledged.get(delivery.id))
    if (taken === 'away') return sayAway(fresh, given)
    const envelope = remembered(delivery.id, given)
    waiting.set(delivery.id, { ...fresh, begun })
    await app.processEvent({
      // Bolt acknowledges an event itself: a socket that just closed must not end what was kept.
      body: payload.data, ack: (response?: object) => acknowledge(() => envelope.ack(response)), customProperties: { delivery: delivery.id },
      ...(envelope.retryNum === undefined ? {} : { retryNum: envelope.retryNum }),
      ...(envelope.retryReason === undefined ? {} : { retryReason: envelope.retryReason }),
    })
    // Bolt had no listener for it, or dropped it: it was kept, so it is done.
    if (waiting.delete(delivery.id)) {
      await acknowledge(() => envelope.ack())
      start(fresh)
    }
  }

  return {
    receive: (envelope) => {
      if (closed) envelope.refuse()
      else acknowledging.run(() => route(envelope), failed('an envelope was not acknowledged'))
    },
    close: (ms) => {
      closed = true
      return acknowledging.settled(ms)
    },
    finished: (ms) => handling.settled(ms),
    inHand: () => [...inHand],
    again: (delivery) => start({ delivery, triggerId: null, viewId: null }),
  }
}
