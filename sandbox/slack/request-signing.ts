import { createHmac } from 'node:crypto'

/** The `v0` signature of a request: docs.slack.dev authentication/verifying-requests-from-slack. `timestamp` in seconds, `body` as it goes over the wire. */
export const signatureOf = (secret: string, timestamp: number, body: string): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`
