import type { CorpusScenario } from './scenario.ts'

const failing = (name: string, what: string, tag: string, rule: string, kind: NonNullable<CorpusScenario['ends']['kind']>, more: Partial<CorpusScenario> = {}): CorpusScenario => ({
  name, what, class: 'failing', after: { web: tag }, ...more, ends: { status: 'rolled_back', rule, kind, service: 'web', ...more.ends },
})

/** Everything here has to end rolled back, or failed where nothing moved. */
export const failingScenarios: readonly CorpusScenario[] = [
  failing('image-not-found', 'the image is gone when the node pulls it', 'badimage', 'image-pull', 'image_not_found'),
  failing('image-refused', 'the registry refuses the node', 'denied', 'image-pull', 'image_pull_refused'),
  failing('crash', 'exits at once, again and again', 'crash', 'crash-loop', 'crashed_at_start'),
  failing('flap', 'is ready, then exits', 'flap', 'exits-once-ready', 'exits_once_ready', { params: { stability: '5s' } }),
  failing('out-of-memory', 'is killed for its memory twice', 'oom', 'out-of-memory', 'out_of_memory'),
  failing('never-ready', 'runs, and its health check never passes', 'notready', 'never-ready', 'never_ready'),
]
