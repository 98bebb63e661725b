import type { Books } from '../context.ts'
import { keepQueue, keepQueues } from './keep-queue.ts'

/**
 * `keepQueue` (app null: `keepQueues`) after a change that is committed. Raises nothing: what was asked for is done, and whoever asked must not read that it
 * failed; the task that keeps the queues every second comes to it. Then the senders are woken for what the change has to say.
 */
export const tendQueue = async (rack: Books, app: string | null): Promise<void> => {
  try {
    await (app === null ? keepQueues(rack) : keepQueue(rack, app))
  } catch (error) {
    rack.log.warn({ err: error, app }, 'the queue could not be looked at after a change; the next look makes up for it')
  }
  rack.wakeDelivery.call()
}
