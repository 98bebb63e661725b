import { createTwoFilesPatch } from 'diff'

/** One side: the release's id and its convox.yml, byte for byte; empty for none. */
export interface RawSide { readonly name: string; readonly text: string }

/** Two texts that have nothing in common take the square of their length; after so many ms the whole of both is shown instead. */
const patience = 100

const lines = (sign: string, text: string): string => text.split('\n').map((line) => `${sign}${line}`).join('\n')

/** The difference of two convox.yml as `diff -u` writes it; '' when they are the same. */
export const rawDifference = (before: RawSide, after: RawSide): string => {
  if (before.text === after.text) return ''
  const [from, to] = [`${before.name}/convox.yml`, `${after.name}/convox.yml`]
  const patch = createTwoFilesPatch(from, to, before.text, after.text, undefined, undefined, { context: 3, timeout: patience })
  if (patch === undefined) return `--- ${from}\n+++ ${to}\n${lines('-', before.text)}\n${lines('+', after.text)}\n`
  return patch.replace(/^=+\n/, '')
}
