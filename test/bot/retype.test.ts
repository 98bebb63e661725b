import { expect, it } from 'vitest'
import { parse, type Parsed } from '../../src/bot/parse.ts'
import { commands } from '../../src/bot/registry.ts'
import { onApp, readQuestion, replaceName, withFlag, withWord, writeQuestion } from '../../src/bot/retype.ts'
import { tokenize, type Token } from '../../src/bot/tokenize.ts'

const parsed = (text: string): Parsed => {
  const read = tokenize(text)
  const result = read.ok ? parse(read.tokens, commands) : null
  if (result?.kind !== 'run') throw new Error(`${text} is no command`)
  return result.parsed
}
const line = (tokens: readonly Token[] | null): string | null => tokens?.map((token) => token.text).join(' ') ?? null

it.each([
  ['releases info RX -a shop', 'RA', 'releases info RA -a shop'],
  ['-a shop release info RX --reveal', 'RA', '-a shop release info RA --reveal'],
  ['releases promote', 'RA', 'releases promote RA'],
])('puts another first word into %j: %j', (text, fresh, expected) => {
  expect(line(withWord(parsed(text), 0, fresh))).toBe(expected)
})

it.each([
  ['ps', '--app mail ps'],
  ['ps -a shop', '--app mail ps'],
  ['ps --app=shop -s web', '--app mail ps -s web'],
  ['apps info shop', 'apps info mail'],
  ['apps info', '--app mail apps info'],
])('runs %j on another app: %j', (text, expected) => {
  expect(line(onApp(parsed(text), 'mail'))).toBe(expected)
})

it.each([
  ['releases info `rx`.', 'RX', 'releases info RA'],
  ['env set FOO=RX --release rx', 'RX', '--release RA env set FOO=RX'],
  ['releases create-from --build-from RX --use-active-release-env', 'RX', '--build-from RA releases create-from --use-active-release-env'],
  ['releases promote', 'RX', null],
])('replaces a wrong id in %j: %j', (text, wrong, expected) => {
  expect(line(replaceName(parsed(text), wrong, 'RA'))).toBe(expected)
})

it('keeps words behind a button exactly', () => {
  const { tokens } = parsed('env set A="x &amp; y\n—" B=<https://a.io|b> -a shop --promote')
  expect(readQuestion(writeQuestion(tokens))).toEqual(tokens)
  expect(parse(readQuestion(writeQuestion(withFlag(parsed('ps'), 'rack', 'prod'))), commands)).toMatchObject({ kind: 'run', parsed: { rack: 'prod' } })
})

it('refuses what it did not write', () => {
  expect(() => readQuestion('{"tokens":[{"text":1}]}')).toThrow()
  expect(() => readQuestion('releases')).toThrow()
})
