import { appDeleted } from './app-deleted.ts'
import { becomesAgent } from './becomes-agent.ts'
import { crashRollsBack } from './crash-rolls-back.ts'
import { envChange } from './env-change.ts'
import { everyField } from './every-field.ts'
import { firstFails } from './first-fails.ts'
import { goodPromote } from './good-promote.ts'
import { killedProcess } from './killed-process.ts'
import { rollbackCommand } from './rollback-command.ts'
import { serviceRemoved } from './service-removed.ts'
import { somebodyElse } from './somebody-else.ts'
import type { Telling } from './telling.ts'
import { twoServices } from './two-services.ts'

/** Every story; each has an app of its own, so that they can be told one after the other in one place. */
export const everyStory: readonly Telling[] = [
  goodPromote, crashRollsBack, killedProcess, rollbackCommand, envChange, serviceRemoved, everyField, becomesAgent, twoServices, firstFails, somebodyElse, appDeleted,
]
