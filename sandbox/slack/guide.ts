import type { Workspace } from './store.ts'
import { transcriptOf } from './transcript.ts'

/** One step of a guided run. `done` is the source of a RegExp that the channel's transcript, ephemerals included, matches once the step is done. */
export type GuideStep = { id: string; title: string; text: string; as: string; channel: string; type?: string; done: string }
/** A guided run, shown beside the channels. */
export type Guide = { title: string; intro: string; tags: { tag: string; what: string }[]; steps: GuideStep[] }

/** Ids of the steps done so far, in order. Only what was said or edited after the step before counts, so that one card does not tick two steps. */
export const createGuideProgress = (workspace: Workspace, guide: Guide) => {
  const doneAt = (id: string): string | undefined => {
    const at = workspace.kept(`guide/${id}`)
    return typeof at === 'string' ? at : undefined
  }
  const began = (): string => {
    const at = workspace.kept('guide-began')
    if (typeof at === 'string') return at
    const now = workspace.nextTs()
    workspace.keep('guide-began', now)
    return now
  }
  began()
  const mark = (id: string) => workspace.keep(`guide/${id}`, workspace.nextTs())
  const done = () => guide.steps.filter((step) => doneAt(step.id) !== undefined).map((step) => step.id)
  return {
    done,
    skip: (id: string) => {
      for (const step of guide.steps.slice(0, guide.steps.findIndex((one) => one.id === id) + 1)) if (doneAt(step.id) === undefined) mark(step.id)
    },
    restart: () => {
      for (const step of guide.steps) workspace.keep(`guide/${step.id}`, undefined)
      workspace.keep('guide-began', workspace.nextTs())
    },
    /** Ticks the next steps off as far as the transcript goes. Answers whether anything changed. */
    advance: (): boolean => {
      const next = guide.steps.find((step) => doneAt(step.id) === undefined)
      if (!next) return false
      const before = guide.steps[guide.steps.indexOf(next) - 1]
      const since = (before ? doneAt(before.id) : undefined) ?? began()
      if (!new RegExp(next.done, 'u').test(transcriptOf(workspace, next.channel, { ephemerals: true, after: since }))) return false
      mark(next.id)
      return true
    },
  }
}

export type GuideProgress = ReturnType<typeof createGuideProgress>
