import type { JsonMap } from './json.ts'
import type { Resource } from './resources.ts'

export type Cause = { reason: string; message: string; field?: string }

/** An API error: its body is the `Status` object a client receives. */
export class Failure extends Error {
  readonly code: number
  readonly reason: string
  /** Printed even when empty, left out when undefined. */
  readonly details: JsonMap | undefined
  readonly headers: Record<string, string>
  constructor(code: number, reason: string, message: string, details?: JsonMap, headers: Record<string, string> = {}) {
    super(message)
    this.name = 'Failure'
    this.code = code
    this.reason = reason
    this.details = details
    this.headers = headers
  }
  /** The `Status` as it goes over the wire. */
  status(): JsonMap {
    const reason = this.reason === '' ? {} : { reason: this.reason }
    const details = this.details === undefined ? {} : { details: this.details }
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: this.message, ...reason, ...details, code: this.code }
  }
}

/** `deployments.apps`, `pods`: how messages name a resource. */
export const qualified = (resource: Resource): string => (resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`)
export const qualifiedKind = (resource: Resource): string => (resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`)

const about = (resource: Resource, name: string): JsonMap => ({ ...(name !== '' && { name }), ...(resource.group !== '' && { group: resource.group }), kind: resource.plural })

export const notFound = (resource: Resource, name: string): Failure =>
  new Failure(404, 'NotFound', `${qualified(resource)} ${JSON.stringify(name)} not found`, about(resource, name))

export const alreadyExists = (resource: Resource, name: string): Failure =>
  new Failure(409, 'AlreadyExists', `${qualified(resource)} ${JSON.stringify(name)} already exists`, about(resource, name))

export const conflict = (resource: Resource, name: string, why = 'the object has been modified; please apply your changes to the latest version and try again'): Failure =>
  new Failure(409, 'Conflict', `Operation cannot be fulfilled on ${qualified(resource)} ${JSON.stringify(name)}: ${why}`, about(resource, name))

/** A precondition of a delete that does not hold. */
export const preconditionFailed = (resource: Resource, name: string, why: string): Failure =>
  new Failure(409, 'Conflict', `Operation cannot be fulfilled on ${qualifiedKind(resource)} ${JSON.stringify(name)}: ${why}`, { ...about(resource, name), kind: resource.kind })

export const forbidden = (resource: Resource, name: string, why: string, causes: Cause[] = []): Failure =>
  new Failure(403, 'Forbidden', `${qualified(resource)} ${name === '' ? '' : `${JSON.stringify(name)} `}is forbidden: ${why}`, {
    ...about(resource, name),
    ...(causes.length > 0 && { causes }),
  })

export const badRequest = (message: string): Failure => new Failure(400, 'BadRequest', message)
export const methodNotAllowed = (): Failure => new Failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
export const expired = (message: string): Failure => new Failure(410, 'Expired', message)
export const internal = (message: string): Failure => new Failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] })

/** Apply conflicts: `causes` name manager and field. */
export const applyConflict = (message: string, causes: Cause[]): Failure => new Failure(409, 'Conflict', message, { causes })

export const invalidKinds = {
  required: { reason: 'FieldValueRequired', text: 'Required value' },
  invalid: { reason: 'FieldValueInvalid', text: 'Invalid value' },
  unsupported: { reason: 'FieldValueNotSupported', text: 'Unsupported value' },
  duplicate: { reason: 'FieldValueDuplicate', text: 'Duplicate value' },
  forbidden: { reason: 'FieldValueForbidden', text: 'Forbidden' },
  notFound: { reason: 'FieldValueNotFound', text: 'Not found' },
  tooLong: { reason: 'FieldValueTooLong', text: 'Too long' },
} as const

/** One complaint about one field. `body` is everything after the field's path. */
export interface FieldProblem {
  kind: keyof typeof invalidKinds
  field: string
  body: string
}

export const invalid = (resource: Resource, name: string, problems: FieldProblem[]): Failure => {
  const texts = problems.map((problem) => `${problem.field}: ${problem.body}`)
  const list = texts.length === 1 ? texts.join('') : `[${texts.join(', ')}]`
  return new Failure(422, 'Invalid', `${qualifiedKind(resource)} ${JSON.stringify(name)} is invalid: ${list}`, {
    ...(name !== '' && { name }),
    ...(resource.group !== '' && { group: resource.group }),
    kind: resource.kind,
    causes: problems.map((problem) => ({ reason: invalidKinds[problem.kind].reason, message: problem.body, field: problem.field })),
  })
}
