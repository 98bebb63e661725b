import type { Command } from './command.ts'
import { parse } from './parse.ts'
import { tokenize } from './tokenize.ts'

/** Commands whose name=value words are no secrets. */
const openPairs = ['apps params set', 'builds import-image', 'deploy']

/** Whether a mention holds env values, or may: then it is refused unread, because it stands in the channel (cards.md 7, row 33). Pure. */
export const mayHoldValues = (text: string, commands: readonly Command[]): boolean => {
  const read = tokenize(text)
  if (!read.ok) return /[\w.]\s*=/u.test(text)
  if (read.tokens.every((token) => token.assignment === null)) return false
  const result = parse(read.tokens, commands)
  if (result.kind === 'run') return !openPairs.includes(result.parsed.command.name)
  return !(result.kind === 'problem' && 'command' in result.problem && openPairs.includes(result.problem.command))
}
