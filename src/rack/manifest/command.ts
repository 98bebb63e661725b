import { parse } from 'shell-quote'
import { problem, readText } from './fields.ts'
import type { Problems } from './fields.ts'
import type { Command } from './manifest.ts'

const unclosedQuote = (text: string): string | undefined => {
  let open: string | undefined
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index]
    if (char === '\\' && open !== "'") index += 1
    else if (open === undefined && (char === '"' || char === "'")) open = char
    else if (char === open) open = undefined
  }
  return open
}

const operatorOf = (entry: object): string => {
  if ('comment' in entry) return '#'
  return 'op' in entry ? String(entry.op) : 'operator'
}

/**
 * Splits a command into words as a shell would, for the container's `args`. No shell runs it: `$VAR` stays as it is
 * (Kubernetes replaces `$(VAR)`), `*` too, and an operator such as `&&` or `|` is refused, because the process would get it as a plain word.
 */
export const splitCommand = (path: string, command: string, problems: Problems): readonly string[] => {
  const quote = unclosedQuote(command)
  if (quote !== undefined) {
    problem(problems, path, `has a ${quote} that is never closed.`)
    return []
  }
  const words: string[] = []
  const operators = new Set<string>()
  // `${…}` with operators in it makes the library throw; as a word of its own meaning it is left to `sh -c '…'`.
  if (/\$\{(?![0-9A-Za-z_]*\})/.test(command.replaceAll(/'[^']*'/g, ''))) operators.add('${')
  else {
    for (const entry of parse(command, (name) => `$${name}`)) {
      if (typeof entry === 'string') words.push(entry)
      else if ('pattern' in entry) words.push(entry.pattern)
      else operators.add(operatorOf(entry))
    }
  }
  if (operators.size > 0) {
    problem(problems, path, `uses ${[...operators].map((name) => `\`${name}\``).join(', ')}, but no shell runs it. Quote it, or write: sh -c '…'`)
  }
  return words
}

/** A command as written and as words. Absent stays absent. */
export const readCommand = (path: string, value: unknown, problems: Problems): Command | undefined => {
  const command = readText(path, value, problems)
  return command === undefined ? undefined : { command, args: splitCommand(path, command, problems) }
}
