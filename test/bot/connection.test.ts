import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SimulatedSlack } from '../../sandbox/slack/start.ts'
import { tokens } from './delivery/support/workspace.ts'
import { startEdge, type Edge } from './edge.ts'

const channel = 'C1REL'
let edge: Edge
let slack: SimulatedSlack

beforeEach(async () => {
  edge = await startEdge('socket')
  slack = edge.slack
})
afterEach(() => edge.close())

const seen = (): string => slack.seenBy('U1ANA', channel)
const ana = () => slack.as('U1ANA')

describe('the connection', () => {
  test('is there once start settles, and says who is what', async () => {
    const bot = await edge.begin()
    expect(bot.connected()).toBe(true)
    expect(edge.logged.join('')).toMatch(/speaking as convox in Acme; admins: the owners and admins of the workspace/u)
  })

  test('comes back after its sockets were killed', async () => {
    const bot = await edge.begin()
    const before = slack.requests('apps.connections.open').length
    slack.killSockets()
    await slack.until(() => slack.requests('apps.connections.open').length > before && bot.connected() && slack.connections() > 0)
    await ana().command(channel, '/convox help')
    await slack.until(() => seen().includes('heard help'))
  })

  test.each([['warning'], ['refresh_requested']] as const)('moves to a new socket when Slack says %s, without a deaf moment', async (reason) => {
    await edge.begin()
    const before = slack.requests('apps.connections.open').length
    slack.disconnect(reason)
    await slack.until(() => slack.requests('apps.connections.open').length > before && slack.connections() > 0)
    await expect(ana().command(channel, '/convox help')).resolves.toMatchObject({ ok: true })
    await slack.until(() => seen().includes('heard help'))
  })

  test('is tried until Slack has one for us', async () => {
    slack.fail('apps.connections.open', { status: 503, times: 6 })
    const bot = await edge.begin()
    expect(bot.connected()).toBe(true)
  })

  test('waits for a Slack that does not answer yet', async () => {
    slack.fail('auth.test', { status: 503 })
    const bot = await edge.begin()
    expect(bot.connected()).toBe(true)
    expect(edge.logged.join('')).toContain('Slack does not answer yet')
  })

  test('is refused with words where the bot token is', async () => {
    slack.setToken('invalid_auth')
    await expect(edge.begin()).rejects.toThrow('Slack refuses SLACK_BOT_TOKEN (invalid_auth)')
  })

  test('is refused with words where the app token is', async () => {
    slack.setAppToken('invalid_auth')
    await expect(edge.begin()).rejects.toThrow('Slack refuses SLACK_APP_TOKEN (invalid_auth): copy the app-level token (xapp-…, scope connections:write)')
  })

  test('that is lost for a while is said in readiness, and nothing is heard', async () => {
    const bot = await edge.begin()
    slack.setAppToken('token_revoked')
    slack.killSockets()
    await slack.until(() => bot.trouble()?.includes('Slack refuses SLACK_APP_TOKEN (token_revoked)'))
    expect(bot.connected()).toBe(false)
    expect(await ana().command(channel, '/convox help')).toMatchObject({ ok: false })
  })
})

describe('an acknowledgement that is lost with its socket', () => {
  test('leaves the command done, once, and answered: Slack sends it again and it is known', async () => {
    await edge.begin()
    const accept = edge.inbox.accept
    let kills = 1
    edge.inbox.accept = async (delivery) => {
      const fresh = await accept(delivery)
      // Kept, and the socket it came over is gone before it can be acknowledged.
      if (kills-- > 0) {
        slack.killSockets()
        await slack.until(() => edge.logged.join('').includes('this connection to Slack ends'))
      }
      return fresh
    }
    const outcome = await ana().command(channel, '/convox releases')
    expect(outcome).toEqual({ ok: true })
    await slack.until(() => seen().includes('heard releases'))
    expect(edge.heard).toHaveLength(1)
    await slack.until(() => [...edge.inbox.kept.values()].every((one) => one.handled))
    expect(edge.logged.join('')).toContain('an acknowledgement was not sent')
  })

  test('keeps the faults of a modal: the repetition is acknowledged with them too', async () => {
    const form = {
      type: 'modal', callback_id: 'reject_promotion', title: { type: 'plain_text', text: 'Reject' }, submit: { type: 'plain_text', text: 'Reject' },
      blocks: [{ type: 'input', block_id: 'reason', label: { type: 'plain_text', text: 'Reason' }, element: { type: 'plain_text_input', action_id: 'reason' } }],
    } as const
    const faults = { reason: 'Say why in a few words.' }
    const handlers = edge.echo(async (desk, incoming) => {
      if (incoming.kind === 'command') await desk.slack.openModal({ ...form, blocks: [...form.blocks] })
    })
    await edge.begin({
      ...handlers,
      submit: () => {
        slack.killSockets()
        return { errors: slack.until(() => slack.connections() === 0).then(() => faults), done: Promise.resolve() }
      },
    })
    await ana().command(channel, '/convox x')
    const view = await slack.until(() => ana().openView())
    expect(await ana().submit(view, { Reason: 'x' })).toEqual({ kind: 'errors', errors: faults })
  })
})

test('the app token is in no log line', async () => {
  await edge.begin()
  expect(edge.logged.join('')).not.toContain(tokens.appToken)
})
