import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SimulatedSlack } from '../../../sandbox/slack/start.ts'
import { section, type Message } from '../../../src/bot/blocks.ts'
import { say } from '../../../src/bot/messages/phrase.ts'
import { createAnswering } from '../../../src/bot/receive/answer.ts'
import type { SlackDelivery } from '../../../src/bot/receive/delivery.ts'
import { createSlackClients } from '../../../src/bot/slack-clients.ts'
import { UnsaidError } from '../../../src/bot/unsaid-error.ts'
import { startWorkspace, tokens } from '../delivery/support/workspace.ts'

const channel = 'C1REL'
const ephemeral = 'chat.postEphemeral'
const mention: SlackDelivery = {
  id: 'Ev1', incoming: { kind: 'mention', text: 'apps' }, user: 'U1ANA', channel, direct: false, shared: false, responseUrl: null, threadTs: null,
}
const message: Message = { text: 'Two apps.', blocks: [section(say`*Two* apps.`)] }

let slack: SimulatedSlack
let logged: string[]
beforeEach(async () => {
  slack = await startWorkspace()
  logged = []
})
afterEach(() => slack.close())

const answer = (delivery = mention, said = message): Promise<void> => {
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) })
  return createAnswering(createSlackClients({ botToken: tokens.botToken, slackApiUrl: slack.apiUrl }, log).interactive, delivery, log)(said, false)
}
const whispered = (): readonly string[] => slack.as('U1ANA').ephemerals(channel).map(({ text }) => text)
const direct = (): readonly string[] => slack.workspace.channels().filter(({ im }) => im === 'U1ANA').flatMap(({ id }) => slack.messages(id).map(({ text }) => text))

describe('an answer after a mention', () => {
  test('waits for a 429 as long as Slack says, and is given once', async () => {
    slack.fail(ephemeral, { status: 429, retryAfter: 1, times: 2 })
    await answer()
    expect([whispered(), direct()]).toEqual([['Two apps.'], []])
  })

  test('goes as a direct message when Slack wants to wait for longer than a person does', async () => {
    slack.fail(ephemeral, { status: 429, retryAfter: 60 })
    await answer()
    expect([whispered(), direct()]).toEqual([[], ['Two apps.']])
    expect(slack.requests(ephemeral)).toHaveLength(1)
  })

  test('goes as a direct message when one 429 follows another', async () => {
    slack.fail(ephemeral, { status: 429, retryAfter: 1, times: 9 })
    await answer()
    expect([whispered(), direct()]).toEqual([[], ['Two apps.']])
    expect(slack.requests(ephemeral)).toHaveLength(3)
  })

  test.each([
    ['a 503', { status: 503 }], ['a cut connection', { drop: true }], ['an internal error', { error: 'internal_error' }],
  ])('is given again after %s', async (_what, failure) => {
    slack.fail(ephemeral, failure)
    await answer()
    expect([whispered(), direct()]).toEqual([['Two apps.'], []])
  })

  test('is given twice rather than not at all when Slack\'s own answer is lost', async () => {
    slack.fail(ephemeral, { storeThenDrop: true })
    await answer()
    expect([whispered(), direct()]).toEqual([['Two apps.', 'Two apps.'], []])
  })

  test('goes as a direct message after the second failure, which is tried again like the first way', async () => {
    slack.fail(ephemeral, { status: 502, times: 2 })
    slack.fail('conversations.open', { status: 502 })
    slack.fail('chat.postMessage', { status: 429, retryAfter: 1 })
    await answer()
    expect([whispered(), direct()]).toEqual([[], ['Two apps.']])
  })

  test('goes as a direct message where Slack shows nothing to this person', async () => {
    await answer({ ...mention, channel: 'C3SECRET' })
    expect([whispered(), direct()]).toEqual([[], ['Two apps.']])
  })

  test('goes as text where Slack does not take its blocks', async () => {
    await answer(mention, { text: message.text, blocks: [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }] })
    expect(whispered()).toEqual(['Two apps.'])
    expect(logged.join('')).toContain('it goes as text')
  })

  test('ends in an error of its own when nothing gets through', async () => {
    slack.fail(ephemeral, { status: 500, times: 9 })
    slack.fail('conversations.open', { status: 500, times: 9 })
    await expect(answer()).rejects.toBeInstanceOf(UnsaidError)
    expect([whispered(), direct()]).toEqual([[], []])
  })
})
