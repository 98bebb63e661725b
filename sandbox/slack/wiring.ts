import type { Block } from './blocks/blocks.ts'
import type { createResponseUrls } from './response-urls.ts'
import type { Workspace } from './store.ts'
import type { Transport } from './transport.ts'
import type { Views } from './views.ts'

/** A slash command that the app owns, as its manifest declares it. */
export type SlashCommand = { command: string; description: string; usageHint?: string; shouldEscape?: boolean }

/** Where something was clicked. */
export type Target = { kind: 'message'; channel: string; ts: string } | { kind: 'view'; view: string }

/** What became of a slash command. `answer` is what the acknowledgement said. */
export type CommandOutcome = { ok: boolean; error?: string; answer?: { text: string; blocks: Block[] | undefined; ephemeral: boolean } | undefined }
/** What became of a click: the app acknowledged it or not. */
export type ClickOutcome = { ok: boolean; error?: string }

export interface Wiring {
  workspace: Workspace
  views: Views
  transport: Transport
  urls: ReturnType<typeof createResponseUrls>
  commands: readonly SlashCommand[]
  events: ReadonlySet<string>
  scopes: ReadonlySet<string>
  /** Whether people cannot write to the bot directly (its Messages tab is read-only). */
  readOnlyMessages: boolean
  origin: () => string
  notify: (message: { channel: string; ts: string }) => void
}
