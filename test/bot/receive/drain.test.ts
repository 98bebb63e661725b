import { describe, expect, it } from 'vitest'
import { createDrain } from '../../../src/bot/receive/drain.ts'

/** Work that ends when it is told to. */
const held = () => {
  let end = (): void => undefined
  let begun = false
  const over = new Promise<void>((resolve) => {
    end = resolve
  })
  return { work: () => {
    begun = true
    return over
  }, end: () => end(), begun: () => begun }
}
const never = (error: unknown): void => {
  throw error
}

describe('drain', () => {
  it('runs everything at once where there is no bound', async () => {
    const drain = createDrain()
    const all = Array.from({ length: 30 }, held)
    for (const { work } of all) drain.run(work, never)
    expect(all.every(({ begun }) => begun())).toBe(true)
    expect(await drain.settled(1)).toBe(false)
    for (const { end } of all) end()
    expect(await drain.settled(1_000)).toBe(true)
  })

  it('begins what is over the bound when something before it has ended, in order', async () => {
    const drain = createDrain(2)
    const all = Array.from({ length: 4 }, held)
    for (const { work } of all) drain.run(work, never)
    const begun = (): readonly boolean[] => all.map((each) => each.begun())
    expect(begun()).toEqual([true, true, false, false])
    all[1]?.end()
    await expect.poll(begun).toEqual([true, true, true, false])
    for (const { end } of all) end()
    expect(await drain.settled(1_000)).toBe(true)
    expect(begun()).toEqual([true, true, true, true])
  })

  it('waits at a stop for what had to wait too', async () => {
    const drain = createDrain(1)
    const done: string[] = []
    for (const name of ['first', 'second', 'third']) drain.run(async () => void done.push(name), never)
    expect(await drain.settled(1_000)).toBe(true)
    expect(done).toEqual(['first', 'second', 'third'])
  })

  it('goes on after a failure, which is told', async () => {
    const drain = createDrain(1)
    const told: unknown[] = []
    const done: string[] = []
    drain.run(() => Promise.reject(new Error('first')), (error) => void told.push(error))
    drain.run(async () => void done.push('second'), never)
    expect(await drain.settled(1_000)).toBe(true)
    expect(told).toEqual([new Error('first')])
    expect(done).toEqual(['second'])
  })

  it('lets others begin while one waits outside, and takes it back before what has not begun', async () => {
    const drain = createDrain(1)
    const answer = held()
    const said: string[] = []
    drain.run(async (outside) => {
      said.push('first asks')
      await outside(answer.work)
      said.push('first goes on')
    }, never)
    const second = held()
    drain.run(() => {
      said.push('second')
      return second.work()
    }, never)
    drain.run(async () => void said.push('third'), never)
    expect(said).toEqual(['first asks', 'second'])
    answer.end()
    await new Promise((resolve) => setImmediate(resolve))
    expect(said).toEqual(['first asks', 'second'])
    second.end()
    expect(await drain.settled(1_000)).toBe(true)
    expect(said).toEqual(['first asks', 'second', 'first goes on', 'third'])
  })

  it('gives back what was waited for outside, and its failure', async () => {
    const drain = createDrain(1)
    const told: unknown[] = []
    drain.run(async (outside) => {
      told.push(await outside(() => Promise.resolve('answer')))
      await outside(() => Promise.reject(new Error('no answer')))
    }, (error) => void told.push(error))
    expect(await drain.settled(1_000)).toBe(true)
    expect(told).toEqual(['answer', new Error('no answer')])
  })
})
