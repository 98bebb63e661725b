import { z } from 'zod'
import { writeAudit } from '../db/audit.ts'
import { byCaller } from './audit-row.ts'
import { appAbout, type About } from './caller-here.ts'
import type { Rack } from './context.ts'
import { normalId } from './ids.ts'
import type { Caller, Operations } from './operations.ts'
import { RefusalError } from './refusal.ts'

/** The nos that somebody gets for who they are; every other no is about the thing they asked for. */
const aboutThePerson = ['forbidden', 'not_an_approver', 'own_request'] as const satisfies readonly RefusalError['refusal']['code'][]

/** What an operation was asked about, as far as its input says; ids and names alone are read from it. */
const asked = z.union([
  z.string().transform((app) => ({ app })),
  z.object({ app: z.string().nullable(), promotion: z.string(), freeze: z.string(), operation: z.string() }).partial(),
]).catch({})

/** What somebody was about to do whose right was looked at first: before a form was opened for it. */
const leadingTo = (name: string, operation: string | undefined): string => (name === 'mayDecide' ? 'reject' : operation ?? name)

const isCaller = (value: unknown): value is Caller => typeof value === 'object' && value !== null && 'actor' in value

/** One row for what somebody tried and was not allowed to do. The no itself matters more: a row that cannot be written is only logged. */
const noteRefusal = async (rack: Rack, name: string, caller: Caller, input: unknown, code: string): Promise<void> => {
  const { operation, ...about }: Partial<About> & { operation?: string } = asked.parse(input)
  try {
    await writeAudit(rack.db, {
      rack: rack.name, app: await appAbout(rack, about), ...byCaller(caller), action: `refused.${leadingTo(name, operation)}`,
      promotionId: about.promotion === undefined ? null : normalId(about.promotion), decision: 'refused', result: code, detail: {},
    })
  } catch (error) {
    rack.log.warn({ err: error, operation: name, code }, 'a refusal could not be written to the audit')
  }
}

/** The same operations, that write down who was not allowed to do what. */
export const auditRefusals = (rack: Rack, operations: Operations): Operations =>
  new Proxy(operations, {
    get: (target, name): unknown => {
      const operation: unknown = Reflect.get(target, name)
      if (typeof operation !== 'function') return operation
      return async (...given: unknown[]): Promise<unknown> => {
        try {
          return await Reflect.apply(operation, target, given)
        } catch (error) {
          const [caller, input] = given
          if (error instanceof RefusalError && isCaller(caller) && aboutThePerson.some((code) => code === error.refusal.code)) {
            await noteRefusal(rack, String(name), caller, input, error.refusal.code)
          }
          throw error
        }
      }
    },
  })
