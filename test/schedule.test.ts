import { pino } from 'pino'
import { expect, it } from 'vitest'
import { startSchedule } from '../src/schedule.ts'

it('runs again after a failure, never twice at a time, and stops', async () => {
  const lines: string[] = []
  let [runs, now, most] = [0, 0, 0]
  const schedule = startSchedule([{
    name: 'task', cronTime: '* * * * * *', run: async () => {
      runs += 1
      now += 1
      most = Math.max(most, now)
      await new Promise((resolve) => setTimeout(resolve, 1_300))
      now -= 1
      if (runs === 1) throw new Error('once')
    },
  }], pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) }))
  await expect.poll(() => runs, { timeout: 20_000 }).toBeGreaterThanOrEqual(2)
  await schedule.stop()
  const after = runs
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect({ most, runs, said: lines.join('').includes('once') }).toEqual({ most: 1, runs: after, said: true })
})
