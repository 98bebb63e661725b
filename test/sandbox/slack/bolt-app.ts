import { App, HTTPReceiver, LogLevel, SocketModeReceiver } from '@slack/bolt'
import type { SimulatedSlack } from '../../../sandbox/slack/start.ts'
import { appToken, botToken, closing, signingSecret } from './workspace.ts'

const portOf = (server: unknown): number => {
  if (typeof server !== 'object' || server === null || !('address' in server) || typeof server.address !== 'function') throw new Error('no server')
  const address: unknown = server.address()
  if (typeof address !== 'object' || address === null || !('port' in address) || typeof address.port !== 'number') throw new Error('no port')
  return address.port
}

/** A real Bolt app on the simulated Slack, over the transport that the workspace has. */
export const boltFor = async (slack: SimulatedSlack, build: (app: App) => void) => {
  const clientOptions = { slackApiUrl: slack.apiUrl }
  const logLevel = LogLevel.ERROR
  const receiver =
    slack.transport === 'http'
      ? new HTTPReceiver({ signingSecret, logLevel })
      : new SocketModeReceiver({ appToken, logLevel, installerOptions: { clientOptions } })
  const app = new App({ token: botToken, receiver, clientOptions, logLevel, deferInitialization: true })
  build(app)
  await app.init()
  const server = await app.start({ port: 0, host: '127.0.0.1' })
  closing(async () => app.stop())
  if (slack.transport === 'http') await slack.http.setRequestUrl(`http://127.0.0.1:${portOf(server)}/slack/events`)
  return app
}
