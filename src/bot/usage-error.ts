import type { ButtonFacts } from './blocks.ts'
import type { ChannelTrouble } from './context.ts'
import type { UsageProblem } from './parse.ts'

/** What opens a modal once more: the button, and the words that do the same; null where there are none. */
export interface Again {
  readonly button: Pick<ButtonFacts, 'action' | 'label' | 'value' | 'about'> | null
  readonly command: string | null
}

/** Every no that the bot says by itself, before a rack is asked, as facts. Never holds a value of KEY=value. */
export type UsageError =
  | UsageProblem
  | { readonly code: 'unclosed_quote'; readonly quote: string }
  /** A word of `apps params set` without `=`. */
  | { readonly code: 'param_without_value'; readonly word: string; readonly example: string }
  /** The channel belongs to several apps. */
  | { readonly code: 'app_not_clear'; readonly apps: readonly string[] }
  /** The channel belongs to no app and none was named. */
  | { readonly code: 'app_needed'; readonly example: string }
  /** A channel was named instead of an app, and belongs to none. */
  | { readonly code: 'channel_without_app'; readonly channel: string }
  /** Several racks have an app of this name. */
  | { readonly code: 'rack_not_clear'; readonly app: string; readonly racks: readonly string[] }
  | { readonly code: 'rack_unknown'; readonly rack: string; readonly racks: readonly string[] }
  | { readonly code: 'channel_needed'; readonly app: string }
  | {
    readonly code: 'channel_unusable'
    readonly channel: string
    readonly why: ChannelTrouble
    readonly app: string
  }
  /** KEY=value in a mention: it stands in the channel. */
  | { readonly code: 'values_in_mention'; readonly app: string | null }
  | { readonly code: 'build_from_source' }
  | { readonly code: 'not_available'; readonly what: string; readonly instead: string }
  | { readonly code: 'text_too_long'; readonly what: string; readonly length: number; readonly limit: number }
  /** A file that came with a message or a form. */
  | { readonly code: 'file_unusable'; readonly name: string; readonly why: 'gone' | 'too_large' | 'not_text' | 'not_allowed' }
  /** A file came with no word about it. */
  | { readonly code: 'file_without_words' }
  /** The trigger of a modal was used up or too old. */
  | { readonly code: 'too_slow'; readonly again: Again }
  /** A file that goes with an answer did not get to the person; what was asked for is done. */
  | { readonly code: 'file_not_sent'; readonly name: string }
  /** Slack lacks a permission. */
  | { readonly code: 'missing_scope'; readonly what: string; readonly scope: string }
  | { readonly code: 'card_not_posted' }
  | { readonly code: 'unexpected'; readonly app: string | null }

/** Ends a command with words about how it was typed. `message` is for the log. */
export class UsageFailure extends Error {
  readonly problem: UsageError
  constructor(problem: UsageError) {
    super(problem.code)
    this.name = 'UsageFailure'
    this.problem = problem
  }
}
