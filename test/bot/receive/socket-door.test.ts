import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Door, Envelope } from '../../../src/bot/receive/door.ts'
import { createSocketDoor, lineTimings } from '../../../src/bot/receive/socket-door.ts'
import type { LineTimings } from '../../../src/bot/receive/socket-line.ts'
import type { SimulatedSlack } from '../../../sandbox/slack/start.ts'
import { startWorkspace, tokens } from '../delivery/support/workspace.ts'

const channel = 'C1REL'
const quick: LineTimings = { ...lineTimings, ping: 100, silence: 1_000, standstill: 2_000, goodbye: 200, hello: 2_000, retry: 20, retryMost: 100, refused: 100, short: 0, overlap: 300 }
let slack: SimulatedSlack
let door: Door
let came: Envelope[]
let logged: string[]
/** What a test does with an envelope; acknowledging it is usual. */
let take: (envelope: Envelope) => void

const open = (options: { readonly timings?: Partial<LineTimings>; readonly starts?: readonly number[]; readonly appToken?: string } = {}): Door => createSocketDoor({
  appToken: options.appToken ?? tokens.appToken, slackApiUrl: slack.apiUrl, timings: { ...quick, ...options.timings }, starts: options.starts ?? [0, 0],
  log: pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) }),
  onEnvelope: (envelope) => {
    came.push(envelope)
    take(envelope)
  },
})
const ack = (envelope: Envelope, response?: object): void => void envelope.ack(response).catch((error: unknown) => logged.push(String(error)))

beforeEach(async () => {
  slack = await startWorkspace({ pingEvery: 200 })
  came = []
  logged = []
  take = (envelope) => ack(envelope, { text: 'here' })
  door = open()
})
afterEach(async () => {
  await door.close()
  await slack.close()
})
const command = (text = 'help') => slack.as('U1ANA').command(channel, `/convox ${text}`)
const opened = (): number => slack.requests('apps.connections.open').length
const both = async (): Promise<void> => {
  door.open()
  await slack.until(() => slack.connections() === 2)
}

describe('two connections', () => {
  test('stand side by side, and each delivery comes over one of them', async () => {
    await both()
    const outcomes = await Promise.all([1, 2, 3, 4].map((count) => command(`apps ${count}`)))
    expect(outcomes.map((outcome) => outcome.answer?.text)).toEqual(['here', 'here', 'here', 'here'])
    expect(came).toHaveLength(4)
    expect(new Set(came.map((one) => one.id)).size).toBe(4)
  })

  test('begin apart, so that they do not end together', async () => {
    door = open({ starts: [0, 600] })
    door.open()
    await slack.until(() => door.connected())
    expect(slack.connections()).toBe(1)
    await slack.until(() => slack.connections() === 2)
  })

  test('are enough for each other: one is killed, and nothing is lost meanwhile', async () => {
    await both()
    slack.killSockets(1)
    expect(door.connected()).toBe(true)
    expect((await Promise.all([command(), command(), command()])).map((outcome) => outcome.ok)).toEqual([true, true, true])
    await slack.until(() => slack.connections() === 2)
  })

  test('close at a stop, and open again', async () => {
    await both()
    await door.close()
    await slack.until(() => slack.connections() === 0)
    expect(door.connected()).toBe(false)
    expect(await command()).toMatchObject({ ok: false })
    await both()
    expect(await command()).toMatchObject({ ok: true })
  })
})

describe('a connection that Slack renews', () => {
  test.each([['warning'], ['refresh_requested']] as const)('hears and answers (%s) until the new one is there', async (reason) => {
    door = open({ starts: [0] })
    door.open()
    await slack.until(() => door.connected())
    const before = opened()
    slack.disconnect(reason)
    // The next connection is not there yet: Slack is slow with it.
    slack.fail('apps.connections.open', { status: 503, times: 3 })
    expect(await command()).toMatchObject({ ok: true, answer: { text: 'here' } })
    await slack.until(() => opened() > before + 1 && slack.connections() >= 1)
    expect(door.connected()).toBe(true)
    expect(await command()).toMatchObject({ ok: true })
    await slack.until(() => slack.connections() === 1)
  })

  test('answers what it was given before it was told to go', async () => {
    door = open({ starts: [0] })
    door.open()
    await slack.until(() => door.connected())
    take = (envelope) => void sleep(200).then(() => ack(envelope, { text: 'late' }))
    const outcome = command()
    await slack.until(() => came.length === 1)
    slack.disconnect('refresh_requested')
    expect(await outcome).toMatchObject({ ok: true, answer: { text: 'late' } })
    expect(came).toHaveLength(1)
  })

  test('is replaced when Slack closes it, though TCP lives on', async () => {
    await both()
    slack.linger(true)
    const before = opened()
    slack.sayGoodbye()
    await slack.until(() => opened() >= before + 2 && slack.connections() >= 2)
    slack.linger(false)
    expect(await command()).toMatchObject({ ok: true })
  })
})

describe('a dead connection', () => {
  test('that froze is replaced when not a byte has come for long enough', async () => {
    await both()
    const before = opened()
    slack.freezeSockets(1)
    await slack.until(() => opened() === before + 1 && slack.connections() === 3)
    expect(logged.join('')).toContain('not a byte from Slack for 1000 ms')
    // Slack's side wakes up and finds nobody at the other end.
    slack.thawSockets()
    await slack.until(() => slack.connections() === 2)
    expect((await Promise.all([command(), command()])).map((outcome) => outcome.ok)).toEqual([true, true])
  })

  test('that only pings or only answers pings is alive', async () => {
    await both()
    const before = opened()
    await sleep(1_600)
    expect(opened()).toBe(before)
  })

  test('drops what was written to it: that ends in Slack\'s own time-out, and comes to nobody later', async () => {
    await slack.close()
    slack = await startWorkspace({ pingEvery: 200, ackTime: 400 })
    door = open({ starts: [0] })
    door.open()
    await slack.until(() => door.connected())
    slack.tamper(() => [])
    expect(await command()).toEqual({ ok: false, error: 'operation_timeout' })
    slack.tamper(undefined)
    slack.killSockets()
    await slack.until(() => slack.connections() === 1)
    expect(came).toEqual([])
  })

  test('with an unanswered envelope gives it to the other one, under the same id', async () => {
    await both()
    let first = true
    take = (envelope) => {
      if (first) slack.killSockets(2)
      else ack(envelope, { text: 'again' })
      first = false
    }
    expect(await command()).toMatchObject({ ok: true, answer: { text: 'again' } })
    expect(came.map((one) => one.id)).toEqual([came[0]?.id, came[0]?.id])
    expect(came[1]?.retryNum).toBe(1)
  })

  test('says so to who acknowledges on it', async () => {
    await both()
    const failures: unknown[] = []
    take = (envelope) => {
      if (failures.length > 0) return ack(envelope)
      failures.push('killed')
      slack.killSockets()
      void sleep(100).then(() => envelope.ack()).catch((error: unknown) => failures.push(error))
    }
    await command()
    await expect.poll(() => failures.length).toBe(2)
    expect(String(failures[1])).toContain('this connection is gone')
  })
})

describe('a process that stood still', () => {
  test('leaves unread what Slack has given up', async () => {
    await slack.close()
    slack = await startWorkspace({ pingEvery: 200, ackTime: 100 })
    door = open({ starts: [0], timings: { standstill: 400 } })
    door.open()
    await slack.until(() => door.connected())
    const before = opened()
    const outcome = command('releases promote RA')
    // The frame is on its way; nothing here is read before it is too late for it.
    const until = performance.now() + 900
    while (performance.now() < until) Math.sqrt(until)
    await slack.until(() => opened() > before && slack.connections() === 1)
    expect(await outcome).toEqual({ ok: false, error: 'operation_timeout' })
    expect(came).toEqual([])
    expect(logged.join('')).toContain('this process stood still')
    expect(await command()).toMatchObject({ ok: true })
  })
})

describe('a Slack that has no connection for us', () => {
  test.each([
    ['a 503', { status: 503, times: 4 }], ['a 429', { status: 429, retryAfter: 1, times: 2 }], ['too many connections', { error: 'too_many_websockets', times: 4 }], ['an internal error', { error: 'internal_error', times: 4 }],
  ] as const)('is asked again after %s', async (_name, failure) => {
    slack.fail('apps.connections.open', failure)
    door.open()
    await slack.until(() => door.trouble() !== null)
    await slack.until(() => slack.connections() === 2)
    await expect.poll(() => [door.refused(), door.trouble()]).toEqual([null, null])
  })

  test('is asked no sooner than it says', async () => {
    door = open({ starts: [0] })
    slack.fail('apps.connections.open', { status: 429, retryAfter: 1, times: 1 })
    door.open()
    await slack.until(() => opened() === 2)
    const [first, second] = slack.requests('apps.connections.open')
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1_000)
  })

  test('says in words that all connections are taken', async () => {
    slack.fail('apps.connections.open', { error: 'too_many_websockets', times: 1_000 })
    door.open()
    await expect.poll(() => door.trouble()).toContain('Slack allows 10 connections for one app, and they are all taken')
    slack.heal()
  })

  test.each([['invalid_auth'], ['token_revoked']] as const)('refuses the app token (%s): said once and for all, and tried again', async (state) => {
    slack.setAppToken(state)
    door.open()
    await expect.poll(() => door.refused()).toContain(`Slack refuses SLACK_APP_TOKEN (${state})`)
    slack.setAppToken('ok')
    await slack.until(() => slack.connections() === 2)
    await expect.poll(() => [door.refused(), door.trouble()]).toEqual([null, null])
  })

  test('says that Socket Mode is switched off', async () => {
    await both()
    slack.disconnect('link_disabled')
    await expect.poll(() => logged.join('')).toContain('link_disabled')
    await slack.until(() => slack.connections() === 2)
  })
})

test('no token and no ticket is in the log at debug level', async () => {
  await both()
  await command()
  slack.setAppToken('invalid_auth')
  slack.killSockets()
  await expect.poll(() => door.refused()).not.toBeNull()
  expect(logged.join('')).not.toMatch(/xapp-test|ticket=/u)
})

test('an acknowledgement reaches Slack only once', async () => {
  take = (envelope) => {
    ack(envelope, { text: 'first' })
    ack(envelope, { text: 'second' })
  }
  await both()
  expect((await command()).answer?.text).toBe('first')
})
