/** A Web API answer with `ok: false`. `extra` is merged into the answer (`needed`, `response_metadata`, …). */
export class Refused extends Error {
  readonly code: string
  readonly extra: Record<string, unknown>
  constructor(code: string, extra: Record<string, unknown> = {}) {
    super(code)
    this.name = 'Refused'
    this.code = code
    this.extra = extra
  }
}

/** `invalid_blocks` with Slack's lines about what is wrong. */
export const invalidBlocks = (messages: string[]) => new Refused('invalid_blocks', { errors: messages, response_metadata: { messages } })

/** `invalid_arguments` with Slack's lines about what is wrong. */
export const invalidArguments = (messages: string[]) => new Refused('invalid_arguments', { response_metadata: { messages } })
