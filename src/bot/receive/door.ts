import type { IncomingMessage, ServerResponse } from 'node:http'

/** One delivery of Slack's as it came, whatever it came over, and the ways to answer it. */
export interface Envelope {
  /** The same for every repetition of these bytes: an envelope_id, or made of the request's signature. */
  readonly id: string
  readonly body: unknown
  readonly retryNum: number | undefined
  readonly retryReason: string | undefined
  /** Acknowledges it, once. Rejects when that certainly did not reach Slack. */
  ack(response?: object): Promise<void>
  /** Says that it was not taken; Slack sends an event again then, and shows a person that it failed. */
  refuse(): void
}

/** Where Slack's deliveries come in: two sockets, or requests over HTTP. */
export interface Door {
  /** True while something can come in. */
  connected(): boolean
  /** Why nothing comes in, in words; null when all is well, or when nothing is known yet. */
  trouble(): string | null
  /** Words when Slack refuses us for good: trying again changes nothing. */
  refused(): string | null
  /** Opens it (again). */
  open(): void
  /** Takes nothing more until `open`. Settles once what is there is closed. */
  close(): Promise<void>
  /** Answers one request to `requestPath`; null over Socket Mode. */
  readonly serve: ((request: IncomingMessage, response: ServerResponse) => void) | null
}
