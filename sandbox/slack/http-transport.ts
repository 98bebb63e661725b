import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Alarms } from './alarms.ts'
import { postTo, type HttpAnswer, type Unanswered } from './http-request.ts'
import { signatureOf } from './request-signing.ts'
import { retriesAfter, usualAckTime, type Delivery, type EnvelopeType, type Transport } from './transport.ts'

/** Where an app listens. One URL serves for all, or each kind has its own: docs.slack.dev reference/app-manifest. */
export type RequestUrls = { commands: string; interactivity: string; options: string; events: string }
/** One request as it went to the app. `answer` is its status, or why there was none. */
export type SentRequest = {
  type: EnvelopeType | 'url_verification' | 'ssl_check'
  url: string
  headers: Record<string, string>
  body: string
  at: number
  answer: number | Unanswered
}
/** What is wrong with the next requests: their time off by `skew` seconds, another `secret`, another `contentType`, a `body` changed after it was signed. */
export type Forgery = { skew?: number; secret?: string; contentType?: string; body?: (signed: string) => string; times?: number }

export interface HttpTransport extends Transport {
  /** Sets where the app is and has it answer a challenge, as Slack does when a Request URL is saved. Throws when it does not. */
  setRequestUrl: (urls: string | Partial<RequestUrls>) => Promise<void>
  /** Slack's occasional look at the certificate: a form with `ssl_check=1`. The answer's HTTP status. */
  checkSsl: () => Promise<number | Unanswered>
  forge: (change: Forgery) => void
  /** What was sent, oldest first. */
  sent: () => SentRequest[]
}

const forms = 'application/x-www-form-urlencoded'

/** The raw body: commands and interactions are forms (the latter with one JSON field), events are JSON. */
const encode = (type: EnvelopeType, payload: Record<string, unknown>): { contentType: string; body: string } => {
  if (type === 'events_api') return { contentType: 'application/json', body: JSON.stringify(payload) }
  const fields: Record<string, string> =
    type === 'interactive' ? { payload: JSON.stringify(payload) } : Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, String(value)]))
  return { contentType: forms, body: new URLSearchParams(fields).toString() }
}

const isJson = (answer: HttpAnswer) => answer.contentType.split(';')[0]?.trim() === 'application/json'
const challenged = z.object({ challenge: z.string() })

/** What an acknowledgement holds: JSON, or plain text as the text of a message. Throws when it says it is JSON and is not. */
const contentOf = (answer: HttpAnswer, type: EnvelopeType): unknown => {
  if (answer.body === '') return undefined
  if (isJson(answer)) return JSON.parse(answer.body)
  return type === 'slash_commands' ? { text: answer.body } : answer.body
}

/** HTTP delivery: docs.slack.dev apis/events-api, interactivity/handling-user-interaction, authentication/verifying-requests-from-slack. */
export const createHttpTransport = (options: {
  signingSecret: string
  now: () => number
  alarms: Alarms
  ackTime?: number
  changed: () => void
}): HttpTransport => {
  const ackTime = options.ackTime ?? usualAckTime
  const urls: Partial<RequestUrls> = {}
  const log: SentRequest[] = []
  const forgeries: { change: Forgery; left: number }[] = []
  let verified = false

  const nextForgery = (): Forgery => {
    const first = forgeries[0]
    if (!first) return {}
    first.left -= 1
    if (first.left <= 0) forgeries.shift()
    return first.change
  }

  const send = async (type: SentRequest['type'], url: string, contentType: string, signed: string, more: Record<string, string> = {}, within = ackTime) => {
    const { skew = 0, secret = options.signingSecret, contentType: wrong, body = (text) => text } = nextForgery()
    const timestamp = Math.floor(options.now() / 1000) + skew
    const headers = {
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      accept: '*/*',
      'content-type': wrong ?? contentType,
      'x-slack-request-timestamp': String(timestamp),
      'x-slack-signature': signatureOf(secret, timestamp, signed),
      ...more,
    }
    const entry: SentRequest = { type, url, headers, body: body(signed), at: options.now(), answer: 'connection_failed' }
    log.push(entry)
    const answer = await postTo(url, headers, entry.body, within)
    entry.answer = typeof answer === 'string' ? answer : answer.status
    return answer
  }

  const urlFor = (type: EnvelopeType, payload: Record<string, unknown>) =>
    type === 'slash_commands' ? urls.commands : type === 'events_api' ? urls.events : payload['type'] === 'block_suggestion' ? urls.options : urls.interactivity

  const event = (url: string, payload: Record<string, unknown>): Promise<Delivery> =>
    new Promise((resolve) => {
      const { contentType, body } = encode('events_api', payload)
      const attempt = async (number: number, reason: string) => {
        const retry: Record<string, string> = number === 0 ? {} : { 'x-slack-retry-num': String(number), 'x-slack-retry-reason': reason }
        const answer = await send('events_api', url, contentType, body, retry)
        if (typeof answer !== 'string' && answer.status >= 200 && answer.status < 300) return resolve({ kind: 'ack', payload: undefined })
        const after = retriesAfter[number]
        const why = typeof answer === 'string' ? answer : 'http_error'
        if (after === undefined || (typeof answer !== 'string' && answer.noRetry)) return resolve({ kind: 'refused', why })
        options.alarms.at(options.now() + after, () => void attempt(number + 1, why))
      }
      void attempt(0, '')
    })

  const deliver: Transport['deliver'] = async (type, payload, accepts) => {
    const url = urlFor(type, payload)
    if (url === undefined) return { kind: 'offline' }
    if (type === 'events_api') return event(url, payload)
    const { contentType, body } = encode(type, payload)
    const answer = await send(type, url, contentType, body)
    if (answer === 'http_timeout') return { kind: 'timeout' }
    if (answer === 'connection_failed') return { kind: 'offline' }
    if (answer.status < 200 || answer.status >= 300) return { kind: 'refused', why: `HTTP ${answer.status}` }
    if (!accepts) return { kind: 'ack', payload: undefined }
    try {
      return { kind: 'ack', payload: contentOf(answer, type) }
    } catch (error) {
      return { kind: 'refused', why: error instanceof Error ? error.message : 'not JSON' }
    }
  }

  const verify = async (url: string) => {
    const challenge = randomBytes(24).toString('hex')
    const asked = JSON.stringify({ token: 'verification-token-unused', challenge, type: 'url_verification' })
    const answer = await send('url_verification', url, 'application/json', asked, {}, usualAckTime)
    if (typeof answer === 'string') throw new Error(`the Request URL did not answer: ${answer}`)
    if (answer.status !== 200) throw new Error(`the Request URL answered HTTP ${answer.status} to the challenge: ${answer.body.slice(0, 200)}`)
    const said = isJson(answer) ? challenged.parse(JSON.parse(answer.body)).challenge : (new URLSearchParams(answer.body).get('challenge') ?? answer.body)
    if (said !== challenge) throw new Error('the Request URL did not answer with the challenge')
  }

  return {
    deliver,
    connected: () => (verified ? 1 : 0),
    setRequestUrl: async (given) => {
      const next = typeof given === 'string' ? { commands: given, interactivity: given, options: given, events: given } : given
      if (next.events !== undefined) await verify(next.events)
      Object.assign(urls, next)
      verified = true
      options.changed()
    },
    checkSsl: async () => {
      const answer = await send('ssl_check', urls.commands ?? '', forms, 'token=verification-token-unused&ssl_check=1')
      return typeof answer === 'string' ? answer : answer.status
    },
    forge: (change) => void forgeries.push({ change, left: change.times ?? 1 }),
    sent: () => log.slice(),
  }
}
