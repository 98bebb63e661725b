import { createServer } from 'node:http'
import { pino } from 'pino'
import { createBot, type Bot } from '../../src/bot/app.ts'
import type { Desk, Incoming, SubmissionErrors } from '../../src/bot/context.ts'
import type { Handlers } from '../../src/bot/receive/handle.ts'
import { requestPath, type Transport } from '../../src/bot/slack-manifest.ts'
import { plainPolicy } from '../../src/rack/roles.ts'
import type { SimulatedSlack, SlackOptions } from '../../sandbox/slack/start.ts'
import { createOutbox, type Outbox } from './delivery/support/memory-store.ts'
import { quick, startWorkspace, tokens } from './delivery/support/workspace.ts'
import { createInbox, type MemoryInbox } from './receive/memory-inbox.ts'

export const signingSecret = '8f742231b10e8888abcd99yyyzzz85a5'

/** The bot between a simulated Slack and handlers that only say what they heard, over one of the transports. */
export interface Edge {
  readonly slack: SimulatedSlack
  readonly outbox: Outbox
  inbox: MemoryInbox
  readonly heard: Incoming[]
  readonly logged: string[]
  readonly bots: Bot[]
  /** Answers every delivery with what it heard; `before` may do more. */
  echo(before?: (desk: Desk, incoming: Incoming) => Promise<void>, errors?: SubmissionErrors): Handlers
  /** Starts a replica. Over HTTP requests go to all that run, in turns. */
  begin(handlers?: Handlers, change?: Partial<Parameters<typeof createBot>[0]>): Promise<Bot>
  /** Settles only when the edge is closed: what a handler waits for that never comes to its end. */
  readonly never: Promise<void>
  /** No request goes to this replica any more. */
  abandon(bot: Bot): void
  close(): Promise<void>
}

export const say = (desk: Desk, text: string): Promise<void> => desk.slack.answer({ text, blocks: [] })

export const startEdge = async (transport: Transport, options: Partial<SlackOptions> = {}): Promise<Edge> => {
  const slack = await startWorkspace({ transport, signingSecret, ...options })
  const [heard, logged, bots]: [Incoming[], string[], Bot[]] = [[], [], []]
  const abandoned: Bot[] = []
  let release = (): void => undefined
  const never = new Promise<void>((resolve) => {
    release = resolve
  })
  let turn = 0
  const front = createServer((request, response) => {
    const running = bots.filter((bot) => bot.connected())
    const bot = running[turn++ % Math.max(1, running.length)]
    if (bot?.serve === undefined || bot.serve === null) return void response.writeHead(502).end()
    return bot.serve(request, response)
  })
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  const address = front.address()
  const url = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}${requestPath}`

  const echo: Edge['echo'] = (before = () => Promise.resolve(), errors = null) => {
    const dispatch: Handlers['dispatch'] = async (desk, incoming) => {
      heard.push(incoming)
      await before(desk, incoming)
      if (incoming.kind !== 'click') await say(desk, `heard ${incoming.kind === 'submission' ? incoming.metadata : incoming.text}`)
    }
    return { dispatch, submit: (desk, incoming) => ({ errors: Promise.resolve(errors), done: errors === null ? dispatch(desk, incoming) : Promise.resolve() }) }
  }

  const edge: Edge = {
    slack, outbox: createOutbox(), inbox: createInbox(), heard, logged, bots, echo, never,
    abandon: (bot) => void abandoned.push(...bots.splice(bots.indexOf(bot), 1)),
    begin: async (handlers = echo(), change = {}) => {
      const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) })
      const way = transport === 'http' ? { botToken: tokens.botToken, signingSecret } : tokens
      const bot = createBot({
        config: { ...way, slackApiUrl: slack.apiUrl, roles: plainPolicy([], []) }, racks: [], inbox: edge.inbox, store: edge.outbox.store(`bot ${bots.length}`), handlers, log,
        clock: () => new Date(), timings: quick, ...change,
      })
      bots.push(bot)
      await bot.start()
      if (transport === 'http' && slack.connections() === 0) await slack.http.setRequestUrl(url)
      return bot
    },
    close: async () => {
      release()
      await Promise.all([...bots, ...abandoned].map((bot) => bot.stop()))
      await slack.close()
      front.closeAllConnections()
      await new Promise<void>((resolve) => front.close(() => resolve()))
    },
  }
  return edge
}
