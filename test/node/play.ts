import type { Tenant } from './tenant.ts'
import type { Stage } from './stage.ts'

/** What only real containers can show, in an app of its own, so that all are played at once. */
export interface Play {
  /** A present-tense sentence. */
  readonly title: string
  readonly app: string
  act(tenant: Tenant, stage: Stage): Promise<void>
}
