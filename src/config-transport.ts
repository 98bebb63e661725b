import { transports, type Transport } from './bot/slack-manifest.ts'

/** How Slack reaches the bot: the app-level token over Socket Mode, the signing secret over HTTP. Exactly one is set. */
export interface TransportConfig { readonly appToken?: string | undefined; readonly signingSecret?: string | undefined }

const isTransport = (word: string): word is Transport => transports.some((transport) => transport === word)

/**
 * Reads SLACK_TRANSPORT, SLACK_SIGNING_SECRET and SLACK_APP_TOKEN. Without SLACK_TRANSPORT a signing secret chooses HTTP. `given` answers
 * undefined for a setting that is left out or empty; `appToken` reads SLACK_APP_TOKEN and complains when it is missing. Pure.
 */
export const readTransport = (given: (name: string) => string | undefined, appToken: () => string, wrong: (setting: string, problem: string, fix: string) => void): TransportConfig => {
  const word = given('SLACK_TRANSPORT')
  const signingSecret = given('SLACK_SIGNING_SECRET')
  if (word !== undefined && !isTransport(word)) wrong('SLACK_TRANSPORT', `"${word}" is not a transport`, 'One of socket (needs SLACK_APP_TOKEN) and http (needs SLACK_SIGNING_SECRET).')
  if (word === 'socket' || (word === undefined && signingSecret === undefined)) return { appToken: appToken() }
  if (signingSecret === undefined) wrong('SLACK_SIGNING_SECRET', 'is missing', 'It stands under Basic Information of the Slack app, and proves that a request over HTTP is Slack\'s.')
  else if (!/^\S{16,}$/.test(signingSecret)) wrong('SLACK_SIGNING_SECRET', 'is too short for one', 'It has 32 characters and stands under Basic Information of the Slack app.')
  return { signingSecret: signingSecret ?? '' }
}
