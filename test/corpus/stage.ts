import { realStage } from './real-stage.ts'
import type { StageKind } from './scenario.ts'
import type { Stage } from './scene.ts'
import { simulatedStage } from './simulated-stage.ts'

/** A fresh stage of that kind. */
export const stageOf = (kind: StageKind): Promise<Stage> => (kind === 'real' ? realStage() : simulatedStage())
