import { CronJob } from 'cron'
import type { Logger } from 'pino'

/** One long-lived job. `run` is idempotent: every replica runs it, and conditional updates decide. */
export interface Task { readonly name: string; readonly cronTime: string; run(): Promise<void> }

/** Starts the tasks; a run that still goes on is waited for, one that fails is logged and comes again. */
export const startSchedule = (tasks: readonly Task[], log: Logger): { stop(): Promise<void> } => {
  const jobs = tasks.map((task) => CronJob.from({
    cronTime: task.cronTime, start: true, waitForCompletion: true, unrefTimeout: true,
    onTick: async () => {
      try {
        await task.run()
      } catch (error) {
        log.warn({ err: error, task: task.name }, 'a scheduled task failed and is tried again')
      }
    },
  }))
  return { stop: async () => void (await Promise.all(jobs.map((job) => job.stop()))) }
}
