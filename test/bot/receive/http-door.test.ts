import { createServer, request as ask, type Server } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Door, Envelope } from '../../../src/bot/receive/door.ts'
import { createHttpDoor } from '../../../src/bot/receive/http-door.ts'
import { bodyLimit } from '../../../src/bot/receive/http-body.ts'
import { signatureOf } from '../../../src/bot/receive/signature.ts'

const secret = '8f742231b10e8888abcd99yyyzzz85a5'
const form = 'application/x-www-form-urlencoded'
const command = 'command=%2Fconvox&text=releases&user_id=U1&channel_id=C1&trigger_id=1.2.3'
let server: Server
let door: Door
let came: Envelope[]
let lines: { msg: string }[]
let take: (envelope: Envelope) => void
let url: string
let clock: number

beforeEach(async () => {
  came = []
  lines = []
  clock = Date.now()
  take = (envelope) => void envelope.ack({ text: 'here' })
  door = createHttpDoor({
    signingSecret: secret, now: () => clock, standstill: 1_000, log: pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    onEnvelope: (envelope) => {
      came.push(envelope)
      take(envelope)
    },
  })
  server = createServer((request, response) => door.serve?.(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  url = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}/slack/events`
  door.open()
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

interface Post { readonly type?: string; readonly at?: number; readonly secret?: string; readonly headers?: Record<string, string>; readonly sent?: string; readonly method?: string }
/** Signs `body` as Slack does; `sent` goes in its place. */
const post = async (body: string, { type = form, at = clock, sent = body, method = 'POST', headers = {}, ...rest }: Post = {}) => {
  const timestamp = String(Math.floor(at / 1000))
  const response = await fetch(url, {
    method, ...(method === 'GET' ? {} : { body: sent }),
    headers: { 'content-type': type, 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signatureOf(rest.secret ?? secret, timestamp, Buffer.from(body)), ...headers },
  })
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
}
const said = (): string => lines.map((line) => line.msg).join('\n')

describe('a request of Slack\'s', () => {
  test('is handed on with its fields, and acknowledged in JSON', async () => {
    expect(await post(command)).toEqual({ status: 200, type: 'application/json; charset=utf-8', text: '{"text":"here"}' })
    expect(came.map((one) => one.body)).toEqual([{ command: '/convox', text: 'releases', user_id: 'U1', channel_id: 'C1', trigger_id: '1.2.3' }])
  })

  test.each([
    ['a form with JSON in it', `payload=${encodeURIComponent('{"type":"block_actions","a":"ä %"}')}`, form, { type: 'block_actions', a: 'ä %' }],
    ['JSON', '{"type":"event_callback","event_id":"Ev1"}', 'application/json', { type: 'event_callback', event_id: 'Ev1' }],
    ['JSON with a charset', '{"type":"event_callback"}', 'Application/JSON; charset=utf-8', { type: 'event_callback' }],
  ])('may be %s', async (_name, body, type, expected) => {
    expect((await post(body, { type })).status).toBe(200)
    expect(came.map((one) => one.body)).toEqual([expected])
  })

  test('is acknowledged with nothing where there is nothing to say', async () => {
    take = (envelope) => void envelope.ack()
    expect(await post(command)).toMatchObject({ status: 200, text: '' })
  })

  test('says how often it was sent before', async () => {
    await post(command, { headers: { 'x-slack-retry-num': '2', 'x-slack-retry-reason': 'http_timeout' } })
    expect(came.map((one) => [one.retryNum, one.retryReason])).toEqual([[2, 'http_timeout']])
  })

  test('has the same id when its bytes come again, and another one else', async () => {
    await post(command)
    await post(command)
    await post(command, { at: clock + 1_000 })
    const [first, again, later] = came.map((one) => one.id)
    expect(first).toMatch(/^signed:[0-9a-f]{64}$/u)
    expect([again === first, later === first]).toEqual([true, false])
  })

  test('that is not taken is answered with 503: Slack sends an event again then', async () => {
    take = (envelope) => envelope.refuse()
    expect((await post(command)).status).toBe(503)
  })

  test('is answered only once', async () => {
    const failures: unknown[] = []
    take = (envelope) => {
      envelope.refuse()
      void envelope.ack().catch((error: unknown) => failures.push(error))
    }
    expect((await post(command)).status).toBe(503)
    expect(String(failures[0])).toContain('hung up')
  })

  test('whose sender hung up meanwhile cannot be acknowledged, and says so', async () => {
    const acked = new Promise<unknown>((resolve) => {
      take = (envelope) => void sleep(150).then(() => envelope.ack()).catch(resolve)
    })
    const timestamp = String(Math.floor(clock / 1000))
    const sent = ask(url, { method: 'POST', headers: { 'content-type': form, 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signatureOf(secret, timestamp, Buffer.from(command)) } })
    sent.on('error', () => undefined)
    sent.end(command)
    await expect.poll(() => came.length).toBe(1)
    sent.destroy()
    expect(String(await acked)).toContain('hung up')
  })

  test('for a challenge is answered with it', async () => {
    expect(await post('{"type":"url_verification","challenge":"abc123","token":"x"}', { type: 'application/json' })).toMatchObject({ status: 200, text: 'abc123' })
    expect(came).toEqual([])
  })

  test('to look at the certificate needs no signature and does nothing, whatever it carries', async () => {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': form }, body: `ssl_check=1&token=x&${command}` })
    expect(response.status).toBe(200)
    expect(came).toEqual([])
  })
})

describe('a request that is refused', () => {
  test.each([
    ['signed with another secret', command, { secret: 'x'.repeat(32) }, 401], ['changed after it was signed', command, { sent: command.replace('releases', 'promote') }, 401],
    ['not signed', command, { headers: { 'x-slack-signature': '' } }, 401], ['without a time', command, { headers: { 'x-slack-request-timestamp': '' } }, 401],
    ['of another type', command, { type: 'text/plain' }, 415], ['JSON that is none', '{"type":', { type: 'application/json' }, 400], ['a form whose JSON is none', 'payload=%7B', {}, 400],
    ['not posted', command, { method: 'GET' }, 405], ['a challenge that is forged', '{"type":"url_verification","challenge":"x"}', { type: 'application/json', secret: 'x'.repeat(32) }, 401],
  ])('is one %s', async (_name, body, options, status) => {
    expect((await post(body, options)).status).toBe(status)
    expect(came).toEqual([])
  })

  test.each([['old', -301], ['of the future', 301]])('is one too %s, and the log names both times', async (_name, seconds) => {
    expect((await post(command, { at: clock + seconds * 1_000 })).status).toBe(401)
    expect(came).toEqual([])
    const signedAt = new Date(Math.floor((clock + seconds * 1_000) / 1000) * 1000).toISOString()
    expect(said()).toContain(`Slack signed a request at ${signedAt}, and it is ${new Date(clock).toISOString()} here:`)
    expect(said()).toContain('Either it is a replay, or this machine\'s clock is wrong')
  })

  test.each([-299, 299])('is none %d s apart', async (seconds) => {
    expect((await post(command, { at: clock + seconds * 1_000 })).status).toBe(200)
  })

  test('says nothing of clocks to who cannot sign', async () => {
    await post(command, { at: clock - 1_000_000, secret: 'x'.repeat(32) })
    expect(said()).not.toContain('clock')
  })

  test('is one longer than 4 MB, before all of it is here', async () => {
    expect((await post(`text=${'x'.repeat(bodyLimit)}`)).status).toBe(413)
    expect(came).toEqual([])
  })

  test('is none of nearly 4 MB', async () => {
    expect((await post(`text=${'x'.repeat(bodyLimit - 10)}`)).status).toBe(200)
  })

  test('is one that ends in the middle', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write(`POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-type: ${form}\r\ncontent-length: 1000\r\n\r\ncommand=`)
    await sleep(50)
    socket.destroy()
    await expect.poll(said).toContain('was not read')
    expect(came).toEqual([])
  })

  test('is any while nothing is taken, and none after that', async () => {
    await door.close()
    expect([(await post(command)).status, door.connected()]).toEqual([503, false])
    door.open()
    expect([(await post(command)).status, door.connected()]).toEqual([200, true])
    expect(came).toHaveLength(1)
  })
})

/** Keeps this process from doing anything else. */
const standStill = (ms: number): void => {
  const until = performance.now() + ms
  while (performance.now() < until) Math.sqrt(until)
}

describe('after this process stood still', () => {
  test('what Slack has given up is left alone: it is never done late', async () => {
    const late = post(command, { at: clock - 4_000 })
    standStill(1_300)
    expect((await late).status).toBe(503)
    expect(came).toEqual([])
    expect(said()).toContain('this process stood still')
  })

  test('what Slack has just sent is taken', async () => {
    const fresh = post(command)
    standStill(1_300)
    expect((await fresh).status).toBe(200)
  })

  test('and only then: a clock that is some seconds off does no harm', async () => {
    expect((await post(command, { at: clock - 60_000 })).status).toBe(200)
  })
})

test('neither secret nor signature nor text is in the log at debug level', async () => {
  await post(command)
  await post(command, { secret: 'x'.repeat(32) })
  await post(command, { at: 0 })
  expect(JSON.stringify(lines)).not.toMatch(/8f742231|v0=|releases/u)
})
