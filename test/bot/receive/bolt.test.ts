import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createDirectory } from '../../../src/bot/directory.ts'
import { createIdentity } from '../../../src/bot/identify.ts'
import { createReception } from '../../../src/bot/receive/bolt.ts'
import { createSlackClients } from '../../../src/bot/slack-clients.ts'
import { plainPolicy } from '../../../src/rack/roles.ts'
import { createInbox } from './memory-inbox.ts'

const log = pino({ level: 'silent' })
const slackApiUrl = 'http://127.0.0.1:9/api/'

const bodies = {
  mention: { type: 'event_callback', event_id: 'Ev1', team_id: 'T1', api_app_id: 'A1', event: { type: 'app_mention', user: 'U1', channel: 'C1', ts: '1.1', event_ts: '1.1', text: '<@UBOT> apps' } },
  command: { command: '/convox', text: 'apps', user_id: 'U1', channel_id: 'C1', team_id: 'T1', trigger_id: '1.2.3', response_url: 'http://127.0.0.1:9/r' },
}

test.each(Object.entries(bodies))('a %s whose acknowledgement finds the socket closed is done at once', async (_kind, body) => {
  const clients = createSlackClients({ botToken: 'xoxb-1', slackApiUrl }, log)
  const directory = createDirectory(clients.interactive, Date.now)
  const inbox = createInbox()
  const heard: unknown[] = []
  const reception = createReception({
    clients, directory, store: { cardOf: () => Promise.reject(new Error('not asked')) }, racks: [], admins: [], listeners: [], inbox, log, clock: () => new Date(),
    identity: createIdentity(directory, () => expect.fail(), plainPolicy([], [])),
    handlers: {
      dispatch: (_desk, incoming) => Promise.resolve(void heard.push(incoming)),
      submit: () => expect.fail(),
    },
  }, { botToken: 'xoxb-1', slackApiUrl, botId: 'B1', botUserId: 'UBOT' })
  reception.receive({ id: 'E1', body, retryNum: undefined, retryReason: undefined, ack: () => Promise.reject(new Error('this connection is gone')), refuse: () => undefined })
  await expect.poll(() => heard).toMatchObject([{ text: 'apps' }])
  await expect.poll(() => [...inbox.kept.values()].map(({ handled }) => handled)).toEqual([true])
  expect(reception.inHand()).toEqual([])
})
