import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { askWhoWeAre } from '../../src/bot/probe.ts'
import { createSlackClients } from '../../src/bot/slack-clients.ts'
import { watchToken, type TokenWatch } from '../../src/bot/token-watch.ts'
import type { SimulatedSlack } from '../../sandbox/slack/start.ts'
import { startWorkspace, tokens } from './delivery/support/workspace.ts'

let slack: SimulatedSlack
let token: TokenWatch | undefined
let said: string[]
let lines: { level: number; msg: string }[]

beforeEach(async () => {
  slack = await startWorkspace()
  said = []
  lines = []
})
afterEach(async () => {
  token?.stop()
  await slack.close()
})

const watch = async (granted?: readonly string[]): Promise<TokenWatch> => {
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const { reading: client } = createSlackClients({ botToken: tokens.botToken, slackApiUrl: slack.apiUrl }, log)
  const self = await askWhoWeAre(client)
  token = watchToken({ client, log, self: granted === undefined ? self : { ...self, granted }, every: 40, onRefused: (why) => void said.push(why), onGood: () => void said.push('good') })
  return token
}
const asked = (): number => slack.requests('auth.test').length

test('asks again and again, and says nothing while all is well', async () => {
  const watched = await watch()
  await expect.poll(asked).toBeGreaterThan(3)
  expect([watched.refused(), watched.missing(), said, lines.filter((line) => line.level > 20)]).toEqual([null, [], [], []])
})

test('a Slack that does not answer says nothing of the token', async () => {
  const watched = await watch()
  slack.fail('auth.test', { status: 503, times: 3 })
  slack.fail('auth.test', { error: 'internal_error', times: 1 })
  const before = asked()
  await expect.poll(asked).toBeGreaterThan(before + 5)
  expect([watched.refused(), said]).toEqual([null, []])
})

test('a refused token is told once, and once more when it is good again', async () => {
  const watched = await watch()
  slack.setToken('token_revoked')
  await expect.poll(() => said.length).toBe(1)
  const before = asked()
  await expect.poll(asked).toBeGreaterThan(before + 2)
  expect(watched.refused()).toContain('Slack refuses SLACK_BOT_TOKEN (token_revoked)')
  slack.setToken('ok')
  await expect.poll(() => said).toEqual([expect.stringContaining('token_revoked'), 'good'])
  expect(watched.refused()).toBeNull()
})

test('scopes that Slack grants later are noticed', async () => {
  const watched = await watch(['commands'])
  expect(watched.missing().length).toBeGreaterThan(5)
  expect(lines.filter((line) => line.level === 50).map((line) => line.msg)).toContainEqual(expect.stringContaining('scope chat:write is missing'))
  expect(lines.filter((line) => line.level === 40).map((line) => line.msg)).toContainEqual(expect.stringContaining('scope files:write is missing'))
  await expect.poll(() => watched.missing()).toEqual([])
  expect(lines.map((line) => line.msg)).toContain('the scopes that Slack grants have changed')
})

test('stops asking', async () => {
  const watched = await watch()
  watched.stop()
  await new Promise((resolve) => setTimeout(resolve, 100))
  const before = asked()
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(asked()).toBe(before)
})
