import { describe, expect, it } from 'vitest'
import { mrkdwn, plain, say, code } from '../../../src/bot/messages/phrase.ts'
import { cleanCode, cleanText, cut, cutMrkdwn, cutStart, escapeMrkdwn } from '../../../src/bot/messages/plain-text.ts'
import { codeText } from '../../../src/bot/blocks.ts'
import { nasty } from './support/nasty.ts'

const limits = [1, 2, 5, 10, 20, 48, 75, 150, 200, 500, 2900]
const torn = /&(?!(?:amp|lt|gt);)|[<>]|\p{Cs}/u

describe('cutting text from outside', () => {
  it.each(limits)('at %i keeps whole characters and says that something is missing', (max) => {
    for (const text of nasty.map(cleanText)) {
      const kept = cut(text, max)
      expect(kept.length).toBeLessThanOrEqual(max)
      expect(kept).not.toMatch(/\p{Cs}/u)
      expect(kept === text || kept.endsWith('…')).toBe(true)
      const end = cutStart(text, max)
      expect(end.length).toBeLessThanOrEqual(max)
      expect(end).not.toMatch(/\p{Cs}/u)
      expect(end === text || (end.startsWith('…') && text.endsWith(end.slice(1)))).toBe(true)
    }
  })

  it.each(limits.filter((max) => max >= 10))('at %i tears no entity, code or mention', (max) => {
    for (const text of nasty) {
      for (const drawn of [escapeMrkdwn(cleanText(text)), mrkdwn(say`${text} ${code(text)} and ${text}`)]) {
        const kept = cutMrkdwn(drawn, max)
        expect(kept.length).toBeLessThanOrEqual(max)
        expect(kept).not.toMatch(torn)
        expect((kept.split('`').length - 1) % 2).toBe(0)
      }
    }
  })

  it.each(limits.filter((max) => max >= 20))('in a code block of %i opens and closes it once', (max) => {
    for (const text of nasty) {
      const block = codeText(text, max)
      expect(block.length).toBeLessThanOrEqual(max)
      expect(block.match(/`/g)).toHaveLength(6)
      expect(block.slice(4, -4)).not.toMatch(torn)
    }
  })
})

describe('text from outside', () => {
  it('is never markup in a sentence, as mrkdwn or as plain text', () => {
    for (const text of nasty) {
      expect(mrkdwn(say`${text}`)).not.toMatch(/[<>`]/)
      expect(plain(say`${text} ${code(text)}`, {})).not.toMatch(/[<>`]/)
    }
  })

  it('loses what hides or reorders it, and keeps every letter', () => {
    expect(cleanText('a\u202Eb\u0000c\u200Dd\ud800e\tf')).toBe('abcde f')
    expect(cleanCode('a\u202Eb\nc\td`e\udc00')).toBe("ab\nc  d'e")
    for (const text of ['שלום עולם', '日本語のエラー', 'é'.repeat(9), '😀']) expect(cleanText(text)).toBe(text)
  })
})
