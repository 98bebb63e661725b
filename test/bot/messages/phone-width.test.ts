import type { AnyBlock } from '@slack/types'
import { describe, expect, it } from 'vitest'
import { usageLines, usageOf } from '../../../src/bot/messages/help.ts'
import { wrapped } from '../../../src/bot/messages/plain-text.ts'
import { foldedTable, info, phone, table } from '../../../src/bot/messages/tables.ts'
import { commands } from '../../../src/bot/registry.ts'
import { codeLines, widest, width, wider } from './support/code-width.ts'
import { announcements, answers, cards, longList, modals, notices, tellings } from './support/every-message.ts'
import { nasty } from './support/nasty.ts'

describe('cards.md 8.7 at phone width', () => {
  it('no code line is wider than 60, but for what is named', () => {
    const drawn: readonly { readonly name: string; readonly blocks: readonly AnyBlock[] }[] = [
      ...cards(), ...notices(), ...announcements(), ...tellings(), ...answers(), longList(), ...modals().map(({ name, view }) => ({ name: `modal, ${name}`, blocks: view.blocks })),
    ]
    const lines = drawn.flatMap(({ name, blocks }) => codeLines(blocks).map((line) => ({ name, line })))
    expect(lines.length).toBeGreaterThan(2000)
    expect(lines.filter(({ name, line }) => width(line) > widest(name, line))).toEqual([])
    // An exception that nothing needs any more is to be taken away.
    for (const [message, like] of wider) expect(lines.some(({ name, line }) => width(line) > phone.line && message.test(name) && like.test(line)), String(message)).toBe(true)
  })

  it('a usage is broken between its arguments only, and keeps all of them', () => {
    for (const command of commands) {
      const lines = usageLines(command)
      expect(lines.map((line) => line.trim()).join(' '), command.name).toBe(`/convox ${usageOf(command)}`)
      for (const line of lines) for (const [open, close] of ['[]', '<>']) expect(line.split(open ?? '').length, line).toBe(line.split(close ?? '').length)
      for (const line of lines.slice(1)) expect(line, command.name).toMatch(/^ {2}\S/)
    }
  })
})

describe('a line that is too wide', () => {
  it.each([10, 58, 60])('is broken at blanks, and loses nothing else: %i', (room) => {
    for (const text of nasty.flatMap((each) => each.split('\n'))) {
      const lines = wrapped(text, room)
      for (const line of lines) expect(width(line)).toBeLessThanOrEqual(room)
      expect(lines.join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''))
    }
  })
  it('is broken inside a word only where that is longer than a line', () => {
    expect(wrapped('one two three', 8)).toEqual(['one two', 'three'])
    expect(wrapped('one two', 7)).toEqual(['one two'])
    expect(wrapped('abcdefgh ij', 4)).toEqual(['abcd', 'efgh', 'ij'])
  })
})

describe('a table on a phone', () => {
  const wide = 'why it ended as it did, in many more words than stand beside it'
  it('is as ever where it fits', () => {
    expect(foldedTable(['APP', 'STATUS'], [['shop', 'running'], ['mail', '']])).toBe(table(['APP', 'STATUS'], [['shop', 'running'], ['mail', '']]))
  })
  it('goes on in further lines under its head, and what is blank there takes none', () => {
    expect(foldedTable(['ID', 'STATUS', 'REASON', 'BY'], [['PABCDEFGHIJ', 'failed', wide, '@ana'], ['PBCDEFGHIJK', 'ok', '', '@bo'], ['PBCDEFGHIJL', '', '', '']])).toBe([
      'ID           STATUS', '  REASON', '  BY',
      'PABCDEFGHIJ  failed', '  why it ended as it did, in many more words than stand', '  beside it', '  @ana',
      'PBCDEFGHIJK  ok', '  @bo', 'PBCDEFGHIJL',
    ].join('\n'))
  })
  it('of names and values goes on under the value, unless somebody may copy it', () => {
    const line = 'word '.repeat(14).trim()
    expect(info([['Id', 'RA'], ['Description', line]])).toBe(`Id           RA\nDescription  ${'word '.repeat(9).trim()}\n             ${'word '.repeat(5).trim()}`)
    expect(info([['Env', line, 'exact']])).toBe(`Env  ${line}`)
  })
})
