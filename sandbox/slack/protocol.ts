import { z } from 'zod'
import type { Guide } from './guide.ts'
import type { Channel, Ephemeral, Message, Person, SharedFile, View } from './records.ts'
import type { SlashCommand } from './wiring.ts'

/** A file as the page shows it: with its text when it is short and is text. */
export type PageFile = Omit<SharedFile, 'content'> & { text?: string }

/** Everything one person sees. */
export type Snapshot = {
  kind: 'snapshot'
  team: { id: string; name: string; domain: string }
  me: string
  bot: { userId: string; name: string; online: boolean }
  people: Person[]
  channels: Channel[]
  messages: Message[]
  ephemerals: Ephemeral[]
  files: PageFile[]
  stack: View[]
  home: View | null
  commands: SlashCommand[]
  /** Nobody can write to the bot directly. */
  readOnlyMessages: boolean
  guide: { guide: Guide; done: string[] } | null
}

/** What reaches the page, one event at a time. */
export type PageEvent =
  | Snapshot
  | { kind: 'message'; message: Message }
  | { kind: 'message-gone'; channel: string; ts: string }
  | { kind: 'ephemeral'; ephemeral: Ephemeral }
  | { kind: 'ephemeral-gone'; channel: string; ts: string }
  | { kind: 'channel'; channel: Channel }
  | { kind: 'person'; person: Person }
  | { kind: 'file'; file: PageFile }
  | { kind: 'views'; stack: View[] }
  | { kind: 'home'; home: View | null }
  | { kind: 'bot'; online: boolean }
  | { kind: 'guide'; done: string[] }

const given = z.union([z.string(), z.array(z.string()), z.null()])
const values = z.record(z.string(), z.record(z.string(), given))
const target = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('message'), channel: z.string(), ts: z.string() }),
  z.object({ kind: z.literal('view'), view: z.string() }),
])
const place = { channel: z.string(), thread: z.string().optional() }
const clicked = { on: target, block: z.string(), action: z.string() }

/** What somebody does on the page. `as` is who. */
export const deed = z.discriminatedUnion('do', [
  z.object({ do: z.literal('command'), as: z.string(), ...place, text: z.string() }),
  z.object({ do: z.literal('say'), as: z.string(), ...place, text: z.string(), files: z.array(z.string()).optional() }),
  z.object({ do: z.literal('click'), as: z.string(), ...clicked, given, values: values.optional() }),
  z.object({ do: z.literal('suggest'), as: z.string(), ...clicked, query: z.string() }),
  z.object({ do: z.literal('submit'), as: z.string(), view: z.string(), values }),
  z.object({ do: z.literal('close'), as: z.string(), view: z.string(), all: z.boolean().optional() }),
  z.object({ do: z.literal('dismiss'), as: z.string(), channel: z.string(), ts: z.string() }),
  z.object({ do: z.literal('home'), as: z.string() }),
  z.object({ do: z.literal('skip'), as: z.string(), step: z.string() }),
  z.object({ do: z.literal('restart-guide'), as: z.string() }),
])
export type Deed = z.infer<typeof deed>
