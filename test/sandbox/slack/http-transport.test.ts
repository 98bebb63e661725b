import { createServer, type IncomingHttpHeaders } from 'node:http'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { signatureOf } from '../../../sandbox/slack/request-signing.ts'
import type { SimulatedSlack, SlackOptions } from '../../../sandbox/slack/start.ts'
import { boltFor } from './bolt-app.ts'
import { ana, appToken, clientFor, closeAfterEach, closing, releases, signingSecret, slackFor } from './workspace.ts'

closeAfterEach()

type Heard = { headers: IncomingHttpHeaders; body: string }
type Answer = { status?: number; headers?: Record<string, string>; body?: string; silent?: boolean }

/** A bare HTTP app: it keeps what it hears and answers as a test says; challenges it answers by itself. */
const listen = async (slack: SimulatedSlack, answer: (heard: Heard) => Answer = () => ({})) => {
  const heard: Heard[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => void parts.push(part))
    request.on('end', () => {
      const one = { headers: request.headers, body: Buffer.concat(parts).toString() }
      if (one.body.includes('"url_verification"')) {
        const asked: unknown = JSON.parse(one.body)
        const challenge = typeof asked === 'object' && asked !== null && 'challenge' in asked ? String(asked.challenge) : ''
        return void response.end(challenge)
      }
      heard.push(one)
      const { status = 200, headers = {}, body = '', silent } = answer(one)
      if (!silent) response.writeHead(status, headers).end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  closing(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/slack/events`
  await slack.http.setRequestUrl(url)
  return { heard, url, stop: () => server.close() }
}

const httpSlack = (more: Partial<SlackOptions> = {}) => slackFor({ transport: 'http', ...more })
const fieldsOf = (body: string) => Object.fromEntries(new URLSearchParams(body))

describe('a request to the app', () => {
  it('is a form for commands, a form with one JSON field for clicks, and JSON for events', async () => {
    const slack = await httpSlack()
    const { heard } = await listen(slack)
    await slack.as(ana).command(releases, '/convox releases & more')
    await clientFor(slack).chat.postMessage({
      channel: releases,
      text: 'card',
      blocks: [{ type: 'actions', elements: [{ type: 'button', action_id: 'go', text: { type: 'plain_text', text: 'Go' } }] }],
    })
    const [card] = slack.messages(releases)
    if (!card) throw new Error('no card')
    await slack.as(ana).click(card, 'Go')
    slack.as(ana).say(releases, '@convox hello')
    await slack.until(() => heard.length === 3)
    expect(heard.map((one) => one.headers['content-type'])).toEqual([
      'application/x-www-form-urlencoded',
      'application/x-www-form-urlencoded',
      'application/json',
    ])
    const [command, click, event] = heard.map((one) => one.body)
    expect(fieldsOf(command ?? '')).toMatchObject({ command: '/convox', text: 'releases &amp; more', user_id: ana, is_enterprise_install: 'false' })
    expect(JSON.parse(fieldsOf(click ?? '')['payload'] ?? '')).toMatchObject({ type: 'block_actions', user: { id: ana } })
    expect(JSON.parse(event ?? '')).toMatchObject({ type: 'event_callback', event: { type: 'app_mention', user: ana } })
  })

  it('is signed over its raw body and its time', async () => {
    const slack = await httpSlack()
    const { heard } = await listen(slack)
    await slack.as(ana).command(releases, '/convox naïve “quotes”')
    const [one] = heard
    const at = Number(one?.headers['x-slack-request-timestamp'])
    expect(Math.abs(at - Date.now() / 1000)).toBeLessThan(30)
    expect(one?.headers['x-slack-signature']).toBe(signatureOf(signingSecret, at, one?.body ?? ''))
    // The worked example of docs.slack.dev authentication/verifying-requests-from-slack.
    const body =
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner' +
      '&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN' +
      '&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c'
    expect(signatureOf('8f742231b10e8888abcd99yyyzzz85a5', 1_531_420_618, body)).toBe('v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503')
  })

  it.each<[string, Parameters<SimulatedSlack['http']['forge']>[0]]>([
    ['a wrong secret', { secret: 'guess' }],
    ['a stale time', { skew: -301 }],
    ['a body changed on the way', { body: (signed) => signed.replace('help', 'hell') }],
  ])('with %s is refused by Bolt, and the next one is right again', async (_name, forgery) => {
    const slack = await httpSlack()
    await boltFor(slack, (app) => app.command('/convox', async ({ ack }) => ack('here')))
    slack.http.forge(forgery)
    expect(await slack.as(ana).command(releases, '/convox help')).toEqual({ ok: false, error: 'dispatch_failed' })
    expect(await slack.as(ana).command(releases, '/convox help')).toMatchObject({ ok: true, answer: { text: 'here' } })
    expect(slack.http.sent().map((one) => [one.type, one.answer])).toEqual([
      ['url_verification', 200],
      ['slash_commands', 401],
      ['slash_commands', 200],
    ])
  })

  it('may have the wrong content type, or a time ahead of ours', async () => {
    const slack = await httpSlack()
    const { heard } = await listen(slack)
    slack.http.forge({ contentType: 'text/plain', skew: 400 })
    await slack.as(ana).command(releases, '/convox help')
    expect(heard[0]?.headers['content-type']).toBe('text/plain')
    expect(Number(heard[0]?.headers['x-slack-request-timestamp']) - Date.now() / 1000).toBeGreaterThan(300)
  })
})

describe('a Request URL', () => {
  it('has to answer the challenge', async () => {
    const slack = await httpSlack()
    const server = createServer((_request, response) => void response.end('hello'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
    closing(async () => server.close())
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await expect(slack.http.setRequestUrl(`http://127.0.0.1:${port}/`)).rejects.toThrow('did not answer with the challenge')
    expect(slack.connections()).toBe(0)
    expect(await slack.as(ana).command(releases, '/convox help')).toEqual({ ok: false, error: 'dispatch_failed' })
  })

  it('is asked for its certificate now and then', async () => {
    const slack = await httpSlack()
    await boltFor(slack, () => undefined)
    expect(await slack.http.checkSsl()).toBe(200)
  })

  it('takes the place of Socket Mode', async () => {
    const slack = await httpSlack()
    const { url = '' } = await clientFor(slack, appToken).apps.connections.open({})
    const socket = new WebSocket(url)
    const first = await new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))))
    expect(JSON.parse(first)).toMatchObject({ type: 'disconnect', reason: 'link_disabled' })
    await new Promise((resolve) => socket.once('close', resolve))
  })
})

describe('an acknowledgement over HTTP', () => {
  it.each<[string, Answer, object]>([
    ['nothing', {}, { ok: true }],
    ['plain text', { body: 'hi' }, { ok: true, answer: { text: 'hi', ephemeral: true } }],
    [
      'JSON',
      { headers: { 'content-type': 'application/json; charset=utf-8' }, body: '{"text":"hi","response_type":"in_channel"}' },
      { answer: { ephemeral: false } },
    ],
    ['what is not the JSON it says', { headers: { 'content-type': 'application/json' }, body: '{' }, { ok: false, error: 'dispatch_failed' }],
    ['an error', { status: 500 }, { ok: false, error: 'dispatch_failed' }],
    ['nothing for three seconds', { silent: true }, { ok: false, error: 'operation_timeout' }],
  ])('may hold %s', async (_name, answer, outcome) => {
    const slack = await httpSlack({ ackTime: 200 })
    await listen(slack, () => answer)
    expect(await slack.as(ana).command(releases, '/convox help')).toMatchObject(outcome)
  })

  it('never comes from an app that is gone', async () => {
    const slack = await httpSlack()
    const app = await listen(slack)
    app.stop()
    expect(await slack.as(ana).command(releases, '/convox help')).toEqual({ ok: false, error: 'dispatch_failed' })
    expect(slack.http.sent().at(-1)?.answer).toBe('connection_failed')
  })
})

describe('an event over HTTP', () => {
  it('comes again at once, after a minute and after five, and then no more', async () => {
    let now = 1_800_000_000_000
    const slack = await httpSlack({ now: () => now })
    const { heard } = await listen(slack, () => ({ status: 503 }))
    slack.as(ana).say(releases, '@convox hello')
    const numbers = () => heard.map((one) => one.headers['x-slack-retry-num'] ?? 'first')
    await slack.until(() => heard.length === 2)
    now += 59_999
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(numbers()).toEqual(['first', '1'])
    now += 1
    await slack.until(() => heard.length === 3)
    now += 299_999
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(numbers()).toEqual(['first', '1', '2'])
    now += 1
    await slack.until(() => heard.length === 4)
    now += 3_600_000
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(numbers()).toEqual(['first', '1', '2', '3'])
    expect(new Set(heard.map((one) => one.body)).size).toBe(1)
    expect(heard[3]?.headers['x-slack-retry-reason']).toBe('http_error')
    const at = Number(heard[3]?.headers['x-slack-request-timestamp'])
    expect(heard[3]?.headers['x-slack-signature']).toBe(signatureOf(signingSecret, at, heard[3]?.body ?? ''))
  })

  it('does not come again when the app asks for that', async () => {
    const slack = await httpSlack()
    const { heard } = await listen(slack, () => ({ status: 500, headers: { 'x-slack-no-retry': '1' } }))
    slack.as(ana).say(releases, '@convox hello')
    await slack.until(() => heard.length === 1)
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(heard).toHaveLength(1)
  })

  it('says that the first attempt took too long', async () => {
    const slack = await httpSlack({ ackTime: 60 })
    const { heard } = await listen(slack, (one) => (one.headers['x-slack-retry-num'] ? {} : { silent: true }))
    slack.as(ana).say(releases, '@convox hello')
    await slack.until(() => heard.length === 2)
    expect(heard[1]?.headers['x-slack-retry-reason']).toBe('http_timeout')
  })
})
