import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { Door, Envelope } from './door.ts'
import { readRequest, readSlackBody } from './http-body.ts'
import { checkSignature, type SignatureCheck } from './signature.ts'
import { standstillLimit, watchStandstill, type Standstill } from './standstill.ts'

const challenge = z.object({ type: z.literal('url_verification'), challenge: z.string().max(1_000) })
/** Seconds: Slack hangs up after 3. Only asked right after a standstill, so that a clock a little off does no harm otherwise. */
const patience = 3

const first = (header: string | string[] | undefined): string | undefined => (Array.isArray(header) ? header[0] : header)

/** What a response was made of when it could not be given any more: Slack had hung up. */
const hungUp = (response: ServerResponse): boolean => response.destroyed || response.writableEnded

const envelopeOf = (request: IncomingMessage, response: ServerResponse, signature: string, body: unknown): Envelope => {
  const retry = Number.parseInt(first(request.headers['x-slack-retry-num']) ?? '', 10)
  const give = (status: number, content?: object): Promise<void> => new Promise((resolve, reject) => {
    if (hungUp(response)) return reject(new Error('Slack had hung up'))
    response.once('finish', resolve)
    response.once('close', () => reject(new Error('Slack hung up')))
    if (content === undefined) response.writeHead(status).end()
    else response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(content))
  })
  return {
    id: `signed:${createHash('sha256').update(signature).digest('hex')}`, body,
    retryNum: Number.isNaN(retry) ? undefined : retry, retryReason: first(request.headers['x-slack-retry-reason']),
    ack: (content) => give(200, content),
    refuse: () => {
      if (!hungUp(response)) response.writeHead(503).end()
    },
  }
}

/**
 * Slack's requests over HTTP: docs.slack.dev authentication/verifying-requests-from-slack. A replay inside the window is a known
 * delivery: the inbox has its id, on every replica and after a restart, and it is answered with nothing.
 */
export const createHttpDoor = (options: {
  readonly signingSecret: string; readonly log: Logger; readonly onEnvelope: (envelope: Envelope) => void
  /** Milliseconds. */
  readonly now: () => number
  /** Milliseconds; `standstillLimit` when left out. */
  readonly standstill?: number
}): Door => {
  const { signingSecret, onEnvelope, now } = options
  const log = options.log.child({ part: 'http' })
  let open = false
  let standstill: Standstill | undefined

  const refusal = (check: Exclude<SignatureCheck, { ok: true }>): void => {
    if (check.why !== 'skewed') return log.warn({ why: check.why }, check.why === 'forged' ? 'a request was not signed with SLACK_SIGNING_SECRET, or changed on its way' : 'a request without a signature of Slack\'s')
    const [theirs, ours] = [check.signedAt.toISOString(), new Date(now()).toISOString()]
    log.error({ theirs, ours, seconds: check.seconds }, `Slack signed a request at ${theirs}, and it is ${ours} here: ${Math.abs(check.seconds)} s apart, 300 are allowed. Either it is a replay, or this machine's clock is wrong (NTP)`)
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const say = (status: number, text = ''): void => void response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text)
    if (request.method !== 'POST') return say(405, 'Slack posts here\n')
    if (!open) return say(503)
    const raw = await readRequest(request)
    if (raw === null) {
      response.setHeader('connection', 'close')
      return say(413)
    }
    const said = readSlackBody(request.headers['content-type'], raw)
    if (said.kind === 'unknown_type') return say(415)
    if (said.kind === 'ssl_check') return say(200)
    const signature = first(request.headers['x-slack-signature'])
    const check = checkSignature({ secret: signingSecret, timestamp: first(request.headers['x-slack-request-timestamp']), signature, body: raw, now: now() })
    if (!check.ok) {
      refusal(check)
      return say(401)
    }
    if (said.kind === 'malformed') return say(400)
    const asked = challenge.safeParse(said.body)
    if (asked.success) return say(200, asked.data.challenge)
    if (standstill?.justNow() === true && check.seconds > patience) {
      log.warn({ seconds: check.seconds }, 'this process stood still; a request that Slack has given up is left alone')
      return say(503)
    }
    onEnvelope(envelopeOf(request, response, signature ?? '', said.body))
  }

  return {
    connected: () => open,
    trouble: () => null,
    refused: () => null,
    open: () => {
      if (!open) standstill = watchStandstill(options.standstill ?? standstillLimit)
      open = true
    },
    close: () => {
      open = false
      standstill?.stop()
      return Promise.resolve()
    },
    serve: (request, response) => {
      answer(request, response).catch((error: unknown) => {
        log.warn({ err: error }, 'a request of Slack\'s was not read')
        if (!response.headersSent) response.writeHead(400).end()
      })
    },
  }
}
