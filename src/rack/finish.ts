import type { Db } from '../db/client.ts'
import { isHandled, markHandled } from '../db/deliveries.ts'
import type { Caller } from './operations.ts'

/** Another replica took this delivery over, while this process stood still, and has done it: what this one did of it is undone. */
export class DeliveryTakenError extends Error {
  override readonly name = 'DeliveryTakenError'
  constructor(delivery: string) {
    super(`the delivery ${delivery} was done by another replica meanwhile`)
  }
}

/** Last line of every writing operation's transaction: its delivery is handled with its effect, or not at all. Throws `DeliveryTakenError`. */
export const finish = async (tx: Db, { delivery }: Caller): Promise<void> => {
  if (delivery !== undefined && !await markHandled(tx, delivery) && await isHandled(tx, delivery)) throw new DeliveryTakenError(delivery)
}
