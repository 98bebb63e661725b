import { describe, expect, it } from 'vitest'
import { attach, unsendable } from '../../../sandbox/slack/page/attachments.ts'
import { mostUploadBytes, sizeWords } from '../../../sandbox/slack/upload-limits.ts'

const file = (name: string, size = 10) => ({ name, size })
const names = (files: readonly { readonly name: string }[]): readonly string[] => files.map(({ name }) => name)

describe('what is attached to a message', () => {
  it('is what was chosen, in that order, a file of the same name once', () => {
    const first = attach([], [file('a.yml'), file('b.yml')])
    expect(first).toEqual({ files: [file('a.yml'), file('b.yml')], problem: undefined })
    expect(attach(first.files, [file('a.yml', 20)])).toEqual({ files: [file('b.yml'), file('a.yml', 20)], problem: undefined })
  })

  it('leaves out what is too large, and says which and how much fits', () => {
    const { files, problem } = attach([file('a.yml')], [file('big.log', mostUploadBytes + 1), file('b.yml', mostUploadBytes)])
    expect(names(files)).toEqual(['a.yml', 'b.yml'])
    expect(problem).toBe('big.log has 9.5 MB. A file may have at most 10 MB here.')
  })

  it('is at most ten files', () => {
    const { files, problem } = attach([], Array.from({ length: 11 }, (_, index) => file(`${index}.yml`)))
    expect([files.length, problem]).toEqual([10, 'A message takes at most 10 files.'])
  })

  it.each([
    ['/convox builds import-image shop:1', 1, 'A slash command takes no file. Write @convox in place of /convox, and the same words.'],
    ['/convox releases', 0, undefined],
    ['@convox builds import-image shop:1', 1, undefined],
    ['', 2, undefined],
  ])('with %j and %i files it is %s', (text, count, problem) => {
    expect(unsendable(text, count, 'convox')).toBe(problem)
  })
})

it.each([[0, '0 bytes'], [1023, '1023 bytes'], [1024, '1.0 KB'], [262_144, '256.0 KB'], [5_242_880, '5.0 MB']])('%i bytes are read as %s', (bytes, words) => {
  expect(sizeWords(bytes)).toBe(words)
})
