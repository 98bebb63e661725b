import { z } from 'zod'

import { conditions, count, managersIn, metaShape, text } from './decode-shapes.ts'
import type { CronJobFacts, JobFacts } from './facts.ts'
import { templateKey } from './template.ts'

const cronJobShape = z.object({
  metadata: metaShape,
  spec: z.object({ schedule: text, suspend: z.boolean().nullish(), jobTemplate: z.object({ spec: z.object({ template: z.unknown() }) }) }),
  status: z.object({ lastScheduleTime: text }).prefault({}),
})

const jobShape = z.object({
  metadata: metaShape,
  spec: z.object({ template: z.unknown() }),
  status: z.object({ active: count, ready: count, succeeded: count, failed: count, startTime: text, completionTime: text, conditions }).prefault({}),
})

/** A CronJob as an API server sends it, or undefined when it is not one. */
export const parseCronJob = (raw: unknown): CronJobFacts | undefined => {
  const { success, data } = cronJobShape.safeParse(raw)
  if (!success) return undefined
  const { metadata, spec, status } = data
  return {
    kind: 'CronJob', meta: metadata, managers: managersIn(raw), suspended: spec.suspend === true, schedule: spec.schedule ?? '',
    templateKey: templateKey(spec.jobTemplate.spec.template), lastScheduledAt: status.lastScheduleTime,
  }
}

/** A Job as an API server sends it, or undefined when it is not one. Pass the result through `rememberJob` before keeping it. */
export const parseJob = (raw: unknown): JobFacts | undefined => {
  const { success, data } = jobShape.safeParse(raw)
  if (!success) return undefined
  const { metadata, spec, status } = data
  return {
    kind: 'Job', meta: metadata, templateKey: templateKey(spec.template),
    status: { active: status.active, ready: status.ready, succeeded: status.succeeded, failed: status.failed },
    startedAt: status.startTime, completedAt: status.completionTime, conditions: status.conditions,
  }
}
