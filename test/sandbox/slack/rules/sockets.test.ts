import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { connect } from '../socket-client.ts'
import { ana, appToken, clientFor, closeAfterEach, refusal, releases, slackFor } from '../workspace.ts'

closeAfterEach()

const closed = (socket: WebSocket) => new Promise<number>((resolve) => socket.once('close', resolve))
const soon = (ms: number) => new Promise<'still open'>((resolve) => setTimeout(() => resolve('still open'), ms))

describe('an event over a socket', () => {
  it('that nobody acknowledges comes again under its envelope_id: at once, after a minute and after five', async () => {
    let now = 1_800_000_000_000
    const slack = await slackFor({ now: () => now })
    const [one, two] = [await connect(slack), await connect(slack)]
    slack.as(ana).say(releases, '@convox hello')
    const events = () => [...one.frames, ...two.frames].filter((frame) => frame['type'] === 'events_api')
    const attempts = () => events().map((frame) => frame['retry_attempt'])
    await slack.until(() => events().length === 1)
    for (const [index, wait] of [0, 60_000, 300_000].entries()) {
      now += 3000 + wait - 1
      await soon(60)
      expect(events()).toHaveLength(index + 1)
      now += 1
      // Two steps of the clock: the time to acknowledge, and the wait that begins when it is over.
      await soon(60)
      now += wait
      await slack.until(() => events().length === index + 2)
    }
    expect(attempts().sort()).toEqual([0, 1, 2, 3])
    expect(new Set(events().map((frame) => frame['envelope_id'])).size).toBe(1)
    expect(events().filter((frame) => frame['retry_reason'] === 'timeout')).toHaveLength(3)
    now += 10_000_000
    await soon(60)
    expect(events()).toHaveLength(4)
  })

  it('that was acknowledged does not come again', async () => {
    let now = 1_800_000_000_000
    const slack = await slackFor({ now: () => now })
    const app = await connect(slack)
    slack.as(ana).say(releases, '@convox hello')
    app.ack(await app.next('events_api'))
    await soon(40)
    now += 10_000_000
    await soon(60)
    expect(app.frames).toEqual([])
  })
})

describe('a socket', () => {
  it('may be closed by Slack with a frame', async () => {
    const slack = await slackFor()
    const app = await connect(slack)
    const end = closed(app.socket)
    slack.sayGoodbye()
    expect(await end).toBe(1000)
    await slack.until(() => slack.connections() === 0)
  })

  it('may be cut without a frame', async () => {
    const slack = await slackFor()
    const app = await connect(slack)
    const end = closed(app.socket)
    slack.killSockets()
    expect(await end).toBe(1006)
  })

  it('may stay half open after the closing handshake, as a TCP connection that nobody ends', async () => {
    const slack = await slackFor()
    const app = await connect(slack)
    slack.linger(true)
    app.socket.close(1000)
    expect(await Promise.race([closed(app.socket), soon(300)])).toBe('still open')
    expect(app.socket.readyState).toBe(WebSocket.CLOSING)
    expect(slack.connections()).toBe(0)
    slack.linger(false)
    const other = await connect(slack)
    const end = closed(other.socket)
    other.socket.close(1000)
    expect(await end).toBe(1000)
  })

  it('that is frozen neither pings nor reads, and takes payloads that nobody will see', async () => {
    const slack = await slackFor({ pingEvery: 30, ackTime: 80 })
    const app = await connect(slack)
    let pings = 0
    app.socket.on('ping', () => void pings++)
    await slack.until(() => pings > 1)
    slack.freezeSockets()
    await soon(60)
    const before = pings
    const outcome = slack.as(ana).command(releases, '/convox help')
    app.ack(await app.next('slash_commands'))
    expect(await outcome).toEqual({ ok: false, error: 'operation_timeout' })
    expect(pings).toBe(before)
    expect(slack.connections()).toBe(1)
  })

  it('is told apart from one that replaces it', async () => {
    const slack = await slackFor()
    const first = await connect(slack)
    slack.disconnect('refresh_requested')
    expect(await first.next('disconnect')).toMatchObject({ reason: 'refresh_requested' })
    const second = await connect(slack)
    expect(second.hello).toMatchObject({ num_connections: 2, debug_info: { approximate_connection_time: 18_060 } })
  })
})

describe('apps.connections.open', () => {
  it('may be limited, away, or refused', async () => {
    const slack = await slackFor()
    const client = clientFor(slack, appToken)
    slack.fail('apps.connections.open', { status: 429, retryAfter: 9 })
    await expect(client.apps.connections.open({})).rejects.toMatchObject({ retryAfter: 9 })
    slack.fail('apps.connections.open', { status: 503 })
    await expect(client.apps.connections.open({})).rejects.toMatchObject({ statusCode: 503 })
    slack.setAppToken('invalid_auth')
    expect(await refusal(client.apps.connections.open({}))).toMatchObject({ error: 'invalid_auth' })
    slack.setAppToken('ok')
    expect((await client.apps.connections.open({})).ok).toBe(true)
  })

  it('hands out URLs that are good once', async () => {
    const slack = await slackFor()
    const { url = '' } = await clientFor(slack, appToken).apps.connections.open({})
    const first = new WebSocket(url)
    await new Promise((resolve) => first.once('open', resolve))
    const second = new WebSocket(url)
    expect(await new Promise((resolve) => second.once('error', resolve))).toMatchObject({ message: expect.stringContaining('401') })
  })
})
