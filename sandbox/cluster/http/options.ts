import type { Removal, Write } from '../api/api.ts'
import { badRequest, Failure, invalidKinds } from '../failure.ts'
import { isMap, listAt, textAt, type Json } from '../json.ts'
import type { Exchange } from './exchange.ts'

const invalidOption = (kind: string, field: string, body: string): Failure =>
  new Failure(422, 'Invalid', `${kind}.meta.k8s.io "" is invalid: ${field}: ${body}`, { group: 'meta.k8s.io', kind, causes: [{ reason: Object.values(invalidKinds).find(({ text }) => body.startsWith(text))?.reason ?? 'FieldValueInvalid', message: body, field }] })

const dryRun = (kind: string, values: string[]): boolean => {
  const [first] = values
  if (first === undefined) return false
  if (values.length > 1 || first !== 'All') throw invalidOption(kind, 'dryRun', `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`)
  return true
}

const validations = ['Strict', 'Warn', 'Ignore'] as const

/** Who writes and how, from the query. Without a field manager it is the program before the first slash of the user agent. */
export const writeOptions = (exchange: Exchange, kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions'): Write & { asked: string } => {
  const { query, headers } = exchange
  const asked = query.get('fieldManager') ?? ''
  if (asked.length > 128) throw invalidOption(kind, 'fieldManager', 'Too long: may not be more than 128 bytes')
  const validation = query.get('fieldValidation') ?? ''
  const known = validations.find((value) => value === validation)
  if (validation !== '' && !known) throw invalidOption(kind, 'fieldValidation', `Unsupported value: ${JSON.stringify(validation)}: supported values: "", "Ignore", "Strict", "Warn"`)
  return {
    asked,
    manager: asked || (headers['user-agent'] ?? '').split('/')[0] || 'unknown',
    dryRun: dryRun(kind, query.getAll('dryRun')),
    validation: known ?? 'Warn',
    warn: (text) => void exchange.warnings.push(text),
  }
}

const propagations = ['Background', 'Foreground', 'Orphan'] as const

/** From the query and the DeleteOptions in the body. */
export const removalOptions = (exchange: Exchange, body: Json | undefined): Removal => {
  if (body !== undefined && !isMap(body)) throw badRequest('the body is not DeleteOptions')
  const { query } = exchange
  const grace = body?.['gracePeriodSeconds'] ?? (query.has('gracePeriodSeconds') ? Number(query.get('gracePeriodSeconds')) : undefined)
  if (typeof grace === 'number' && (Number.isNaN(grace) || grace < 0)) throw invalidOption('DeleteOptions', 'gracePeriodSeconds', `Invalid value: ${grace}: must be greater than or equal to 0`)
  const policy = textAt(body, 'propagationPolicy') || (query.get('propagationPolicy') ?? '')
  const propagation = propagations.find((value) => value === policy)
  if (policy !== '' && !propagation) throw invalidOption('DeleteOptions', 'propagationPolicy', `Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"`)
  // The query counts only where there is no body (apiserver, handlers/delete.go).
  const asked = (name: 'uid' | 'resourceVersion'): string => (body === undefined ? (query.get(name) ?? '') : textAt(body, 'preconditions', name))
  const [uid, resourceVersion] = [asked('uid'), asked('resourceVersion')]
  const dry = [...query.getAll('dryRun'), ...listAt(body, 'dryRun').filter((value) => typeof value === 'string')]
  return {
    ...(uid !== '' && { uid }),
    ...(resourceVersion !== '' && { resourceVersion }),
    ...(propagation && { propagation }),
    ...(typeof grace === 'number' && { grace }),
    dryRun: dryRun('DeleteOptions', dry),
  }
}

export const applyRefusal = (field: string, body: string): Failure => invalidOption('PatchOptions', field, body)
