import { pino } from 'pino'
import { createAdmins } from '../../../../src/bot/delivery/admins.ts'
import { createSender, type Sender } from '../../../../src/bot/delivery/sender.ts'
import { createSharedLook } from '../../../../src/bot/delivery/shared.ts'
import { createSlackCalls, type SlackCalls } from '../../../../src/bot/delivery/slack-calls.ts'
import type { Timings } from '../../../../src/bot/delivery/timings.ts'
import { createDirectory, type Directory } from '../../../../src/bot/directory.ts'
import { createSlackClients } from '../../../../src/bot/slack-clients.ts'
import { memoryJournal } from '../../../../sandbox/journal.ts'
import { startSlack, type SimulatedSlack, type SlackOptions } from '../../../../sandbox/slack/start.ts'
import type { Outbox } from './memory-store.ts'

/** Everything that waits, shortened; the order of things stays. */
export const quick: Timings = {
  poll: 50, redraw: 150, quiet: 60, look: 60, backoff: 30, backoffMost: 120, insist: 60, insistFor: 600, leaveWithin: 1_000, tellBehind: 30_000, absence: 60_000,
  rules: {
    update: { every: 30, ahead: { urgent: 'apart', prompt: 60, ordinary: 30 }, window: { most: 50, counted: 43, span: 1_000 } },
    post: { every: 20, ahead: { urgent: 60, prompt: 20, ordinary: 0 }, window: null },
    read: { every: 20, ahead: { urgent: 60, prompt: 60, ordinary: 60 }, window: null },
  },
}

export const tokens = { botToken: 'xoxb-test', appToken: 'xapp-test' } as const

/** A workspace with ana, bo and cy; the bot is in #releases, not in #ops (public) and #secret (private). */
export const startWorkspace = (more: Partial<SlackOptions> = {}): Promise<SimulatedSlack> => startSlack({
  journal: memoryJournal(), team: { id: 'T1', name: 'Acme', domain: 'acme' }, ...tokens,
  people: [{ id: 'U1ANA', name: 'ana' }, { id: 'U2BO', name: 'bo', admin: true }, { id: 'U3CY', name: 'cy', guest: 'multi_channel' }],
  channels: [
    { id: 'C1REL', name: 'releases', members: ['U1ANA', 'U2BO', 'U3CY'], bot: true },
    { id: 'C2OPS', name: 'ops', members: ['U1ANA'] },
    { id: 'C3SECRET', name: 'secret', members: ['U1ANA'], private: true },
  ],
  ...more,
})

/** What a sender is given instead of its own: what it knows of channels, how its calls go, and its clock. */
interface Instead { readonly directory?: Directory; readonly calls?: (own: SlackCalls) => SlackCalls; readonly now?: () => number }

/** A sender of its own process, as far as the outbox and Slack can tell. */
export const senderOf = (slack: SimulatedSlack, outbox: Outbox, owner = 'one', timings = quick, { directory, calls = (own) => own, now = Date.now }: Instead = {}): Sender => {
  const log = pino({ level: 'silent' })
  const clients = createSlackClients({ botToken: tokens.botToken, slackApiUrl: slack.apiUrl }, log)
  const isShared = createSharedLook(directory ?? createDirectory(clients.interactive, Date.now), log, Date.now)
  return createSender({
    store: outbox.store(owner), calls: calls(createSlackCalls(clients)), admins: createAdmins(clients.reading, () => ['U2BO'], log), isShared, timings, botId: () => 'BCONVOX01', log,
    now,
  })
}
