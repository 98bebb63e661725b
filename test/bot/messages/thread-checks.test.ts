import { describe, expect, it } from 'vitest'
import { firstLine, lastLine, lineText, threadChunk, threadLine } from '../../../src/bot/messages/thread.ts'
import type { ThreadLine } from '../../../src/rack/thread-line.ts'
import { arrows, bareCauses, causes, threadLines } from './support/every-case.ts'
import { views } from './support/every-situation.ts'
import { nasty, randomOf } from './support/nasty.ts'
import { ana, bo, cy } from './support/views.ts'

const at = '2026-11-24T14:05:11Z'

/** The line with this text wherever text from outside may stand in it. */
const bearing = (line: ThreadLine, text: string): ThreadLine => {
  switch (line.kind) {
    case 'event': return { ...line, object: text, text }
    case 'output': return { ...line, process: text, text }
    case 'warning': return { ...line, text }
    case 'cause': return { ...line, cause: { ...line.cause, message: text, object: text, manager: text, command: text } }
    case 'waits':
    case 'passes': return { ...line, freeze: text }
    default: return line
  }
}

const everyLine = (): readonly ThreadLine[] => [
  ...arrows, ...Object.values<ThreadLine>(threadLines), ...[...Object.values(causes), ...bareCauses].map((cause): ThreadLine => ({ at, kind: 'cause', cause })),
  ...nasty.flatMap((text) => Object.values<ThreadLine>(threadLines).map((line) => bearing(line, text))),
]

const everyNames = nasty.map((text) => ({ [ana]: text, [bo]: text, [cy]: text }))

describe('the thread, over all its lines and all that may stand in them', () => {
  it('says each on one line: the time, the stream, at least a word, and at most 500', () => {
    for (const line of everyLine()) {
      const said = threadLine(line, everyNames[0])
      expect(said.length).toBeLessThanOrEqual(500)
      expect(said).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \S/)
      expect(said).not.toMatch(/[\n`]|\p{Cc}|\p{Cs}/u)
    }
  })

  it('says each arrow as the seeds do', () => {
    for (const line of arrows) expect(threadLine(line)).toMatch(/^2026-11-24T14:05:11Z system\/k8s\/atom\/app Status: [A-Z][a-z]+ => [A-Z][a-z]+$/)
  })

  it.each(Array.from({ length: 20 }, (_, seed) => seed))('takes any lines into messages of 20 lines and 2,500 characters, in order and each once: seed %i', (seed) => {
    const random = randomOf(seed)
    const all = everyLine()
    const lines = Array.from({ length: 60 }, () => all[Math.floor(random() * all.length)]).filter((line) => line !== undefined)
    const names = everyNames[Math.floor(random() * everyNames.length)]
        for (let rest: readonly ThreadLine[] = lines; rest.length > 0;) {
      const { text, taken } = threadChunk(rest, names)
      expect(taken).toBeGreaterThan(0)
      expect(text.length).toBeLessThanOrEqual(2500)
      expect(text.split('\n').length - 2).toBeLessThanOrEqual(20)
      expect(text.startsWith('```\n') && text.endsWith('\n```')).toBe(true)
      expect(text.match(/`/g)).toHaveLength(6)
      expect(text).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)|\p{Cs}/u)
      rest = rest.slice(taken)
    }
  })

  it('begins and ends in one line of every promotion, which nobody can make a mention of', () => {
    for (const [name, view] of views()) {
      for (const line of [firstLine(view), lastLine(view)]) {
        if (line === null) continue
        const text = lineText(line)
        expect(text.length, name).toBeLessThanOrEqual(2500)
        expect(text.split('\n').length, name).toBe(3)
        expect(text, name).not.toMatch(/<[@!#]/)
      }
      const last = lastLine(view)
      if (last !== null) expect(last, name).toMatch(/^(OK|ERROR: \S.*)$/)
    }
  })
})
