import { describe, expect, it } from 'vitest'
import { parse, type ParseResult } from '../../src/bot/parse.ts'
import { commands } from '../../src/bot/registry.ts'
import { tokenize, type Token } from '../../src/bot/tokenize.ts'

const tokensOf = (text: string): readonly Token[] => {
  const read = tokenize(text)
  if (!read.ok) throw new Error(`a quote is open in ${text}`)
  return read.tokens
}

const parsed = (text: string): ParseResult => parse(tokensOf(text), commands)

/** One line of what was understood: `name words… --flag=value @app -r rack`. */
const understood = (text: string): string => {
  const result = parsed(text)
  if (result.kind !== 'run') return result.kind === 'menu' ? 'menu' : result.problem.code
  const { command, args, app, rack } = result.parsed
  return [
    command.name,
    ...args.words.map((token) => `<${token.text}>`),
    ...Object.entries(args.text).map(([name, value]) => `${name}=${value}`),
    ...Object.entries(args.number).map(([name, value]) => `${name}=${value}`),
    ...args.on,
    ...(app === null ? [] : [`@${app}`]),
    ...(rack === null ? [] : [`on ${rack}`]),
  ].join(' ')
}

describe('what is typed', () => {
  it.each([
    ['', 'menu'],
    ['-a shop', 'menu'],
    ['/convox', 'menu'],
    ['help', 'help'],
    ['help promote', 'help <promote>'],
    ['--help', 'help'],
    ['-h', 'help'],
    ['releases promote --help', 'help <releases> <promote>'],
    ['releases promote -h RX', 'help <releases> <promote> <RX>'],
    ['apps', 'apps'],
    ['app', 'apps'],
    ['APPS', 'apps'],
    ['/convox apps', 'apps'],
    ['convox apps', 'apps'],
    ['apps create shop', 'apps create <shop>'],
    ['apps create shop --channel <#C123|ops>', 'apps create <shop> channel=C123'],
    ['apps create shop --channel=<#C123>', 'apps create <shop> channel=C123'],
    ['apps create shop --channel C0123ABCD', 'apps create <shop> channel=C0123ABCD'],
    ['apps info shop', 'apps info <shop> @shop'],
    ['apps info Shop.', 'apps info <Shop.> @shop'],
    ['apps info -a shop', 'apps info @shop'],
    ['apps cancel', 'apps cancel'],
    ['apps delete shop --confirm shop', 'apps delete <shop> confirm=shop @shop'],
    ['apps params', 'apps params'],
    ['apps params shop', 'apps params <shop> @shop'],
    ['apps param set approvals=0 expiry=2h -a shop', 'apps params set <approvals=0> <expiry=2h> @shop'],
    ['releases', 'releases'],
    ['release', 'releases'],
    ['releases --limit 5', 'releases limit=5'],
    ['releases --limit=5 --text', 'releases limit=5 text'],
    ['releases -l 100 -a shop -r prod', 'releases limit=100 @shop on prod'],
    ['-a shop releases', 'releases @shop'],
    ['releases -a=shop', 'releases @shop'],
    ['releases -a shop -a mail', 'releases @mail'],
    ['releases info rx --reveal', 'releases info <rx> reveal'],
    ['release info rx', 'releases info <rx>'],
    ['releases manifest RX', 'releases manifest <RX>'],
    ['releases create-from', 'releases create-from'],
    ['releases create-from --build-from `rx` --use-active-release-env -p', 'releases create-from build-from=RX use-active-release-env promote'],
    ['releases promote', 'releases promote'],
    ['releases promote RX --deadline 10m', 'releases promote <RX> deadline=600'],
    ['releases --deadline 90s promote RX', 'releases promote <RX> deadline=90'],
    ['releases promote RX --deadline 2H', 'releases promote <RX> deadline=7200'],
    ['releases rollback RX', 'releases rollback <RX>'],
    ['builds', 'builds'],
    ['build', 'build'],
    ['build .', 'build <.>'],
    ['build . --no-cache -m x.yml', 'build <.> <x.yml>'],
    ['build info BX', 'builds info <BX>'],
    ['builds info BX', 'builds info <BX>'],
    ['build import-image shop:1', 'builds import-image <shop:1>'],
    ['builds import-image shop:1 -d "fix the cart" --git-sha 0a1b --message m --release rx --manifest',
      'builds import-image <shop:1> description=fix the cart git-sha=0a1b message=m release=RX manifest'],
    ['builds import-image web=shop:1 worker=work:2', 'builds import-image <web=shop:1> <worker=work:2>'],
    ['builds export BX', 'builds export <BX>'],
    ['builds import -f x.tgz', 'builds import <x.tgz>'],
    ['builds logs BX', 'builds logs <BX>'],
    ['deploy', 'deploy'],
    ['deploy shop:1.4.2', 'deploy <shop:1.4.2>'],
    ['deploy --git-sha 1e5 shop:1.10', 'deploy <shop:1.10> git-sha=1e5'],
    ['env', 'env'],
    ['env --reveal --release rx', 'env release=RX reveal'],
    ['env get FOO', 'env get <FOO>'],
    ['env set', 'env set'],
    ['env set FOO=bar BAZ="a b" --promote', 'env set <FOO=bar> <BAZ=a b> promote'],
    ['env set --replace FOO=-x', 'env set <FOO=-x> replace'],
    ['env set —promote FOO=—x', 'env set <FOO=—x> promote'],
    ['env set –p FOO=x', 'env set <FOO=x> promote'],
    ['env set –promote FOO=x', 'env set <FOO=x> promote'],
    ['env set -- --promote', 'env set <--promote>'],
    ['env set "--promote"', 'env set <--promote>'],
    ['env unset FOO BAR', 'env unset <FOO> <BAR>'],
    ['env edit', 'env edit'],
    ['environment edit', 'env edit'],
    ['promotions', 'promotions'],
    ['promotion info PX', 'promotions info <PX>'],
    ['ps', 'ps'],
    ['processes -s web', 'ps service=web'],
    ['ps --release rx', 'ps release=RX'],
    ['ps info web-1-x', 'ps info <web-1-x>'],
    ['audit', 'audit'],
    ['audit -a shop --since 7d --export', 'audit export=csv since=604800 @shop'],
    ['audit --export json', 'audit export=json'],
    ['audit --by <@U0ANA|ana>', 'audit by=U0ANA'],
    ['audit --by=<@U0ANA>, --export', 'audit by=U0ANA export=csv'],
    ['audit —by `U0ANA`', 'audit by=U0ANA'],
    ['audit --export --since 90m', 'audit export=csv since=5400'],
    ['releases.', 'releases'],
    ['Releases?', 'releases'],
    ['`/convox releases --limit 5`', 'releases limit=5'],
    ['“releases” “promote” “RX”', 'releases promote <RX>'],
    ['*releases* promote *RX*, -a `shop`.', 'releases promote <*RX*,> @shop'],
    ['releases promote RX —deadline 10m.', 'releases promote <RX> deadline=600'],
    ['releases --limit “5”,', 'releases limit=5'],
    ['releases --text, -a #shop', 'releases text @shop'],
    ['releases promote\u00a0RX\u2003-a\u202fshop', 'releases promote <RX> @shop'],
    ['env set A=1. B=“2 C=3;', 'env set <A=1.> <B=“2> <C=3;>'],
  ])('%j is %j', (text, expected) => {
    expect(understood(text)).toBe(expected)
  })
})

const wrong = (text: string): unknown => {
  const result = parsed(text)
  return result.kind === 'problem' ? result.problem : result.kind
}

describe('what is wrong with it', () => {
  it.each([
    ['relases', { code: 'unknown_command', words: 'relases' }],
    ['releases promot RX', { code: 'unknown_command', words: 'releases promot RX' }],
    ['evn set FOO=secret', { code: 'unknown_command', words: 'evn set FOO=…' }],
    ['FOO=secret', { code: 'unknown_command', words: 'FOO=…' }],
    ['releases info',
      { code: 'missing_arguments', text: '1 arg required', argument: 'id', command: 'releases info', example: 'releases info RMKPLXWQVTA -a shop' }],
    ['env unset',
      { code: 'missing_arguments', text: 'at least 1 arg required', argument: 'key', command: 'env unset', example: 'env unset LOG_LEVEL -a shop' }],
    ['releases info RA RB',
      { code: 'too_many_arguments', text: 'no more than 1 arg expected', word: 'RB', command: 'releases info', example: 'releases info RMKPLXWQVTA -a shop' }],
    ['env get FOO BAR=secret',
      { code: 'too_many_arguments', text: 'no more than 1 arg expected', word: '', command: 'env get', example: 'env get DATABASE_URL -a shop' }],
    ['env edit FOO', { code: 'too_many_arguments', text: 'no args expected', word: 'FOO', command: 'env edit', example: 'env edit -a shop' }],
    ['env set --promot A=1',
      { code: 'unknown_flag', flag: '--promot', command: 'env set', known: ['--promote', '--replace', '--release'], nearest: '--promote' }],
    ['releases --limti 5', { code: 'unknown_flag', flag: '--limti', command: 'releases', known: ['--limit', '--text'], nearest: '--limit' }],
    ['env --zzz', { code: 'unknown_flag', flag: '--zzz', command: 'env', known: ['--release', '--reveal'], nearest: null }],
    ['env edit --zzz', { code: 'unknown_flag', flag: '--zzz', command: 'env edit', known: ['--release'], nearest: null }],
    ['ps info x --zzz', { code: 'unknown_flag', flag: '--zzz', command: 'ps info', known: ['--app'], nearest: null }],
    ['releases --promote', { code: 'unknown_flag', flag: '--promote', command: 'releases', known: ['--limit', '--text'], nearest: null }],
    ['releases --limit', { code: 'flag_needs_value', flag: '--limit', value: 'n', command: 'releases' }],
    ['releases -a', { code: 'flag_needs_value', flag: '-a', value: 'app', command: 'releases' }],
    ['releases --limit --text', { code: 'flag_needs_value', flag: '--limit', value: 'n', command: 'releases' }],
    ['releases --app=', { code: 'flag_needs_value', flag: '--app', value: 'app', command: 'releases' }],
    ['apps lock shop', { code: 'flag_needs_value', flag: '--reason', value: '"why"', command: 'apps lock' }],
    ['apps freeze add shop --for 2h --reason x', { code: 'flag_needs_value', flag: '--cron', value: '"0 18 * * 5"', command: 'apps freeze add' }],
    ['rack freeze add --cron "0 18 * * 5"', { code: 'flag_needs_value', flag: '--for', value: '62h', command: 'rack freeze add' }],
    ['releases --text=yes', { code: 'flag_takes_no_value', flag: '--text', command: 'releases' }],
    ['releases --limit 0', { code: 'bad_count', flag: '--limit', value: '0', command: 'releases' }],
    ['releases -l 500', { code: 'bad_count', flag: '--limit', value: '500', command: 'releases' }],
    ['releases --text --limit 500', { code: 'bad_count', flag: '--limit', value: '500', command: 'releases', asText: true }],
    ['releases --limit 500 --text', { code: 'bad_count', flag: '--limit', value: '500', command: 'releases', asText: true }],
    ['builds --limit 500 --text', { code: 'bad_count', flag: '--limit', value: '500', command: 'builds' }],
    ['releases --limit 1e1', { code: 'bad_count', flag: '--limit', value: '1e1', command: 'releases' }],
    ['releases promote --deadline 10x', { code: 'bad_duration', value: '10x' }],
    ['releases promote --deadline 10', { code: 'bad_duration', value: '10' }],
    ['releases promote --deadline 0m', { code: 'bad_duration', value: '0m' }],
    ['apps create shop --channel ops', { code: 'bad_channel', value: 'ops' }],
    ['audit --by ana', { code: 'bad_person', value: 'ana' }],
    ['audit --by @ana', { code: 'bad_person', value: '@ana' }],
    ['apps create shop --channel #ops', { code: 'bad_channel', value: '#ops' }],
  ])('%j is %j', (text, expected) => {
    expect(wrong(text)).toEqual(expected)
  })
})

const offered = (text: string): string[] => {
  const result = parsed(text)
  return result.kind === 'problem' ? result.fixes.map((fix) => `${fix.label}: ${fix.tokens.map((token) => token.text).join(' ')}`) : [result.kind]
}

describe('what is offered instead', () => {
  it.each([
    ['relases', ['releases: releases']],
    ['relases -a shop', ['releases: releases -a shop']],
    ['rel', ['releases: releases']],
    ['releases promot RX', ['releases promote: releases promote RX']],
    ['releases rolback RX --app shop', ['releases rollback: releases rollback RX --app shop']],
    ['releases RX', ['releases info: releases info RX']],
    ['apps shop', ['apps info: apps info shop']],
    ['ps web-1', ['ps info: ps info web-1']],
    ['env FOO', ['env get: env get FOO']],
    ['env FOO=bar', ['env set: env set FOO=bar']],
    ['evn set FOO=bar', ['env set: env set FOO=bar']],
    ['promote RX', ['releases promote: releases promote RX']],
    ['rollback RX', ['releases rollback: releases rollback RX']],
    ['set FOO=bar', ['apps params set: apps params set FOO=bar', 'env set: env set FOO=bar']],
    ['cancel', ['apps cancel: apps cancel']],
    ['status', ['apps info: apps info']],
    ['env set --promot A=1', ['--promote: env set --promote A=1']],
    ['releases --limti=5', ['--limit: releases --limit=5']],
    ['releases --limti 5', ['--limit: releases --limit 5']],
    ['releases --limti 500', []],
    ['xyzzy', []],
    ['releases info', []],
  ])('%j offers %j', (text, expected) => {
    expect(offered(text)).toEqual(expected)
  })

  it('offers at most three, and only what can run', () => {
    for (const text of ['info', 'inf', 'i', 'p', 'a b c', 'set', 'builds inf', 'env ste A=1', 'releases creat-from', 'promotons']) {
      const result = parsed(text)
      if (result.kind !== 'problem') throw new Error(`${text} is no problem`)
      expect(result.fixes.length).toBeLessThanOrEqual(3)
      for (const fix of result.fixes) expect(parse(fix.tokens, commands).kind).toBe('run')
    }
  })
})

it('never puts a value into a problem', () => {
  for (const text of ['FOO=1', 'evn set FOO=1', 'env set FOO=1 --bad', 'env get FOO=1 BAR=1', 'env edit FOO=1', 'apps info FOO=1 BAR=1']) {
    expect(JSON.stringify(wrong(text.replaceAll('=1', '=hunter2')))).not.toContain('hunter2')
  }
})

it('throws nothing, whatever is typed', () => {
  const pieces = [
    'releases', 'promote', '--limit', '-a', 'shop', '--', '-', '--=', '-=x', '=x', 'A=', '""', '--help', 'help', '<@U1>', '…', '-p', '--reveal=',
  ]
  for (const a of pieces) for (const b of pieces) for (const c of pieces) expect(['run', 'menu', 'problem']).toContain(parsed(`${a} ${b} ${c}`).kind)
})

it.each([
  ['releases -a <#C0SHOP|shop-releases>', 'C0SHOP'],
  ['apps info <#C0SHOP>', 'C0SHOP'],
  ['apps delete <#C0SHOP|shop-releases> --confirm shop', 'C0SHOP'],
  ['-a=<#C0SHOP|x> ps', 'C0SHOP'],
  ['releases -a shop', null],
  ['releases -a CSHOP', null],
  ['releases', null],
  ['apps create shop --channel <#C0SHOP>', null],
])('takes the channel in %j for its app: %j', (text, expected) => {
  const result = parsed(text)
  expect(result.kind === 'run' ? result.parsed.appChannel : result).toBe(expected)
})
