import { arity, everywhere, type Args, type Command, type Flag } from './command.ts'
import { allFlags, readChannel, readCount, readDuration, readId, readPerson, sortWords, type Sorted, type TypedFlag } from './read-flags.ts'
import { nearestCommands, nearestWords } from './suggest.ts'
import { bareWord, cleanName, type Token } from './tokenize.ts'

/** What is wrong with a typed command. Never holds a value of KEY=value. */
export type UsageProblem =
  | { readonly code: 'unknown_command'; readonly words: string }
  | { readonly code: 'unknown_flag'; readonly flag: string; readonly command: string; readonly known: readonly string[]; readonly nearest: string | null }
  | { readonly code: 'flag_needs_value'; readonly flag: string; readonly value: string; readonly command: string }
  | { readonly code: 'flag_takes_no_value'; readonly flag: string; readonly command: string }
  | { readonly code: 'missing_arguments'; readonly text: string; readonly argument: string; readonly command: string; readonly example: string }
  | { readonly code: 'too_many_arguments'; readonly text: string; readonly word: string; readonly command: string; readonly example: string }
  | { readonly code: 'bad_duration'; readonly value: string }
  /** `asText`: the list was asked for without its buttons. */
  | { readonly code: 'bad_count'; readonly flag: string; readonly value: string; readonly command: string; readonly asText?: true }
  | { readonly code: 'bad_channel'; readonly value: string }
  | { readonly code: 'bad_person'; readonly value: string }

/** A corrected command, offered as a button that says `label`. */
export interface Fix {
  readonly label: string
  readonly tokens: readonly Token[]
}

/** A command that can run. `tokens` and the places of its words let a refusal offer the same command with another word. */
export interface Parsed {
  readonly command: Command
  readonly args: Args
  readonly app: string | null
  /** A channel that was named where an app is: its only app is meant. */
  readonly appChannel: string | null
  readonly rack: string | null
  readonly tokens: readonly Token[]
  readonly sorted: Sorted
  /** How many of the words name the command. */
  readonly named: number
}

export type ParseResult =
  | { readonly kind: 'menu' }
  | { readonly kind: 'run'; readonly parsed: Parsed }
  | { readonly kind: 'problem'; readonly problem: UsageProblem; readonly fixes: readonly Fix[] }

/** One plain word. */
export const word = (text: string): Token => ({ text, marked: text, quoted: false, assignment: null })

const firstWords: Readonly<Record<string, string>> = {
  release: 'releases', app: 'apps', promotion: 'promotions', process: 'ps', processes: 'ps', envs: 'env', environment: 'env', deploys: 'deploy',
}
const laterWords: Readonly<Record<string, string>> = { param: 'params', images: 'import-image', 'import-images': 'import-image', information: 'info' }

/** The typed words in the one form the commands have (`release` is `releases`). */
const normalised = (words: readonly string[], commands: readonly Command[]): string[] => {
  const lower = words.map((typed) => bareWord(typed).toLowerCase())
  const [first, second] = lower
  if (first === undefined) return []
  const plural = first === 'build' && second !== undefined && commands.some((command) => command.name === `builds ${laterWords[second] ?? second}`)
  return [plural ? 'builds' : (firstWords[first] ?? first), ...lower.slice(1).map((typed) => laterWords[typed] ?? typed)]
}

const findCommand = (words: readonly string[], commands: readonly Command[]): Command | undefined =>
  commands
    .filter((command) => command.name.split(' ').every((name, index) => words[index] === name))
    .toSorted((a, b) => b.name.length - a.name.length)[0]

/** A channel chosen from Slack's list; a mere name is taken for an app's. */
const markedChannel = (marked: string): string | null => /^[`'"“(]*<#([A-Z0-9]+)>/u.exec(marked)?.[1] ?? null

const plural = (count: number): string => (count === 1 ? '1 arg' : `${count} args`)

interface Read { readonly text: Record<string, string | undefined>; readonly number: Record<string, number | undefined>; readonly on: Set<string> }

const readText = (flag: Flag, value: string, marked: string): string | null => {
  if (flag.kind === 'channel') return readChannel(marked)
  if (flag.kind === 'person') return readPerson(marked)
  return flag.kind === 'id' ? readId(value) : value
}

const readFlag = (typed: TypedFlag, flag: Flag, command: string, into: Read): UsageProblem | null => {
  const value = typed.value ?? flag.bare
  if (flag.kind === 'boolean') {
    if (value !== undefined) return { code: 'flag_takes_no_value', flag: typed.as, command }
    into.on.add(flag.name)
    return null
  }
  if (value === undefined || value === '') return { code: 'flag_needs_value', flag: typed.as, value: flag.value ?? flag.kind, command }
  if (flag.kind === 'duration' || flag.kind === 'count') {
    const number = flag.kind === 'duration' ? readDuration(value) : readCount(value)
    if (number === null) return flag.kind === 'duration' ? { code: 'bad_duration', value } : { code: 'bad_count', flag: `--${flag.name}`, value, command }
    into.number[flag.name] = number
    return null
  }
  const text = readText(flag, value, typed.marked ?? value)
  if (text === null) return { code: flag.kind === 'person' ? 'bad_person' : 'bad_channel', value }
  into.text[flag.name] = text
  return null
}

const asTyped = (tokens: readonly Token[], places: readonly number[]): Token[] => places.flatMap((place) => tokens[place] ?? [])

/** What to echo of words that are no command: never a value. */
const echo = (words: readonly Token[]): string =>
  words.slice(0, 3).map((token) => (token.assignment === null ? token.text : `${token.assignment.key}=…`)).join(' ')

const flagTokens = (tokens: readonly Token[], flags: readonly TypedFlag[]): Token[] => flags.flatMap((flag) => tokens.slice(flag.from, flag.to))

const unknownCommand = (tokens: readonly Token[], sorted: Sorted, commands: readonly Command[], matched: Command | undefined): ParseResult => {
  const words = asTyped(tokens, sorted.words)
  const names = commands.map((command) => command.name)
  const typed = normalised(words.filter((token) => token.assignment === null).map((token) => token.text), commands)
  const fixes: Fix[] = []
  const offer = (name: string, rest: readonly Token[]): void => {
    const command = commands.find((known) => known.name === name)
    if (command === undefined || fixes.some((fix) => fix.label === name)) return
    const kept = [...name.split(' ').map(word), ...(arity(command).max === 0 ? [] : rest), ...flagTokens(tokens, sorted.flags)]
    if (parse(kept, commands).kind === 'run') fixes.push({ label: name, tokens: kept })
  }
  if (matched !== undefined) {
    // `releases RX` means its info, `env FOO` its value, `env FOO=bar` a change.
    const used = matched.name.split(' ').length
    const rest = words.slice(used)
    const verbs = names.filter((name) => name.startsWith(`${matched.name} `)).map((name) => name.slice(matched.name.length + 1))
    const next = rest[0]
    const near = next === undefined || next.assignment !== null ? [] : nearestWords(next.text, verbs)
    for (const verb of near) offer(`${matched.name} ${verb}`, rest.slice(1))
    if (near.length === 0) offer(`${matched.name} ${next?.assignment ? 'set' : matched.name === 'env' ? 'get' : 'info'}`, rest)
  }
  const guesses = fixes.length > 0 ? [] : nearestCommands(typed, names, 5)
  for (const guess of guesses) if (fixes.length < 3) offer(guess.name, words.slice(guess.used))
  // What is meant lacks an argument: its page says which.
  if (fixes.length === 0) for (const { name } of guesses) fixes.push({ label: `help ${name}`, tokens: ['help', ...name.split(' ')].map(word) })
  return { kind: 'problem', problem: { code: 'unknown_command', words: echo(words) }, fixes: fixes.slice(0, 3) }
}

const problem = (found: UsageProblem, fixes: readonly Fix[] = []): ParseResult => ({ kind: 'problem', problem: found, fixes })

const knownFlags = (command: Command): Flag[] => [...command.flags, ...everywhere]

/** Reads typed words by the commands' definitions. Pure; throws nothing. */
export const parse = (typed: readonly Token[], commands: readonly Command[]): ParseResult => {
  const tokens = /^\/?convox$/iu.test(bareWord(typed[0]?.text ?? '')) ? typed.slice(1) : typed
  const sorted = sortWords(tokens, allFlags(commands))
  const words = asTyped(tokens, sorted.words)
  const wantsHelp = sorted.flags.some((flag) => flag.flag?.name === 'help')
  if (words.length === 0 && !wantsHelp && sorted.flags.every((flag) => flag.flag !== undefined && everywhere.includes(flag.flag))) return { kind: 'menu' }
  const texts = normalised(words.map((token) => (token.assignment === null ? token.text : '')), commands)
  const found = findCommand(texts, commands)
  if (wantsHelp) return parse([word('help'), ...(found?.name === 'help' ? [] : words.filter((token) => token.assignment === null))], commands)
  if (found === undefined) return unknownCommand(tokens, sorted, commands, undefined)

  const named = found.name.split(' ').length
  const given = words.slice(named)
  const { min, max } = arity(found)
  const read: Read = { text: {}, number: {}, on: new Set() }
  const flags = knownFlags(found)
  const verbs = commands.filter((command) => command.name.startsWith(`${found.name} `)).map((command) => command.name.slice(found.name.length + 1))
  // A verb with a slip has flags that the noun does not know.
  if (max === 0 && nearestWords(bareWord(given[0]?.text ?? ''), verbs).length > 0) return unknownCommand(tokens, sorted, commands, found)
  const asText = flags.some(({ name }) => name === 'text') && sorted.flags.some(({ flag }) => flag?.name === 'text')
  // Before the words are counted: a mistyped flag leaves its value among them.
  for (const flag of found.anyFlags === true ? [] : sorted.flags) {
    const known = flags.find((one) => one.name === flag.flag?.name)
    if (known === undefined) return unknownFlag(tokens, flag, found, commands)
    const wrong = readFlag(flag, known, found.name, read)
    if (wrong !== null) return problem(wrong.code === 'bad_count' && asText ? { ...wrong, asText } : wrong)
  }
  if (max === 0 && given.length > 0 && verbs.length > 0) return unknownCommand(tokens, sorted, commands, found)
  const { example } = found
  if (given.length < min) {
    const missing = found.args.filter((argument) => argument.required)[given.length]
    const text = max === Infinity ? `at least ${plural(min)} required` : `${plural(min)} required`
    return problem({ code: 'missing_arguments', text, argument: missing?.name ?? '', command: found.name, example })
  }
  if (given.length > max) {
    const extra = given[max]
    const text = max === 0 ? 'no args expected' : `no more than ${plural(max)} expected`
    return problem({ code: 'too_many_arguments', text, word: extra === undefined || extra.assignment !== null ? '' : extra.text, command: found.name, example })
  }
  const left = found.flags.find((flag) => flag.needed === true && !sorted.flags.some((one) => one.flag?.name === flag.name))
  if (left !== undefined) return problem({ code: 'flag_needs_value', flag: `--${left.name}`, value: left.value ?? left.kind, command: found.name })
  const { app, rack, ...text } = read.text
  const namedApp = found.namesApp === true ? given[0] : undefined
  const flaggedApp = sorted.flags.findLast((flag) => flag.flag?.name === 'app')
  return {
    kind: 'run',
    parsed: {
      command: found,
      args: { words: given, text, number: read.number, on: read.on },
      app: namedApp !== undefined ? cleanName(namedApp.text) : app === undefined ? null : cleanName(app),
      appChannel: markedChannel((namedApp ?? flaggedApp)?.marked ?? ''),
      rack: rack === undefined ? null : cleanName(rack),
      tokens, sorted, named,
    },
  }
}

const unknownFlag = (tokens: readonly Token[], flag: TypedFlag, command: Command, commands: readonly Command[]): ParseResult => {
  const nearest = nearestWords(flag.as.replace(/^-+/u, ''), knownFlags(command).map((one) => one.name), 1)[0] ?? null
  // A correction that is itself wrong would only lead to the next question.
  const fixes = nearest === null ? [] : [replaced(tokens, flag, nearest)].filter((fix) => parse(fix.tokens, commands).kind === 'run')
  const own = command.flags.length === 0 ? everywhere.slice(0, 1) : command.flags
  const known = own.map((one) => `--${one.name}`)
  return problem({ code: 'unknown_flag', flag: flag.as, command: command.name, known, nearest: nearest === null ? null : `--${nearest}` }, fixes)
}

const replaced = (tokens: readonly Token[], flag: TypedFlag, name: string): Fix => {
  const token = tokens[flag.from]
  const rest = token === undefined ? '' : token.text.slice(flag.as.length)
  return { label: `--${name}`, tokens: [...tokens.slice(0, flag.from), word(`--${name}${rest}`), ...tokens.slice(flag.from + 1)] }
}
