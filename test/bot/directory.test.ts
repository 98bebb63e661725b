import { afterEach, beforeEach, expect, test } from 'vitest'
import { pino } from 'pino'
import { createDirectory, namesOf } from '../../src/bot/directory.ts'
import { createSlackClients } from '../../src/bot/slack-clients.ts'
import type { SimulatedSlack } from '../../sandbox/slack/start.ts'
import { startWorkspace, tokens } from './delivery/support/workspace.ts'

let slack: SimulatedSlack
beforeEach(async () => {
  slack = await startWorkspace()
})
afterEach(() => slack.close())

const open = (clock = { now: 0 }) => createDirectory(createSlackClients({ botToken: tokens.botToken, slackApiUrl: slack.apiUrl }, pino({ level: 'silent' })).interactive, () => clock.now)

test('asks Slack once in five minutes', async () => {
  const clock = { now: 0 }
  const directory = open(clock)
  for (const now of [0, 60_000, 299_999]) {
    clock.now = now
    await directory.user('U1ANA')
  }
  expect(slack.requests('users.info')).toHaveLength(1)
  slack.setPerson('U1ANA', { deactivated: true })
  clock.now = 300_000
  await expect(directory.user('U1ANA')).resolves.toMatchObject({ deleted: true })
})

test('gives null for what Slack does not know', async () => {
  const directory = open()
  await expect(Promise.all([directory.user('U9NOBODY'), directory.channel('C9NOWHERE'), directory.channel('C3SECRET')])).resolves.toEqual([null, null, null])
})

test('throws when Slack cannot be asked, and asks again after that', async () => {
  const directory = open()
  slack.fail('users.info', { status: 503 })
  await expect(directory.user('U1ANA')).rejects.toThrow('503')
  await expect(directory.user('U1ANA')).resolves.toMatchObject({ id: 'U1ANA' })
})

test('names leave out who is unknown, who cannot be asked for, and who takes too long', async () => {
  const errors: unknown[] = []
  slack.fail('conversations.info', { status: 503 })
  slack.fail('users.info', { delay: 4_000 })
  const slow = await namesOf(open(), ['U1ANA'], (error) => void errors.push(error))
  const names = await namesOf(open(), ['U1ANA', 'U9NOBODY', 'C1REL'], (error) => void errors.push(error))
  expect([slow, names, errors.length]).toEqual([{}, { U1ANA: 'ana' }, 1])
})
