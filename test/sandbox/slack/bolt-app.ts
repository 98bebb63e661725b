import { App, LogLevel, SocketModeReceiver } from '@slack/bolt'
import type { SimulatedSlack } from '../../../sandbox/slack/start.ts'
import { appToken, botToken, closing } from './workspace.ts'

/** A real Bolt app on the simulated Slack, set up as src/bot is. */
export const boltFor = async (slack: SimulatedSlack, build: (app: App) => void) => {
  const clientOptions = { slackApiUrl: slack.apiUrl }
  const receiver = new SocketModeReceiver({ appToken, logLevel: LogLevel.ERROR, installerOptions: { clientOptions } })
  const app = new App({ token: botToken, receiver, clientOptions, logLevel: LogLevel.ERROR, deferInitialization: true })
  build(app)
  await app.init()
  await app.start()
  closing(async () => app.stop())
  return app
}
