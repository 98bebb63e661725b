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
type Failure = Parameters<SimulatedSlack['fail']>[1]
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

test.each<[string, Failure]>([
  ['an outage', { status: 503 }],
  ['a scope that is missing', { error: 'missing_scope' }],
])('believes of a channel what it heard in the last five minutes while it cannot ask: %s', async (_what, failure) => {
  const clock = { now: 0 }
  const directory = open(clock)
  await directory.channel('C1REL')
  clock.now = 299_999
  slack.fail('conversations.info', failure)
  await expect(directory.channelAsHeard('C1REL', 60_000)).resolves.toMatchObject({ id: 'C1REL' })
  slack.fail('conversations.info', failure)
  await expect(directory.channel('C1REL', 60_000)).rejects.toThrow()
})

test('believes nothing older of a channel, nor what it was told to forget', async () => {
  const clock = { now: 0 }
  const directory = open(clock)
  await directory.channel('C1REL')
  clock.now = 300_000
  slack.fail('conversations.info', { status: 503 })
  await expect(directory.channelAsHeard('C1REL')).rejects.toThrow('503')
  await directory.channel('C1REL')
  directory.forget('C1REL')
  slack.fail('conversations.info', { status: 503 })
  await expect(directory.channelAsHeard('C1REL')).rejects.toThrow('503')
})

test('knows nothing of a channel that it has no scope to ask about, and does not throw unless it must be known', async () => {
  const directory = open()
  slack.fail('conversations.info', { error: 'missing_scope' })
  await expect(directory.channelAsHeard('C1REL')).resolves.toBeNull()
  slack.fail('conversations.info', { error: 'missing_scope' })
  await expect(directory.channel('C1REL')).rejects.toThrow('missing_scope')
})

test('names leave out who is unknown, who cannot be asked for, and who takes too long', async () => {
  const errors: unknown[] = []
  slack.fail('conversations.info', { status: 503 })
  slack.fail('users.info', { delay: 4_000 })
  const slow = await namesOf(open(), ['U1ANA'], (error) => void errors.push(error))
  const names = await namesOf(open(), ['U1ANA', 'U9NOBODY', 'C1REL'], (error) => void errors.push(error))
  expect([slow, names, errors.length]).toEqual([{}, { U1ANA: 'ana' }, 1])
})

const team = { id: 'S1TEAM', handle: 'release-team', users: ['U1ANA', 'U2BO'] }
const withGroups = async (): Promise<void> => {
  await slack.close()
  slack = await startWorkspace({ usergroups: [team] })
}

test('reads the members of a group and its handle, once in a while', async () => {
  await withGroups()
  const clock = { now: 0 }
  const directory = open(clock)
  await expect(directory.members('S1TEAM')).resolves.toEqual({ ok: true, members: ['U1ANA', 'U2BO'] })
  slack.setGroup('S1TEAM', ['U1ANA'])
  clock.now = 40_000
  await expect(directory.members('S1TEAM')).resolves.toMatchObject({ members: ['U1ANA', 'U2BO'] })
  await expect(directory.members('S1TEAM', 30_000)).resolves.toMatchObject({ members: ['U1ANA'] })
  await expect(namesOf(directory, ['S1TEAM', 'S9NONE'], () => undefined)).resolves.toEqual({ S1TEAM: 'release-team' })
})

test('asks anew what it was told to forget, and keeps no answer to a question from before', async () => {
  await withGroups()
  const directory = open()
  await directory.members('S1TEAM')
  slack.setGroup('S1TEAM', [])
  directory.forget('S1TEAM')
  await expect(directory.members('S1TEAM')).resolves.toEqual({ ok: true, members: [] })
  slack.fail('users.info', { delay: 300 })
  const before = directory.user('U1ANA')
  slack.setPerson('U1ANA', { deactivated: true })
  directory.forget('U1ANA')
  await before
  await expect(directory.user('U1ANA')).resolves.toMatchObject({ deleted: true })
})

test.each<[string, string, Failure | null, string, string]>([
  ['a free plan', 'free', null, 'S1TEAM', 'plan_upgrade_required'],
  ['a group that is not there', 'paid', null, 'S9NONE', 'no_such_subteam'],
  ['a scope that is missing', 'paid', { error: 'missing_scope' }, 'S1TEAM', 'missing_scope'],
  ['an outage', 'paid', { status: 503 }, 'S1TEAM', 'unreachable'],
  ['too many questions', 'paid', { status: 429 }, 'S1TEAM', 'unreachable'],
])('says why a group cannot be read: %s', async (_what, plan, failure, group, why) => {
  if (plan === 'paid') await withGroups()
  if (failure !== null) slack.fail('usergroups.users.list', failure)
  await expect(open().members(group)).resolves.toEqual({ ok: false, why })
})
