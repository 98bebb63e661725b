import { benignScenarios } from './benign.ts'
import { failingScenarios } from './failing.ts'
import type { CorpusScenario, StageKind } from './scenario.ts'

export const everyScenario: readonly CorpusScenario[] = [...failingScenarios, ...benignScenarios]

/** Those that can be played there. */
export const fitting = (kind: StageKind): CorpusScenario[] => everyScenario.filter(({ on }) => on === undefined || on.includes(kind))
