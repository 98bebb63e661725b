import { expect, it } from 'vitest'
import { readLines } from '../../../src/rack/cluster/lines.ts'

async function* chunks(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part) : part
}
const read = async (most: number, ...parts: (string | Uint8Array)[]): Promise<string[]> => {
  const lines: string[] = []
  for await (const line of readLines(chunks(...parts), most)) lines.push(line)
  return lines
}

it.each<[string, (string | Uint8Array)[], string[]]>([
  ['several in one piece', ['a\nb\n'], ['a', 'b']],
  ['one in several pieces', ['a', 'b', 'c\n'], ['abc']],
  ['empty ones left out', ['\n\na\n\n'], ['a']],
  ['the half line at the end dropped', ['a\nhalf'], ['a']],
  ['a character cut in two', [Buffer.from('ü\n').subarray(0, 1), Buffer.from('ü\n').subarray(1)], ['ü']],
  ['a character cut at a line\'s end', [Buffer.from('xü').subarray(0, 2), Buffer.concat([Buffer.from('xü').subarray(2), Buffer.from('\ny\n')])], ['xü', 'y']],
])('reads lines: %s', async (_what, parts, lines) => {
  expect(await read(1_000, ...parts)).toEqual(lines)
})

it('holds no more than one line of the allowed length', async () => {
  expect(await read(4, 'abcd\nabcd', '\n')).toEqual(['abcd', 'abcd'])
  await expect(read(4, 'ab', 'cde')).rejects.toThrow('longer than 4 bytes')
  // Bytes, not characters.
  await expect(read(4, 'üüü')).rejects.toThrow('longer than 4 bytes')
})
