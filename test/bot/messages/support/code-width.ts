import type { AnyBlock } from '@slack/types'
import { phone } from '../../../../src/bot/messages/tables.ts'
import { seen, strings } from './seen.ts'

/** Code points, as a code block shows them. */
export const width = (line: string): number => [...line].length

/**
 * A code line that is wider than ours may be, by the name of its message: what somebody copies is not broken, and what answers.md and the seeds print
 * stays as they print it.
 */
export const wider: readonly (readonly [message: RegExp, line: RegExp, atMost: number])[] = [
  [/^notice/, /^ERROR: /, 500], // the thread's last line (cards.md 1.9)
  [/^notice/, /^/, 200], // lines of a log, as they were written
  [/^list, releases --text|^releases text/, /^/, 180], // the seeds' table, its descriptions cut at 120
  [/^releases info, revealed/, /^(Env)? +\w+=/, Infinity],
  [/^(manifest|env|env get),/, /^/, Infinity],
]

/** The most code points of this line of this message. */
export const widest = (name: string, line: string): number =>
  Math.max(phone.line, ...wider.filter(([message, like]) => message.test(name) && like.test(line)).map(([, , atMost]) => atMost))

/** Every line of the code blocks, as a person sees it. */
export const codeLines = (blocks: readonly AnyBlock[]): readonly string[] =>
  strings(blocks).flatMap(([, text]) => [...text.matchAll(/```\n?([\s\S]*?)\n?```/g)].flatMap(([, code = '']) => seen(code).split('\n')))
