import type { CommandDoc } from '../command-doc.ts'
import { codeBlock, header, section, type Answer } from '../blocks.ts'
import { code, joined, say, type Phrase, type Span } from './phrase.ts'
import { escapeMrkdwn } from './plain-text.ts'
import { phone } from './tables.ts'

/** Words of a definition are our own: their back-ticks mark code. */
const own = (text: string): Span => ({ markup: escapeMrkdwn(text) })

const flagValue = (flag: CommandDoc['flags'][number]): string => (flag.kind === 'boolean' ? '' : flag.bare === undefined ? ` <${flag.value ?? flag.kind}>` : ` [${flag.value ?? flag.kind}]`)
const flagUsage = (flag: CommandDoc['flags'][number]): string => {
  const typed = `--${flag.name}${flagValue(flag)}`
  return flag.needed === true ? typed : `[${typed}]`
}
const argument = (arg: CommandDoc['args'][number]): string => {
  const name = arg.many === true ? `${arg.name} …` : arg.name
  return arg.required ? `<${name}>` : `[${name}]`
}

const partsOf = (command: CommandDoc): readonly string[] =>
  [command.name, ...command.args.map((arg) => argument(arg)), ...command.flags.map((flag) => flagUsage(flag))]

/** `releases promote [id] [--deadline <duration>]`, from the definition: what may be left out is in brackets. */
export const usageOf = (command: CommandDoc): string => partsOf(command).join(' ')

/** The same as lines that a phone shows: each argument and flag whole, the second line and those after it indented. */
export const usageLines = (command: CommandDoc): readonly string[] => {
  const lines: string[] = []
  for (const part of ['/convox', ...partsOf(command)]) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + 1 + part.length <= phone.line) lines[lines.length - 1] = `${line} ${part}`
    else lines.push(line === undefined ? part : `${phone.indent}${part}`)
  }
  return lines
}

/** Usage on the overview: flags are on the command's own page. */
const shortUsage = (command: CommandDoc): string => [command.name, ...command.args.map((arg) => argument(arg))].join(' ')

const nounOf = (command: CommandDoc): string => command.name.split(' ')[0] ?? command.name

/** One line per command, usage then what it does, grouped by noun (cards.md 5). */
export const helpOverview = (commands: readonly CommandDoc[]): Answer => {
  const nouns = [...new Set(commands.map((command) => nounOf(command)))]
  const groups = nouns.map((noun) => commands.filter((command) => nounOf(command) === noun))
  const lines = groups.map((group) => joined(group.map((command) => say`${code(shortUsage(command))} ${own(command.summary)}`), '\n'))
  return {
    text: 'Every command; for one of them type /convox help and its name.',
    blocks: [
      header('Commands'),
      ...sections(lines),
      section(say`One of them: ${code('/convox help releases promote')} · the same in a thread: ${code('@convox releases -a shop')}`),
    ],
  }
}

/** Groups share sections, so that a long list stays within the blocks of a message. */
const sections = (groups: readonly Phrase[]): ReturnType<typeof section>[] => {
  const parts: Phrase[][] = []
  let size = 0
  for (const group of groups) {
    const length = group.reduce((sum, span) => sum + JSON.stringify(span).length, 0)
    if (parts.length === 0 || size + length > 2400) {
      parts.push([])
      size = 0
    }
    parts.at(-1)?.push(group)
    size += length
  }
  return parts.map((part) => section(joined(part, '\n\n')))
}

const who = {
  viewer: 'everybody', deployer: 'deployers, approvers and admins', approver: 'approvers and admins', admin: 'admins',
} as const satisfies Record<CommandDoc['role'], string>

const listed = (rows: readonly (readonly [name: string, what: string])[]): Phrase => joined(rows.map(([name, what]) => say`${code(name)} ${own(what)}`), '\n')

/** One command: usage, a sentence, arguments and flags, who may, an example to copy. */
export const helpOf = (command: CommandDoc): Answer => {
  const rows: (readonly [string, string])[] = [
    ...command.args.map((arg) => [argument(arg), arg.what] as const),
    ...command.flags.map((flag) => [`${flag.short === undefined ? '' : `-${flag.short}, `}--${flag.name}${flagValue(flag)}`, flag.needed === true ? `${flag.what} Needed.` : flag.what] as const),
  ]
  const notes = command.notes ?? []
  return {
    text: `Help for ${command.name}: ${command.summary.replaceAll('`', '')}`,
    blocks: [
      codeBlock(usageLines(command).join('\n')),
      section(joined([own(command.summary), ...notes.map((note) => own(note))], '\n')),
      ...(rows.length === 0 ? [] : [section(listed(rows))]),
      section(say`Who may: ${who[command.role]}.\nExample: ${code(`/convox ${command.example}`)}`),
    ],
  }
}
