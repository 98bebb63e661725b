import { request } from 'undici'
import { z } from 'zod'
import type { Message } from '../blocks.ts'

/** A response_url is good for 5 uses within 30 minutes of its delivery (reference/slack.md 3.1). */
export const responseUrlUses = 5
const timeout = 5_000

/** What an answer over a response_url came to. `spent`: the url is used up or too old; `failed`: it may or may not have been shown. */
export type DirectResult = 'shown' | 'spent' | 'failed'

const refusal = z.object({ ok: z.literal(false), error: z.string() })

/** Answers the caller alone over the delivery's response_url. Never throws. */
export const answerDirectly = async (url: string, message: Message, replace: boolean, log: { warn(facts: object, text: string): void }): Promise<DirectResult> => {
  const body = JSON.stringify({ response_type: 'ephemeral', replace_original: replace, text: message.text, blocks: message.blocks })
  try {
    const response = await request(url, { method: 'POST', headers: { 'content-type': 'application/json; charset=utf-8' }, body, signal: AbortSignal.timeout(timeout) })
    const text = await response.body.text()
    if (response.statusCode >= 200 && response.statusCode < 300) {
      const parsed = text.startsWith('{') ? refusal.safeParse(JSON.parse(text)) : undefined
      if (parsed?.success !== true) return 'shown'
      log.warn({ why: parsed.data.error }, 'Slack refused a direct answer')
      return 'spent'
    }
    log.warn({ status: response.statusCode, why: text.slice(0, 200) }, 'Slack refused a direct answer')
    return response.statusCode < 500 ? 'spent' : 'failed'
  } catch (error) {
    // Not the error itself: its text may hold the url, which is a secret for half an hour.
    log.warn({ why: error instanceof Error ? error.name : 'unknown' }, 'a direct answer was not delivered')
    return 'failed'
  }
}
