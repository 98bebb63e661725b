import { z } from 'zod'
import type { Incoming } from '../context.ts'
import { slackEvent, type SlackEvent } from './slack-events.ts'

/** Something that happened in Slack (slack-events.ts); nobody waits for an answer. */
export interface Heard { readonly kind: 'event'; readonly event: SlackEvent }

/** What the inbox keeps of one Slack delivery: enough to do it again after a crash. A trigger is not kept, it lives 3 s. */
export interface SlackDelivery {
  readonly id: string
  readonly incoming: Incoming | Heard
  readonly user: string
  readonly channel: string
  readonly direct: boolean
  /** Slack's word that people of another organisation are in the channel; false where it does not say. */
  readonly shared: boolean
  /** For direct answers: 5 uses within 30 minutes. */
  readonly responseUrl: string | null
  /** The thread it came from. */
  readonly threadTs: string | null
  /** `ts` of the message it came from: the one whose button was clicked, also to open a modal, or the mention itself. */
  readonly messageTs?: string
}

const field = z.union([z.string(), z.null(), z.array(z.string())])
const incoming = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('command'), text: z.string() }),
  z.object({ kind: z.literal('mention'), text: z.string(), files: z.array(z.string()).exactOptional() }),
  z.object({ kind: z.literal('click'), action: z.string(), value: z.string(), on: z.enum(['message', 'ephemeral', 'modal']) }),
  z.object({ kind: z.literal('submission'), view: z.string(), metadata: z.string(), fields: z.record(z.string(), field) }),
  z.object({ kind: z.literal('event'), event: slackEvent }),
])
const kept = z.object({
  id: z.string(), incoming, user: z.string(), channel: z.string(), direct: z.boolean(), shared: z.boolean(),
  responseUrl: z.string().nullable(), threadTs: z.string().nullable(), messageTs: z.string().exactOptional(),
})

export const writeDelivery = (delivery: SlackDelivery): string => JSON.stringify(delivery)

/** Undoes `writeDelivery`; null when it is not one (an older version's, say). */
export const readDelivery = (text: string): SlackDelivery | null => {
  const json = z.string().transform((value, context): unknown => {
    try {
      return JSON.parse(value)
    } catch (error) {
      context.addIssue({ code: 'custom', message: String(error) })
      return z.NEVER
    }
  })
  const parsed = json.pipe(kept).safeParse(text)
  return parsed.success ? parsed.data : null
}
