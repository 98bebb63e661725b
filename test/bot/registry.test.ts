import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { actionIds, callbackIds } from '../../src/bot/action-ids.ts'
import { arity, everywhere } from '../../src/bot/command.ts'
import { matchHelp } from '../../src/bot/match-help.ts'
import { helpOf } from '../../src/bot/messages/help.ts'
import { parse } from '../../src/bot/parse.ts'
import { actions, commands, views } from '../../src/bot/registry.ts'
import { tokenize } from '../../src/bot/tokenize.ts'

const exportsOf = async (folder: string): Promise<Map<string, unknown[]>> => {
  const here = new URL(`../../src/bot/${folder}/`, import.meta.url)
  const files = new Map<string, unknown[]>()
  for (const file of readdirSync(here)) {
    const module: unknown = await import(new URL(file, here).href)
    files.set(file, typeof module === 'object' && module !== null ? Object.values(module) : [])
  }
  return files
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** Files none of whose exports the registry has. */
const left = (files: Map<string, unknown[]>, registered: readonly unknown[], named: (value: object) => boolean): string[] =>
  [...files].flatMap(([file, values]) => values.filter((value) => isObject(value) && named(value) && !registered.includes(value)).map(() => file))

describe('the registry', () => {
  it('has every command of every file', async () => {
    const files = await exportsOf('commands')
    expect(files.size).toBeGreaterThan(20)
    expect(left(files, commands, (value) => 'run' in value && 'summary' in value)).toEqual([])
    for (const [file, values] of files) expect(values.length, file).toBeGreaterThan(0)
  })

  it('has every action and view of every file', async () => {
    expect(left(await exportsOf('actions'), actions, (value) => 'ids' in value)).toEqual([])
    expect(left(await exportsOf('views'), views, (value) => 'check' in value)).toEqual([])
  })

  it('has one action for every button a message may show, and one view for every form', () => {
    expect(actions.flatMap((action) => [...action.ids]).toSorted()).toEqual([...actionIds].toSorted())
    const forms = callbackIds.filter((id) => !['show_diff', 'loading', 'told'].includes(id))
    expect(views.map((view) => view.id).toSorted()).toEqual([...forms].toSorted())
  })

  it('has the commands of issue 3, section 3', () => {
    expect(commands.map((command) => command.name)).toEqual(expect.arrayContaining([
      'help', 'apps', 'apps create', 'apps info', 'apps cancel', 'apps delete', 'apps params', 'apps params set',
      'releases', 'releases info', 'releases manifest', 'releases create-from', 'releases promote', 'releases rollback',
      'builds', 'builds info', 'builds import-image', 'deploy', 'env', 'env get', 'env set', 'env unset', 'env edit',
      'promotions', 'promotions info', 'ps', 'ps info', 'build', 'builds export', 'builds import', 'builds logs',
    ]))
  })

  it('names each command once', () => {
    const names = commands.map((command) => command.name)
    expect(new Set(names).size).toBe(names.length)
  })

  it('gives a flag one kind and one short form wherever it is known', () => {
    const kinds = new Map<string, string>()
    for (const flag of [...everywhere, ...commands.flatMap((command) => command.flags)]) {
      const form = `${flag.kind} ${flag.short ?? ''}`
      expect(kinds.get(flag.name) ?? form, flag.name).toBe(form)
      kinds.set(flag.name, form)
    }
    const shorts = new Map<string, string>()
    for (const flag of [...everywhere, ...commands.flatMap((command) => command.flags)]) {
      if (flag.short === undefined) continue
      expect(shorts.get(flag.short) ?? flag.name, flag.short).toBe(flag.name)
      shorts.set(flag.short, flag.name)
    }
  })
})

describe.each(commands.map((command) => [command.name, command] as const))('%s', (name, command) => {
  it('has an example that it understands itself', () => {
    // As Slack sends it: a channel chosen from its list arrives as its id.
    const read = tokenize(command.example.replace(/#[a-z-]+/u, '<#C0123ABCD|x>'))
    const result = read.ok ? parse(read.tokens, commands) : null
    expect(result?.kind === 'run' ? result.parsed.command.name : result).toBe(name)
  })

  it('takes its optional words last, and many only at the end', () => {
    const required = command.args.map((argument) => argument.required)
    expect(required).toEqual([...required].toSorted((a, b) => Number(b) - Number(a)))
    expect(command.args.slice(0, -1).some((argument) => argument.many)).toBe(false)
    expect(arity(command).min).toBeLessThanOrEqual(arity(command).max)
  })

  it('is found by help, and explained with its example', () => {
    const found = matchHelp(name.split(' '), commands)
    expect(found).toBe(command)
    expect(JSON.stringify(helpOf(command).blocks)).toContain(`/convox ${command.example.split(' ')[0]}`)
  })
})

describe('help', () => {
  it.each([
    ['promote', 'releases promote'],
    ['rollback', 'releases rollback'],
    ['release promote', 'releases promote'],
    ['/convox apps create', 'apps create'],
    ['Deploy', 'deploy'],
    ['create-from', 'releases create-from'],
    ['import-image', 'builds import-image'],
    ['set', null],
    ['xyzzy', null],
  ])('takes %j for %j', (words, expected) => {
    expect(matchHelp(words.split(' '), commands)?.name ?? null).toBe(expected)
  })
})
