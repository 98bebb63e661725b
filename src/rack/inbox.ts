import { randomBytes } from 'node:crypto'
import type { Db } from '../db/client.ts'
import {
  acceptDelivery, deliveriesSealedOtherwise, findQuestion, holdDeliveries, insertQuestion, markHandled, questionsSealedOtherwise, refuseDelivery, replaceSealedCommand, replaceSealedPayload,
  takeOverDeliveries,
} from '../db/deliveries.ts'
import type { Delivery, Inbox } from './operations.ts'
import { refuse } from './refusal.ts'
import type { Place, Sealer } from './seal.ts'

/** Seconds. A delivery older than this is not done again: its person has long asked somebody else. */
const worth = 15 * 60
/** A delivery that was begun so often ended so many processes, or came close to it. */
const tries = 3
/** Milliseconds a question behind a button stays (cards.md 5). */
const questionLife = 15 * 60_000

const deliveryPlace = (id: string) => ({ table: 'deliveries', row: id, column: 'payload' })
const questionPlace = (id: string) => ({ table: 'questions', row: id, column: 'command' })

/** Seals with the first key what another one has sealed; how many that were. */
export const reencryptInbox = async (db: Db, sealer: Sealer, first: string): Promise<number> => {
  let sealed = 0
  const again = (before: string, place: Place): string => sealer.seal(sealer.open(before, place), place)
  for (const { id, sealed: before } of await deliveriesSealedOtherwise(db, first)) if (await replaceSealedPayload(db, id, before, again(before, deliveryPlace(id)))) sealed += 1
  for (const { id, sealed: before } of await questionsSealedOtherwise(db, first)) if (await replaceSealedCommand(db, id, before, again(before, questionPlace(id)))) sealed += 1
  return sealed
}

/** Deliveries and questions in the database, sealed. `onUnreadable` hears of a kept delivery that no key opens: it is given up, and the others with it go on. */
export const createInbox = (db: Db, sealer: Sealer, clock: () => Date, onUnreadable: (id: string, error: unknown) => void): Inbox => ({
  accept: ({ id, payload, click }) => acceptDelivery(db, { id, payload: sealer.seal(payload, deliveryPlace(id)), click }),
  handled: async (id) => {
    await markHandled(db, id)
  },
  refused: (id) => refuseDelivery(db, id),
  hold: (ids) => holdDeliveries(db, ids),
  takeOver: async (idle) => {
    const opened: Delivery[] = []
    for (const { id, payload, receivedAt } of await takeOverDeliveries(db, { idle, worth, tries })) {
      try {
        opened.push({ id, payload: sealer.open(payload, deliveryPlace(id)), receivedAt })
      } catch (error) {
        onUnreadable(id, error)
        await markHandled(db, id)
      }
    }
    return opened
  },
  keepQuestion: async (command) => {
    const id = randomBytes(12).toString('hex')
    await insertQuestion(db, { id, command: sealer.seal(command, questionPlace(id)), expiresAt: new Date(clock().getTime() + questionLife) })
    return id
  },
  readQuestion: async (id) => {
    const sealed = await findQuestion(db, id)
    return sealed === undefined ? refuse({ code: 'question_too_old' }) : sealer.open(sealed, questionPlace(id))
  },
})
