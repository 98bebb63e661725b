import { pino } from 'pino'
import { expect, it } from 'vitest'
import { logConsole } from '../src/console-log.ts'

it('puts what a library says on the console into the log, until it is undone', () => {
  const lines: unknown[] = []
  const { warn, error } = console
  const undo = logConsole(pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) }))
  try {
    console.warn('[Cron] Missed execution deadline by %dms', 1873)
    console.error(new Error('a bug of theirs'))
  } finally {
    undo()
  }
  expect(lines).toMatchObject([{ level: 40, from: 'a library', msg: '[Cron] Missed execution deadline by 1873ms' }, { level: 50, msg: expect.stringMatching(/^Error: a bug of theirs/) }])
  expect([console.warn, console.error]).toEqual([warn, error])
})
