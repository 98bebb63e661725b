import { expect, test } from 'vitest'
import { readTransport } from '../src/config-transport.ts'

const secret = '8f742231b10e8888abcd99yyyzzz85a5'
const read = (env: Readonly<Record<string, string>>) => {
  const problems: string[] = []
  const config = readTransport((name) => env[name], () => env['SLACK_APP_TOKEN'] ?? (problems.push('SLACK_APP_TOKEN is missing'), ''), (setting, problem) => void problems.push(`${setting} ${problem}`))
  return { config, problems }
}

test.each([
  ['nothing but an app token', { SLACK_APP_TOKEN: 'xapp-1' }, { appToken: 'xapp-1' }],
  ['a signing secret', { SLACK_SIGNING_SECRET: secret }, { signingSecret: secret }],
  ['both', { SLACK_APP_TOKEN: 'xapp-1', SLACK_SIGNING_SECRET: secret }, { signingSecret: secret }],
  ['both, and the word for sockets', { SLACK_APP_TOKEN: 'xapp-1', SLACK_SIGNING_SECRET: secret, SLACK_TRANSPORT: 'socket' }, { appToken: 'xapp-1' }],
  ['a signing secret, and the word for HTTP', { SLACK_SIGNING_SECRET: secret, SLACK_TRANSPORT: 'http' }, { signingSecret: secret }],
])('%s: one transport', (_name, env, config) => {
  expect(read(env)).toEqual({ config, problems: [] })
})

test.each([
  ['nothing', {}, 'SLACK_APP_TOKEN is missing'],
  ['HTTP without a secret', { SLACK_TRANSPORT: 'http', SLACK_APP_TOKEN: 'xapp-1' }, 'SLACK_SIGNING_SECRET is missing'],
  ['sockets without a token', { SLACK_TRANSPORT: 'socket', SLACK_SIGNING_SECRET: secret }, 'SLACK_APP_TOKEN is missing'],
  ['a secret that is none', { SLACK_SIGNING_SECRET: 'x' }, 'SLACK_SIGNING_SECRET is too short for one'],
  ['another word', { SLACK_TRANSPORT: 'pigeon', SLACK_SIGNING_SECRET: secret }, 'SLACK_TRANSPORT "pigeon" is not a transport'],
])('%s is refused by name, and the secret is not repeated', (_name, env, problem) => {
  const { problems } = read(env)
  expect(problems).toEqual([problem])
})
