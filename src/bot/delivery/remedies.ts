import type { Trouble } from './slack-error.ts'

/** What was being done when Slack said no. */
export const doings = ['card', 'redraw', 'lines', 'last_word', 'reading', 'telling', 'buttons', 'leaving'] as const
export type Doing = (typeof doings)[number]

/** What was being done, and what Slack said. */
export interface Failure { readonly doing: Doing; readonly trouble: Trouble }

/**
 * What we do about it.
 * - `wait_for_lane`: this method (and channel) pauses for as long as Slack says, nothing else does
 * - `try_again`: soon, then less and less often, for as long as it takes
 * - `wait_for_token`: nothing can be said until a person acts; the engine goes on, readiness says no
 * - `find_out`: it may have been stored: read back before saying it again
 * - `join`: become a member, then try again
 * - `move`: the conversation goes on in the app's other channel, else with who asked, who is told why
 * - `new_card`: a new parent, which says that it continues an earlier one
 * - `skip`: the next change is a new chance
 * - `insist`: again every minute, for hours: the final state has to be seen
 * - `give_up`: kept with its reason; a card and a last word are told of by direct message
 */
export type Remedy = 'wait_for_lane' | 'try_again' | 'wait_for_token' | 'find_out' | 'join' | 'move' | 'new_card' | 'skip' | 'insist' | 'give_up'

/** What else decides. */
export interface Circumstances {
  /** Joining was tried already. */
  readonly joined: boolean
  /** The conversation is in a direct message. */
  readonly direct: boolean
  /** The promotion has ended, and the card does not show that yet. */
  readonly final: boolean
  /** The card shows another status than it should. */
  readonly statusBehind: boolean
}

/** Doing it again changes nothing, or is looked into by the step itself. */
const repeatable: readonly Doing[] = ['redraw', 'reading', 'buttons', 'telling']

const elsewhere = ({ direct }: Circumstances): Remedy => (direct ? 'give_up' : 'move')

const onRefusal = (doing: Doing, circumstances: Circumstances): Remedy => {
  switch (doing) {
    case 'card': return elsewhere(circumstances)
    case 'redraw': return circumstances.final ? 'insist' : 'skip'
    case 'buttons':
    case 'leaving': return 'skip'
    case 'reading':
    case 'lines':
    case 'last_word':
    case 'telling': return 'give_up'
  }
}

/** Error to behaviour (reference/slack.md 4.5 and 6.3). Pure. */
export const remedyFor = (trouble: Trouble, doing: Doing, circumstances: Circumstances): Remedy => {
  // Tried once: where the conversation goes on is more important than what stays behind.
  if (doing === 'leaving' && trouble.kind !== 'limited' && trouble.kind !== 'cut_off') return 'skip'
  switch (trouble.kind) {
    case 'limited': return 'wait_for_lane'
    case 'unsent': return 'try_again'
    case 'cut_off': return 'wait_for_token'
    case 'ambiguous': return repeatable.includes(doing) ? 'try_again' : 'find_out'
    case 'absent':
      if (doing === 'buttons') return 'skip'
      return circumstances.joined || circumstances.direct ? elsewhere(circumstances) : 'join'
    case 'unpostable': return doing === 'buttons' ? 'skip' : elsewhere(circumstances)
    case 'locked': return doing === 'lines' || doing === 'last_word' ? 'new_card' : onRefusal(doing, circumstances)
    case 'gone': return doing === 'buttons' ? 'skip' : 'new_card'
    case 'uneditable': return doing === 'redraw' && circumstances.statusBehind ? 'new_card' : 'skip'
    case 'malformed':
    case 'refused': return onRefusal(doing, circumstances)
  }
}
