import type { ModalView } from '@slack/types'
import type { Logger } from 'pino'
import type { Actor } from '../rack/actor.ts'
import type { Caller, Inbox, Operations } from '../rack/operations.ts'
import type { Message } from './blocks.ts'
import type { Names } from './messages/phrase.ts'

/** One field of a submitted modal, flattened from `view.state.values` (one action per block): text inputs and single selects
 * give a string (null when empty), check boxes and multi selects the list of chosen values. */
export type FieldValue = string | null | readonly string[]

/**
 * One thing a person did, as plain JSON: it is what the inbox keeps. `text` of a mention comes without the bot's own mention in front.
 * `click.value` is the button's value, or the chosen option's of a menu or select. `submission.fields` is keyed by block_id.
 */
export type Incoming =
  | { readonly kind: 'command'; readonly text: string }
  /** `files`: ids of those that came with the message. */
  | { readonly kind: 'mention'; readonly text: string; readonly files?: readonly string[] }
  | { readonly kind: 'click'; readonly action: string; readonly value: string; readonly on: 'message' | 'ephemeral' | 'modal' }
  | { readonly kind: 'submission'; readonly view: string; readonly metadata: string; readonly fields: Readonly<Record<string, FieldValue>> }

/** What may be wrong with a channel for cards; `shared`: with another company; `not_allowed`: any other no of Slack's. */
export type ChannelTrouble = 'not_in_channel' | 'archived' | 'not_found' | 'read_only' | 'no_threads' | 'threads_only' | 'shared' | 'direct' | 'not_allowed'

/** Whether cards can be posted to a channel, after trying to join a public one. */
export type ChannelCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly why: ChannelTrouble }

/** A text file that a person gave, or why it cannot be read: it is gone (or was never ours to see), too large, no text, or Slack does not let us. */
export type FileRead =
  | { readonly ok: true; readonly name: string; readonly text: string }
  | { readonly ok: false; readonly name: string; readonly why: 'gone' | 'too_large' | 'not_text' | 'not_allowed' }

/** The Slack side of one delivery. */
export interface SlackSurface {
  /** Opens a modal with this delivery's trigger and returns its view id; null when there is no trigger or it is used up or too old. */
  openModal(view: ModalView): Promise<string | null>
  /** Replaces what the modal shows. A modal the person has closed meanwhile is no error. */
  updateModal(viewId: string, view: ModalView): Promise<void>
  /** Ephemeral, to the person alone: response_url, else chat.postEphemeral (in the thread it came from), else a direct message.
   * `replace` redraws the ephemeral message the click came from (elsewhere it has no effect). Throws `UnsaidError` when Slack took none of them. */
  answer(message: Message, options?: { readonly replace?: boolean }): Promise<void>
  /** A file by direct message, for what is too long for an answer. Throws `UsageFailure` when Slack does not take it. */
  sayFile(name: string, text: string): Promise<void>
  /** A text file that came with a message or a form, by its id. */
  readFile(id: string): Promise<FileRead>
  /** Display names (people and channels) by Slack id, for plain text; an id that Slack does not know is left out. Never throws. */
  names(ids: readonly string[]): Promise<Names>
  /** Link to the promotion's card; null when it is not posted yet. */
  permalinkOfCard(promotion: string): Promise<string | null>
  checkChannel(channel: string): Promise<ChannelCheck>
}

/** Where the person is. `direct` is a direct message with the bot. */
export interface Place {
  readonly channel: string
  readonly direct: boolean
  /** `ts` of the message: the one whose button was clicked, or the mention itself. */
  readonly message?: string
}

/** What dispatch is given with each delivery. The delivery layer makes one per `Incoming`. */
export interface Desk {
  /** Id of the delivery, as accepted by the inbox; absent in tests only. */
  readonly delivery?: string
  readonly place: Place
  /** Who acts; throws `RefusalError` (`not_a_member`, `shared_channel`), so that dispatch can say so. */
  identify(): Promise<Actor>
  /** At least one; the first is used when `-r` is not given. */
  readonly racks: readonly Operations[]
  /** Slack ids of the admins that the settings name, for "ask an admin"; none where the workspace's own admins are. */
  readonly admins?: readonly string[]
  readonly inbox: Inbox
  readonly slack: SlackSurface
  readonly log: Logger
  readonly clock: () => Date
  /** Four hex digits, shown with every "no" and written with every log line of this delivery. */
  readonly ref: string
}

/** What a command, action or view runs with: one rack and one known person. */
export interface Context {
  readonly caller: Caller
  readonly rack: Operations
  readonly racks: readonly Operations[]
  readonly place: Place
  /** Ids of the files that came with the message. */
  readonly files: readonly string[]
  readonly inbox: Inbox
  readonly slack: SlackSurface
  /** The surface as it was before it remembered a rack; absent: `slack` remembers none. */
  readonly plainSlack?: SlackSurface
  /** Told which rack it is about, as soon as that is known: what goes wrong from then on is said of that one. */
  readonly noteRack?: (rack: string) => void
  /** The button, the modal or the `-r` of a command for a whole rack said itself which rack it is about. */
  readonly rackSaid?: boolean
  readonly log: Logger
  readonly clock: () => Date
  readonly ref: string
}

/** How a modal's submission is acknowledged: errors by block_id keep it open, null closes it. */
export type SubmissionErrors = Readonly<Record<string, string>> | null
