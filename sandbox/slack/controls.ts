import type { Actors } from './actors.ts'
import { createChanges, type Changes } from './changes.ts'
import { reading } from './driver.ts'
import type { Workspace } from './store.ts'

/** What tests do to a workspace from outside, and how they wait for it. */
export interface Controls extends Changes {
  /** Resolves with the first truthy answer of `look`, asked again after every change. Rejects after `within` ms (10,000) with all transcripts. */
  until: <T>(look: () => T | undefined | null | false | Promise<T | undefined | null | false>, within?: number) => Promise<T>
}

/** The controls of a workspace; `event` tells the app what changed. */
export const createControls = (workspace: Workspace, event: Actors['event']): Controls => {
  const until: Controls['until'] = (look, within = 20_000) =>
    new Promise((resolve, reject) => {
      const asking = { busy: false, again: false }
      const finish = (settle: () => void) => {
        clearTimeout(limit)
        clearInterval(tick)
        stop()
        settle()
      }
      const ask = async () => {
        if (asking.busy) return void (asking.again = true)
        asking.busy = true
        const found = await look()
        asking.busy = false
        if (found) return finish(() => resolve(found))
        if (asking.again) {
          asking.again = false
          await ask()
        }
      }
      const start = () => void ask().catch((error: unknown) => finish(() => reject(error)))
      const stop = workspace.onChange(start)
      const tick = setInterval(start, 50)
      const limit = setTimeout(() => {
        const all = workspace.channels().map((one) => `#${one.name}\n${reading(workspace).transcript(one.id)}`)
        finish(() => reject(new Error(`not seen within ${within} ms. Slack shows:\n${all.join('\n')}`)))
      }, within)
      start()
    })

  return { ...createChanges(workspace, event), until }
}
