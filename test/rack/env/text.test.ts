import { describe, expect, it } from 'vitest'
import { diffEnv, describeEnvDiff, isEmptyDiff } from '../../../src/rack/env/diff.ts'
import { keyProblem } from '../../../src/rack/env/key.ts'
import { printEnv } from '../../../src/rack/env/print.ts'
import { describeEnvProblem, parseEnvText, parsePair, quote, unquote } from '../../../src/rack/env/text.ts'

describe('an env text', () => {
  it('keeps values as typed, spaces, quotes and equal signs included', () => {
    expect(parseEnvText('A=1\n B = two words \nC="quoted"\nD=a=b==\nE=\n\n# note\r\nF=x\r\n')).toEqual({
      ok: true, env: { A: '1', B: ' two words ', C: '"quoted"', D: 'a=b==', E: '', F: 'x' },
    })
  })

  it('reads a JSON-quoted value with line breaks', () => {
    expect(parseEnvText('KEY="-----BEGIN\\nabc\\n-----END"\nNEXT=1')).toEqual({ ok: true, env: { KEY: '-----BEGIN\nabc\n-----END', NEXT: '1' } })
  })

  it('names every problem at once', () => {
    const parsed = parseEnvText('FOO\nA B=1\nX=1\nX=2\n=v\nNUL=a\0b')
    expect(parsed.ok ? [] : parsed.problems.map(describeEnvProblem)).toEqual([
      'expected KEY=value: FOO', 'Key not allowed: `A B` (it holds white space).', '`X` is given twice.', 'Key not allowed: `` (it is empty).', 'The value of `NUL` is not allowed: it holds a zero byte.',
    ])
  })

  it('refuses more than 500 keys and takes 500', () => {
    const lines = (count: number): string => Array.from({ length: count }, (_, index) => `K${index}=v`).join('\n')
    expect(parseEnvText(lines(500)).ok).toBe(true)
    expect(parseEnvText(lines(501))).toEqual({ ok: false, problems: [{ code: 'env_too_many_keys', keys: 501 }] })
  })

  it('shows at most 40 characters of a word without a value, which may be half a secret', () => {
    expect(parsePair('x'.repeat(100))).toEqual({ code: 'env_word_without_value', word: `${'x'.repeat(40)}…` })
  })

  it('keeps __proto__ out of the way', () => {
    const parsed = parseEnvText('__proto__=x')
    expect(parsed.ok && Object.keys(parsed.env)).toEqual(['__proto__'])
  })
})

describe('a key', () => {
  it.each([
    ['FOO', undefined], ['foo.bar-baz_1', undefined], ['_X', undefined],
    ['', 'it is empty'], ['A B', 'it holds white space'], ['A\u00a0B', 'it holds white space'], ['A=B', 'it holds ='], ['A\u0007', 'it holds a control character'],
    ['ÄÖ', 'only letters, digits, dot, dash and underscore may be in it'], ['A/B', 'only letters, digits, dot, dash and underscore may be in it'],
    ['1A', 'it begins with a digit'], ['.', 'it begins with dots'], ['..a', 'it begins with dots'], ['a'.repeat(254), 'it is longer than 253 characters'],
  ])('%j is judged', (key, why) => {
    expect(keyProblem(key)).toBe(why)
  })
})

describe('quoting', () => {
  it.each(['plain', '', ' spaced ', '"quoted"', 'a\nb', '"a\\nb"', '"\\"a\\\\nb\\""', 'line\r\n', '"', '""', '"unclosed\n', '\\n', '"a" "b"', 'tab\there'])('round-trips %j', (value) => {
    expect(unquote(quote(value))).toBe(value)
    expect(quote(value)).not.toMatch(/[\r\n]/)
    const parsed = parseEnvText(printEnv({ KEY: value }, { reveal: true }))
    expect(parsed.ok && parsed.env.KEY).toBe(value)
  })
})

describe('printing', () => {
  it('sorts and masks, and reveals when asked', () => {
    const env = { B: 'two', A: 'x\ny' }
    expect(printEnv(env)).toBe('A=****\nB=****')
    expect(printEnv(env, { reveal: true })).toBe('A="x\\ny"\nB=two')
    expect(printEnv({})).toBe('')
  })
})

describe('a difference of envs', () => {
  it.each([
    [{ BAR: '1', BAZ: '1', QUX: '1' }, { FOO: '1', BAR: '2' }, 'env add:FOO change:BAR remove:BAZ remove:QUX'],
    [{}, { FOO: 'bar' }, 'env add:FOO'],
    [{ Z: '1', A: '1' }, {}, 'env remove:A remove:Z'],
    [{ A: '1' }, { A: '1' }, ''],
  ])('from %j to %j reads %s', (before, after, text) => {
    const diff = diffEnv(before, after)
    expect(describeEnvDiff(diff)).toBe(text)
    expect(isEmptyDiff(diff)).toBe(text === '')
  })

  it('does not take an inherited property for a key', () => {
    expect(diffEnv({}, { toString: 'x' })).toEqual({ added: ['toString'], changed: [], removed: [] })
  })
})
