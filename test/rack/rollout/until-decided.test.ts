import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { untilDecided, type Look } from '../../../src/rack/rollout/until-decided.ts'
import { createWaker } from '../../../src/rack/rollout/waker.ts'

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))

/** A cluster that answers as told; what it is asked is counted. */
const clusterThat = (answers: (asked: number) => boolean, confirmed: () => boolean = () => false) => {
  const asked: number[] = []
  return {
    asked,
    view: {
      confirmed,
      confirm: async () => {
        asked.push(Date.now())
        await sleep(100)
        return answers(asked.length)
      },
    },
  }
}

describe('what the clock alone decides', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
  const decidedBy = async <T>(outcome: Promise<T>, ms: number): Promise<T | 'nothing yet'> => {
    const late = new Promise<'nothing yet'>((resolve) => setTimeout(() => resolve('nothing yet'), ms))
    await vi.advanceTimersByTimeAsync(ms)
    return Promise.race([outcome, late])
  }
  /** Due after a second, whatever happens. */
  const deadline = (from = Date.now()) => async (): Promise<Look<string>> => (Date.now() >= from + 1_000 ? { decided: 'timed out', next: null } : { decided: null, next: from + 1_000 - Date.now() })

  it('is given after the cluster has answered once more', async () => {
    const { view, asked } = clusterThat(() => true)
    const outcome = untilDecided(view, createWaker(), deadline())
    expect(await decidedBy(outcome, 1_050)).toBe('nothing yet')
    expect(asked).toHaveLength(1)
    expect(await decidedBy(outcome, 500)).toBe('timed out')
    expect(asked).toHaveLength(1)
  })

  it('is not given when the answer brings other facts', async () => {
    const { view } = clusterThat(() => true)
    let good = false
    const timedOut = deadline()
    const outcome = untilDecided(view, createWaker(), async () => (good ? { decided: 'complete', next: null } : timedOut()))
    await vi.advanceTimersByTimeAsync(1_050)
    good = true
    expect(await decidedBy(outcome, 500)).toBe('complete')
  })

  it('is not given while the cluster does not answer, for as long as the look finds itself blind', async () => {
    let blind = false
    const waker = createWaker()
    const { view, asked } = clusterThat(() => {
      blind = true
      return false
    })
    const timedOut = deadline()
    const outcome = untilDecided(view, waker, async () => (blind ? { decided: null, next: null } : timedOut()))
    expect(await decidedBy(outcome, 3_600_000)).toBe('nothing yet')
    expect(asked).toHaveLength(1)
    blind = false
    waker.wake()
    const answering = clusterThat(() => true)
    view.confirm = answering.view.confirm
    expect(await decidedBy(outcome, 500)).toBe('timed out')
  })

  it('is given at once where something came from the cluster a moment ago', async () => {
    const { view, asked } = clusterThat(() => true, () => true)
    expect(await decidedBy(untilDecided(view, createWaker(), deadline()), 1_010)).toBe('timed out')
    expect(asked).toEqual([])
  })

  it('is vouched for once only: a look that decides nothing in between needs a new answer', async () => {
    const { view, asked } = clusterThat(() => true)
    const waker = createWaker()
    const looks = ['due', 'not any more', 'due', 'due']
    const outcome = untilDecided(view, waker, async () => (looks.shift() === 'due' ? { decided: looks.length, next: null } : { decided: null, next: 50 }))
    expect(await decidedBy(outcome, 2_000)).toBe(0)
    expect(asked).toHaveLength(2)
  })
})

describe('a wait', () => {
  it('looks once and then only when it is woken, however long that takes', async () => {
    let looks = 0
    const waker = createWaker()
    const outcome = untilDecided(clusterThat(() => true, () => true).view, waker, async () => {
      looks += 1
      return { decided: looks === 3 ? 'done' : null, next: null }
    })
    await sleep(1_200)
    expect(looks).toBe(1)
    waker.wake()
    await expect.poll(() => looks, { timeout: 10_000 }).toBe(2)
    waker.wake()
    expect(await outcome).toBe('done')
  })

  it('takes a burst of changes as one, and loses none that comes while it looks', async () => {
    let looks = 0
    let seen = 0
    let facts = 0
    const waker = createWaker()
    const change = (): void => {
      facts += 1
      waker.wake()
    }
    const outcome = untilDecided(clusterThat(() => true, () => true).view, waker, async () => {
      looks += 1
      seen = facts
      // The last change comes when this look has read its facts and still writes something down.
      if (seen === 50) change()
      await sleep(5)
      return { decided: seen === 51 ? 'done' : null, next: null }
    })
    await sleep(20)
    for (let count = 0; count < 50; count += 1) change()
    expect(await outcome).toBe('done')
    expect(looks).toBeLessThanOrEqual(4)
  })

  it('ends with what the look throws', async () => {
    await expect(untilDecided(clusterThat(() => true).view, createWaker(), () => Promise.reject(new Error('cancelled')))).rejects.toThrow('cancelled')
  })
})

describe('a sleep', () => {
  it.each<[string, number | null, boolean, 'woken' | 'over']>([
    ['a call before it ends it at once', null, true, 'woken'], ['its time ends it', 5, false, 'over'], ['a time that is over ends it', -5, false, 'over'],
  ])('%s', async (_what, ms, before, how) => {
    const waker = createWaker()
    if (before) waker.wake()
    expect(await waker.sleep(ms)).toBe(how)
  })

  it('is ended by one call once', async () => {
    const waker = createWaker()
    waker.wake()
    waker.wake()
    expect(await waker.sleep(null)).toBe('woken')
    expect(await waker.sleep(5)).toBe('over')
  })
})
