import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

const filesBelow = (folder: string): string[] =>
  readdirSync(join(root, folder)).flatMap((name) => {
    const path = join(folder, name)
    return statSync(join(root, path)).isDirectory() ? filesBelow(path) : /\.tsx?$/.test(name) ? [path] : []
  })

interface Import { readonly file: string; readonly target: string; readonly typeOnly: boolean }

/** Every import line of a file, dynamic ones too; `target` is a path below the root, or a package. */
const importsOf = (file: string): Import[] => {
  const text = readFileSync(join(root, file), 'utf8')
  const found = [...text.matchAll(/^(?:import|export)\s(type\s)?[^'"]*?from\s+['"]([^'"]+)['"]/gm), ...text.matchAll(/(?:^import\s+|\bimport\()(type\s)?['"]([^'"]+)['"]/gm)]
  return found.map(([, type, target = '']) => ({
    file, typeOnly: type !== undefined, target: target.startsWith('.') ? relative(root, normalize(join(root, dirname(file), target))) : target,
  }))
}

const src = filesBelow('src').flatMap(importsOf)
const sandbox = filesBelow('sandbox').flatMap(importsOf)
const show = (imports: readonly Import[]): string[] => imports.map(({ file, target }) => `${file} -> ${target}`)
const within = (path: string, folder: string): boolean => path.startsWith(`${folder}/`)
const isPackage = (target: string, name: string): boolean => target === name || target.startsWith(`${name}/`)

/** Files that decide and never act (design 3): parse, messages, judge, render, policy, diff, tables. */
const pure = (file: string): boolean =>
  within(file, 'src/bot/messages') || within(file, 'src/rack/manifest') || within(file, 'src/rack/diff') || within(file, 'src/rack/env') || within(file, 'src/rack/render') || within(file, 'src/rack/rollout/rules')
  || ['src/config.ts', 'src/bot/blocks.ts', 'src/bot/parse.ts', 'src/bot/tokenize.ts', 'src/bot/suggest.ts', 'src/db/words.ts', 'src/rack/promotion.ts', 'src/rack/params.ts', 'src/rack/refusal.ts',
    'src/rack/actor.ts', 'src/rack/rollout/judge.ts', 'src/rack/rollout/facts.ts', 'src/rack/rollout/decode.ts', 'src/rack/rollout/decode-shapes.ts', 'src/rack/rollout/decode-batch.ts', 'src/rack/rollout/decode-node.ts', 'src/rack/rollout/remember.ts', 'src/rack/rollout/remember-workload.ts', 'src/rack/rollout/service-view.ts', 'src/rack/rollout/event-lines.ts', 'src/rack/rollout/evidence-pick.ts'].includes(file)

describe('the direction of imports (design 3)', () => {
  it('is main -> bot -> rack -> db, and nothing back', () => {
    const wrong = src.filter(({ file, target, typeOnly }) =>
      (within(file, 'src/db') && within(target, 'src') && !within(target, 'src/db'))
      || (within(file, 'src/rack') && within(target, 'src') && !within(target, 'src/rack') && !within(target, 'src/db'))
      || (within(file, 'src/bot') && within(target, 'src') && !within(target, 'src/bot') && !within(target, 'src/rack') && target !== 'src/db/words.ts' && !(typeOnly && within(target, 'src/db'))))
    expect(show(wrong)).toEqual([])
  })

  it('never leads from the product into the sandbox or the tests', () => {
    expect(show(src.filter(({ target }) => within(target, 'sandbox') || within(target, 'test')))).toEqual([])
    expect(show(sandbox.filter(({ target }) => within(target, 'test')))).toEqual([])
  })

  it('gives each outside world one folder', () => {
    const owners: readonly [string, (file: string) => boolean][] = [
      ['@slack/bolt', (file) => within(file, 'src/bot')], ['@slack/web-api', (file) => within(file, 'src/bot')], ['@slack/types', (file) => within(file, 'src/bot')],
      ['@kubernetes/client-node', (file) => within(file, 'src/rack/cluster')], ['drizzle-orm', (file) => within(file, 'src/db')], ['postgres', (file) => within(file, 'src/db')],
      ['@electric-sql/pglite', (file) => within(file, 'src/db')], ['cron', (file) => file === 'src/schedule.ts' || file === 'src/rack/gate/windows.ts'], ['luxon', (file) => file === 'src/rack/gate/windows.ts'],
    ]
    const wrong = src.filter(({ file, target }) => owners.some(([name, owns]) => isPackage(target, name) && !owns(file)))
    expect(show(wrong)).toEqual([])
  })

  it('keeps pure files pure: they import pure files, types, and libraries that only compute', () => {
    const computing = ['zod', 'yaml', 'diff', 'fastest-levenshtein', 'shell-quote', 'node:crypto', '@slack/types']
    const wrong = src.filter(({ file, target, typeOnly }) => pure(file) && !typeOnly && (within(target, 'src') ? !pure(target) && importsEffects(target) : !computing.some((name) => isPackage(target, name))))
    expect(show(wrong)).toEqual([])
  })
})

/** True when a file, or anything it imports, reaches a driver, a client, a clock file or the file system. */
const importsEffects = (file: string, seen = new Set<string>()): boolean => {
  if (seen.has(file)) return false
  seen.add(file)
  const effects = ['@slack/bolt', '@slack/web-api', '@kubernetes/client-node', 'undici', 'drizzle-orm', 'postgres', '@electric-sql/pglite', 'cron', 'pino', 'node:fs', 'node:fs/promises', 'node:net', 'node:http', 'node:https', 'node:tls', 'node:timers/promises', 'node:child_process']
  return src.filter((each) => each.file === file && !each.typeOnly).some(({ target }) => effects.some((name) => isPackage(target, name)) || (within(target, 'src') && importsEffects(target, seen)))
}

describe('the text of the source', () => {
  const texts = ['src', 'sandbox', 'test'].flatMap(filesBelow).map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))

  it('reads the environment in main alone', () => {
    expect(texts.filter(({ file, text }) => within(file, 'src') && file !== 'src/main.ts' && /process\.env/.test(text)).map(({ file }) => file)).toEqual([])
  })

  it('has casts in the one named place only', () => {
    const cast = /\bas (?!const\b|[a-z]+ from\b)(?:unknown|any|never|[A-Z{[(]|string\b|number\b|typeof )/
    const wrong = texts.flatMap(({ file, text }) => text.split('\n').flatMap((line, index) =>
      (within(file, 'src') && file !== 'src/rack/json.ts' && cast.test(line.replace(/\/\/.*|\*.*|'[^']*'|"[^"]*"|`[^`]*`/g, '').replace(/^import .*|^export (?:\*|\{).* as .*/, '')) ? [`${file}:${index + 1} ${line.trim()}`] : [])))
    expect(wrong).toEqual([])
  })

  it('suppresses nothing and leaves nothing for later', () => {
    const banned = /@ts-(ignore|expect-error|nocheck)|oxlint-disable|eslint-disable|\b(it|test|describe)\.(skip|only|todo)\b|\bTODO\b|\bFIXME\b/
    expect(texts.filter(({ file, text }) => file !== 'test/architecture.test.ts' && banned.test(text)).map(({ file }) => file)).toEqual([])
  })

  it('calls no file by a drawer\'s name', () => {
    expect(texts.map(({ file }) => file).filter((file) => /(^|\/)(utils?|helpers?|common|types|misc)(\.tsx?|\/)/.test(file))).toEqual([])
  })
})
