import type { Db } from '../db/client.ts'
import { markHandled } from '../db/deliveries.ts'
import type { Caller } from './operations.ts'

/** Last line of every writing operation's transaction: its delivery is handled with its effect, or not at all. */
export const finish = async (tx: Db, caller: Caller): Promise<void> => {
  if (caller.delivery !== undefined) await markHandled(tx, caller.delivery)
}
