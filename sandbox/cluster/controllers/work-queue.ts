import type { ClusterClock } from '../clock.ts'

/** The first retry of a failed key comes after 5 ms, each next one after twice that, at most 1000 s (client-go's default rate limiter). */
const defaultRetries = { first: 5, longest: 1_000_000 }

/** So many keys are looked at before requests are served again: one at a time would fall behind a busy API server. */
const atOnce = 16

/** One key at a time, the controllers taking turns as if side by side, each in the order its keys came: the same writes give the same history. */
export interface WorkQueue {
  /** Names a controller. `sync` may throw: the key is then tried again, later and later (`retries` in ms, else client-go's defaults). */
  controller(name: string, sync: (key: string) => void, retries?: { first: number; longest: number }): Worker
  /** Resolves when nothing is waiting to run now. */
  idle(): Promise<void>
  close(): void
}

export interface Worker {
  add(key: string): void
  /** ms from now. A key waits for its earliest time only. */
  addAfter(key: string, delay: number): void
  /** Later with every failure in a row. */
  retry(key: string): void
}

export const createWorkQueue = (clock: ClusterClock, onError: (controller: string, key: string, error: unknown) => void): WorkQueue => {
  const lines: Map<string, () => void>[] = []
  let turn = 0
  const timers = new Map<string, { at: number; stop: () => void }>()
  const settled: (() => void)[] = []
  let scheduled = false
  let open = true

  const next = (): (() => void) | undefined => {
    for (let step = 0; step < lines.length; step += 1) {
      const index = (turn + step) % lines.length
      const first = lines[index]?.entries().next()
      if (!first || first.done === true) continue
      turn = index + 1
      const [key, job] = first.value
      lines[index]?.delete(key)
      return job
    }
    return undefined
  }
  const run = (): void => {
    scheduled = false
    for (let done = 0; done < atOnce; done += 1) {
      const job = open ? next() : undefined
      if (!job) {
        for (const resolve of settled.splice(0)) resolve()
        return
      }
      job()
    }
    schedule()
  }
  const schedule = (): void => {
    if (scheduled || !open) return
    scheduled = true
    setImmediate(run)
  }

  return {
    controller: (name, sync, retries = defaultRetries) => {
      const failures = new Map<string, number>()
      const waiting = new Map<string, () => void>()
      lines.push(waiting)
      const add = (key: string): void => {
        if (!waiting.has(key)) {
          waiting.set(key, () => {
            try {
              sync(key)
              failures.delete(key)
            } catch (error) {
              onError(name, key, error)
              retry(key)
            }
          })
        }
        schedule()
      }
      const addAfter = (key: string, delay: number): void => {
        if (!open) return
        const id = `${name} ${key}`
        const at = clock.now() + delay
        const before = timers.get(id)
        if (before && before.at <= at) return
        before?.stop()
        const stop = clock.after(delay, () => {
          timers.delete(id)
          add(key)
        })
        timers.set(id, { at, stop })
      }
      const retry = (key: string): void => {
        const failed = failures.get(key) ?? 0
        failures.set(key, failed + 1)
        addAfter(key, Math.min(retries.first * 2 ** failed, retries.longest))
      }
      return { add, addAfter, retry }
    },
    idle: () =>
      new Promise((resolve) => {
        settled.push(resolve)
        schedule()
      }),
    close: () => {
      open = false
      for (const { stop } of timers.values()) stop()
      for (const line of lines) line.clear()
      for (const resolve of settled.splice(0)) resolve()
    },
  }
}
