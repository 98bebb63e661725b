import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { rules } from './table.ts'

const sourceOf = (file: string) => readFileSync(new URL(`../${file}.test.ts`, import.meta.url), 'utf8')

describe('the table of rules', () => {
  it.each(rules)('$rule, $what, has its test in $file', ({ file, title }) => {
    const source = sourceOf(file)
    expect(source.includes(`'${title}'`), title).toBe(true)
    expect(source).not.toMatch(/\.(skip|only|todo|fails)\b/)
  })

  it('has every number of reference/slack.md 5.2 but chaos, and of 3.1 to 3.4', () => {
    const wanted = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11].map((number) => `5.2.${number}`)
    expect([...new Set(rules.map((one) => one.rule))]).toEqual([...wanted, '3.1', '3.2', '3.3', '3.4'])
  })

  it('names each thing once', () => {
    expect(new Set(rules.map((one) => `${one.rule} ${one.what}`)).size).toBe(rules.length)
  })
})
