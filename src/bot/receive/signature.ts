import { createHmac, timingSafeEqual } from 'node:crypto'

/** Seconds between Slack's time of a request and ours, in both directions (docs.slack.dev authentication/verifying-requests-from-slack: five minutes). */
export const signatureWindow = 300

/** `unsigned`: a header is missing or has another form. `forged`: not this secret, or not this body. `skewed`: Slack's own, and too far from our time. */
export type SignatureCheck =
  /** `seconds`: how long ago by our clock, less than 0 when it is behind Slack's. */
  | { readonly ok: true; readonly seconds: number }
  | { readonly ok: false; readonly why: 'unsigned' | 'forged' }
  | { readonly ok: false; readonly why: 'skewed'; readonly signedAt: Date; readonly seconds: number }

/** Slack's v0 signature: HMAC-SHA-256 over `v0:<timestamp>:<raw body>`. */
export const signatureOf = (secret: string, timestamp: string, body: Buffer): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`

/**
 * Whether Slack signed these very bytes lately. The signature is judged before the time, in constant time: whose clock is wrong
 * is only worth a word when the request is Slack's. `now` is in milliseconds.
 */
export const checkSignature = (request: {
  readonly secret: string; readonly timestamp: string | undefined; readonly signature: string | undefined; readonly body: Buffer; readonly now: number
}): SignatureCheck => {
  const { secret, timestamp, signature, body, now } = request
  if (secret === '' || timestamp === undefined || signature === undefined || !/^\d{1,12}$/u.test(timestamp) || !/^v0=[0-9a-f]{64}$/u.test(signature)) return { ok: false, why: 'unsigned' }
  if (!timingSafeEqual(Buffer.from(signatureOf(secret, timestamp, body)), Buffer.from(signature))) return { ok: false, why: 'forged' }
  const seconds = Math.floor(now / 1000) - Number(timestamp)
  return Math.abs(seconds) > signatureWindow ? { ok: false, why: 'skewed', signedAt: new Date(Number(timestamp) * 1000), seconds } : { ok: true, seconds }
}
