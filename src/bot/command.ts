import type { Role } from '../rack/actor.ts'
import type { Context } from './context.ts'
import type { Token } from './tokenize.ts'

/** How a flag's value is read: `duration` is `90s`, `10m` or `2h` (kept in seconds), `count` 1 to 100, `id` in capitals, `channel` and `person` Slack ids. */
export const flagKinds = ['text', 'id', 'duration', 'count', 'channel', 'person', 'boolean'] as const
export type FlagKind = (typeof flagKinds)[number]

export interface Flag {
  /** Without dashes. */
  readonly name: string
  readonly short?: string
  readonly kind: FlagKind
  /** How help writes the value; by kind when absent. */
  readonly value?: string
  /** What it means when it is given without a value. */
  readonly bare?: string
  /** Nothing runs without it; help and the usage lines say so. */
  readonly needed?: boolean
  readonly what: string
}

export interface Argument {
  readonly name: string
  readonly what: string
  readonly required: boolean
  /** Takes all words that are left; only the last one may. */
  readonly many?: boolean
}

/** What was typed, read by the command's definition. Keys of `text` and `number` are flag names. */
export interface Args {
  readonly words: readonly Token[]
  readonly text: Readonly<Record<string, string | undefined>>
  readonly number: Readonly<Record<string, number | undefined>>
  /** Boolean flags that were given. */
  readonly on: ReadonlySet<string>
}

/** A context without an app of its own. */
export interface RackContext extends Context {
  /** The app that was named with `-a`; it need not exist. */
  readonly askedApp: string | null
}

/** A context whose app is known. */
export interface AppContext extends Context {
  readonly app: string
}

interface Definition {
  /** As typed, such as `releases promote`. */
  readonly name: string
  readonly summary: string
  readonly args: readonly Argument[]
  readonly flags: readonly Flag[]
  /** Who may run it; the rack checks, help shows. */
  readonly role: Role
  /** A whole line to copy, without `/convox`. */
  readonly example: string
  /** Further sentences of its help page. */
  readonly notes?: readonly string[]
  /** `namesApp`: its first word, when given, is the app; else `-a`, else the channel's only app. */
  readonly namesApp?: boolean
  /** True when it opens a form first, typed like this: nothing is changed before that is submitted. */
  readonly asksFirst?: (args: Args) => boolean
  /** Of a rack, and `-a` narrows it to one app: then it runs on the rack of that app. */
  readonly ofApp?: boolean
  /** Takes flags it does not know: for what only says that it is not there yet. */
  readonly anyFlags?: boolean
}

/** `app`: runs on one app, found before it runs. `rack`: on a whole rack. */
export type Command =
  | (Definition & { readonly scope: 'app'; readonly run: (context: AppContext, args: Args) => Promise<void> })
  | (Definition & { readonly scope: 'rack'; readonly run: (context: RackContext, args: Args) => Promise<void> })

/** A command that runs on one app. */
export const defineAppCommand = (command: Definition & { run: (context: AppContext, args: Args) => Promise<void> }): Command => ({ ...command, scope: 'app' })

/** A command that needs no app. */
export const defineRackCommand = (command: Definition & { run: (context: RackContext, args: Args) => Promise<void> }): Command => ({ ...command, scope: 'rack' })

/** Flags that every command knows. */
export const everywhere: readonly Flag[] = [
  { name: 'app', short: 'a', kind: 'text', value: 'app', what: 'The app; not needed where the channel has only one.' },
  { name: 'rack', short: 'r', kind: 'text', value: 'rack', what: 'The rack; not needed where there is only one.' },
  { name: 'help', short: 'h', kind: 'boolean', what: 'Shows this.' },
]

/** Number of words that must, and that may be given. */
export const arity = (command: { readonly args: readonly Argument[] }): { readonly min: number; readonly max: number } => ({
  min: command.args.filter((argument) => argument.required).length,
  max: command.args.some((argument) => argument.many) ? Infinity : command.args.length,
})
