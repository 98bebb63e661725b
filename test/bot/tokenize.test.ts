import { describe, expect, it } from 'vitest'
import { bareWord, cleanId, cleanKey, cleanName, tokenize } from '../../src/bot/tokenize.ts'

const words = (text: string): string[] | string => {
  const read = tokenize(text)
  return read.ok ? read.tokens.map((token) => token.text) : `unclosed in ${read.before}`
}

const values = (text: string): Record<string, string> => {
  const read = tokenize(text)
  return read.ok ? Object.fromEntries(read.tokens.flatMap((token) => (token.assignment === null ? [] : [[token.assignment.key, token.assignment.value]]))) : {}
}

describe('words', () => {
  it.each([
    ['', []],
    ['  \n\t ', []],
    ['releases promote RX', ['releases', 'promote', 'RX']],
    ['a  b\nc\td', ['a', 'b', 'c', 'd']],
    ['-d "fix the cart"', ['-d', 'fix the cart']],
    ["-d 'fix the cart'", ['-d', 'fix the cart']],
    ['--message="fix it"', ['--message=fix it']],
    ["--message='fix it'", ['--message=fix it']],
    ['""', ['']],
    ["it's", ["it's"]],
    ["don't -d 'can not'", ["don't", '-d', 'can not']],
    ['-d "say \\"hi\\""', ['-d', 'say "hi"']],
    ['-d "C:\\\\x \\n"', ['-d', 'C:\\x \\n']],
    ["-d 'a \\ b'", ['-d', 'a \\ b']],
    ['fix\\ it', ['fix it']],
    ['a"b', ['a"b']],
    ['"RX', 'unclosed in RX'],
    ["-d 'fix", 'unclosed in fix'],
    ['FOO="secret', 'unclosed in FOO'],
    ["FOO='secret it is", 'unclosed in FOO'],
    ['"FOO=secret', 'unclosed in FOO'],
  ])('%j gives %j', (text, expected) => {
    expect(words(text)).toEqual(expected)
  })
})

describe('phone punctuation', () => {
  it.each([
    ['—promote', ['--promote']],
    ['––promote', ['--promote']],
    ['-–promote', ['--promote']],
    ['–l 5', ['-l', '5']],
    ['−l 5', ['-l', '5']],
    ['a—b', ['a—b']],
    ['-d “fix the cart”', ['-d', 'fix the cart']],
    ['-d „fix the cart“', ['-d', 'fix the cart']],
    ['-d ‘fix it’', ['-d', 'fix it']],
    ['-d “it’s – done”', ['-d', 'it’s – done']],
    ['-d ‘it’s done’', ['-d', 'it’s done']],
    ['it’s', ["it's"]],
    ['releases\u00a0-a\u202fshop', ['releases', '-a', 'shop']],
    ['--message=“fix it”', ['--message=fix it']],
  ])('%j gives %j', (text, expected) => {
    expect(words(text)).toEqual(expected)
  })

  it('never changes what stands after the first = of KEY=value', () => {
    expect(values('A=— B=it’s C=“x” D=a\u00a0b E=–5')).toEqual({ A: '—', B: 'it’s', C: '“x”', D: 'a\u00a0b', E: '–5' })
  })

  it('splits a value in a phone\'s quotes at its space, so that it is refused and never cut short', () => {
    expect(words('A=“x y”')).toEqual(['A=“x', 'y”'])
  })
})

describe('KEY=value', () => {
  it.each([
    ['FOO=bar', { FOO: 'bar' }],
    ['FOO=', { FOO: '' }],
    ['=bar', { '': 'bar' }],
    ['FOO=a=b==', { FOO: 'a=b==' }],
    ['FOO="a b" BAR=c', { FOO: 'a b', BAR: 'c' }],
    ["FOO='a \"b\" c'", { FOO: 'a "b" c' }],
    ['FOO="line 1\nline 2"', { FOO: 'line 1\nline 2' }],
    ['"FOO=a b"', { FOO: 'a b' }],
    ['“FOO=a b”', { FOO: 'a b' }],
    ['FOO={"a":1}', { FOO: '{"a":1}' }],
    ["FOO=it's", { FOO: "it's" }],
    ['FOO=^\\d+$', { FOO: '^\\d+$' }],
    ['FOO=a\\ b', { FOO: 'a b' }],
    ['FOO="a \\"b\\""', { FOO: 'a "b"' }],
    ['A=1\nB=2', { A: '1', B: '2' }],
    ['web=img:1 worker=img:2', { web: 'img:1', worker: 'img:2' }],
    ['--limit=5 -x=1', {}],
  ])('%j holds %j', (text, expected) => {
    expect(values(text)).toEqual(expected)
  })
})

describe('Slack markup', () => {
  it.each([
    ['A=1&amp;2', { A: '1&2' }],
    ['A=&lt;b&gt;', { A: '<b>' }],
    ['A=&amp;amp;', { A: '&amp;' }],
    ['U=<https://a.io/c?x=1&amp;y=2>', { U: 'https://a.io/c?x=1&y=2' }],
    ['U=<http://a.io|a.io>', { U: 'a.io' }],
    ['U=<https://a.io/|https://a.io/>', { U: 'https://a.io/' }],
    ['U=<https://real.io/x|a friendly name>', { U: 'https://real.io/x' }],
    ['M=<mailto:a@b.io|a@b.io>', { M: 'a@b.io' }],
    ['U=postgres://u:p@<http://db.io|db.io>/x', { U: 'postgres://u:p@db.io/x' }],
    ['GREETING="hi &amp; bye"', { GREETING: 'hi & bye' }],
    ['OWNER=<@U1|ana>', { OWNER: '@ana' }],
  ])('%j holds %j', (text, expected) => {
    expect(values(text)).toEqual(expected)
  })

  it('undoes a link in an image', () => {
    expect(words('deploy <http://registry.io/shop:1.4|registry.io/shop:1.4>')).toEqual(['deploy', 'registry.io/shop:1.4'])
  })

  it('keeps people and channels by their ids beside what is read', () => {
    const read = tokenize('<@U1|ana> --channel=<#C1|shop> approvers=<@U2|bo>,<@U3>,<!subteam^S4|@release-team>,<!subteam^S5>')
    expect(read.ok && read.tokens.map((token) => [token.text, token.marked])).toEqual([
      ['@ana', '<@U1>'], ['--channel=#shop', '--channel=<#C1>'], ['approvers=@bo,<@U3>,@release-team,<!subteam^S5>', 'approvers=<@U2>,<@U3>,<!subteam^S4>,<!subteam^S5>'],
    ])
  })

  it('takes what came out of markup for no quote, space or dash', () => {
    expect(words('&lt;-d&gt; &amp;—')).toEqual(['<-d>', '&—'])
  })

  it('knows a quoted flag from a flag', () => {
    const read = tokenize('"--promote" --promote')
    expect(read.ok && read.tokens.map((token) => token.quoted)).toEqual([true, false])
  })
})

describe('ids and names as people paste them', () => {
  it.each([
    ['rmkplxwqvta', 'RMKPLXWQVTA'], ['`RMKPLXWQVTA`', 'RMKPLXWQVTA'], ['RMKPLXWQVTA.', 'RMKPLXWQVTA'], ['RMKPLXWQVTA”', 'RMKPLXWQVTA'],
    ['*RX*', 'RX'], ['_RX_', 'RX'], ['~RX~', 'RX'], ['RX!', 'RX'], ['RX?', 'RX'], ['«RX»', 'RX'], ['RX…', 'RX'], ['<RX>', 'RX'], ['[RX]', 'RX'], ['„RX“', 'RX'],
    ['"RX",', 'RX'], ["'rx'.", 'RX'], ['(RX)', 'RX'], ['r', 'R'],
  ])('%j is %j', (typed, expected) => {
    expect(cleanId(typed)).toBe(expected)
  })

  it.each([['`Shop`.', 'shop'], ['#shop', 'shop'], ['*Shop*,', 'shop'], ['my-shop', 'my-shop'], ['web-5d88978c58-xd7nk.', 'web-5d88978c58-xd7nk'], ['', ''], ['.', '']])('writes the name %j as %j', (typed, expected) => {
    expect(cleanName(typed)).toBe(expected)
  })

  it.each([['`FOO`', 'FOO'], ['“FOO”,', 'FOO'], ['FOO.', 'FOO.'], ['_FOO_', '_FOO_'], ['foo', 'foo']])('takes the key %j for %j', (typed, expected) => {
    expect(cleanKey(typed)).toBe(expected)
  })

  it.each([['releases.', 'releases'], ['`/convox', '/convox'], ['a.b-c_d', 'a.b-c_d'], ["it's", "it's"]])('takes the word %j for %j', (typed, expected) => {
    expect(bareWord(typed)).toBe(expected)
  })
})

describe('whatever stands in a value', () => {
  /** Numbers from a seed (mulberry32), so that a failure can be run again. */
  const numbers = (seed: number): (() => number) => {
    let state = seed
    return () => {
      state = (state + 0x6d2b79f5) | 0
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
    }
  }
  // All that a phone changes, and all that separates or marks elsewhere; no plain quote, space or backslash, which a value may be written with.
  const pieces = [...'“”„‘’‚—–−‐…=.,;:!?#@*_~-()[]{}$%^&|/+<>`', '\u00a0', '\u2003', 'a', 'Z', '0', 'é', '🚀', '--', '-a']
  const slack = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

  it.each(Array.from({ length: 40 }, (_, seed) => [seed]))('is kept as typed, seed %d', (seed) => {
    const random = numbers(seed)
    for (let time = 0; time < 50; time += 1) {
      const value = Array.from({ length: 1 + Math.floor(random() * 12) }, () => pieces[Math.floor(random() * pieces.length)] ?? '').join('')
      const read = tokenize(slack(`env set KEY=${value} -a shop`))
      expect(read.ok ? read.tokens[2]?.assignment : read, value).toMatchObject({ key: 'KEY', value })
      expect(read.ok ? read.tokens.slice(3).map(({ text }) => text) : read).toEqual(['-a', 'shop'])
    }
  })
})
