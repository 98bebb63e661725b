import { applyConflict, badRequest, type Cause } from '../failure.ts'
import { at, isMap, mapAt, mapsAt, put, same, textAt, type Json, type JsonMap } from '../json.ts'
import type { Shape } from '../schema/schema.ts'
import { difference, fromFieldsV1, intersection, printed, sameSet, toFieldsV1, union, without, withNamedParents, type FieldSet } from './field-set.ts'
import { compare, fieldSetOf, merge, removeFields } from './typed.ts'

/** Who writes, and through which endpoint. */
export interface Writer {
  manager: string
  apiVersion: string
  subresource: string
  /** ms since the epoch, printed in seconds. */
  time: string
}

interface Owner {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  subresource: string
  time: string
  fields: FieldSet
}

/** Never owned by anybody (apimachinery, managedfields/internal/stripmeta.go). */
const stripped = ['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation', 'managedFields', 'resourceVersion'].map((field) => `f:metadata\nf:${field}`)
const strippedAlone: FieldSet = new Set(['f:apiVersion', 'f:kind', 'f:metadata', ...stripped])

/** Writes through one endpoint own nothing of the other's part. */
const ignoredBy = (subresource: string): string[] => (subresource === 'status' ? ['f:spec', 'f:metadata\nf:labels'] : ['f:status'])

const decode = (object: JsonMap): Owner[] =>
  mapsAt(object, 'metadata', 'managedFields')
    .filter((entry) => textAt(entry, 'manager') !== '')
    .map((entry) => ({
      manager: textAt(entry, 'manager'),
      operation: textAt(entry, 'operation') === 'Apply' ? 'Apply' : 'Update',
      apiVersion: textAt(entry, 'apiVersion'),
      subresource: textAt(entry, 'subresource'),
      time: textAt(entry, 'time'),
      fields: fromFieldsV1(mapAt(entry, 'fieldsV1')),
    }))

const encode = (owners: Owner[]): Json[] =>
  owners
    .filter((owner) => owner.fields.size > 0)
    .sort((left, right) => {
      const keys: (keyof Owner & string)[] = ['operation', 'time', 'manager', 'apiVersion', 'subresource']
      for (const key of keys) if (left[key] !== right[key]) return left[key] < right[key] ? -1 : 1
      return 0
    })
    .map((owner) => ({
      manager: owner.manager,
      operation: owner.operation,
      apiVersion: owner.apiVersion,
      time: owner.time,
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(owner.fields),
      ...(owner.subresource !== '' && { subresource: owner.subresource }),
    }))

const isOf = (owner: Owner, writer: Writer, operation: Owner['operation']): boolean =>
  owner.operation === operation &&
  owner.manager === writer.manager &&
  owner.subresource === writer.subresource &&
  (operation === 'Apply' || owner.apiVersion === writer.apiVersion)

const strip = (fields: FieldSet, subresource: string): FieldSet => difference(without(fields, ignoredBy(subresource)), strippedAlone)

const withOwners = (object: JsonMap, owners: Owner[]): JsonMap => {
  const metadata = { ...mapAt(object, 'metadata') }
  const entries = encode(owners)
  delete metadata['managedFields']
  return { ...object, metadata: entries.length > 0 ? { ...metadata, managedFields: entries } : metadata }
}

const bare = (object: JsonMap | undefined): JsonMap => {
  if (!object) return {}
  const metadata = { ...mapAt(object, 'metadata') }
  delete metadata['managedFields']
  return { ...object, metadata }
}

/** Structs that are there before anything is set, because Go has no absent structs: nobody comes to own them. */
const structs = [
  ['metadata'],
  ...['', 'template', 'jobTemplate', 'jobTemplate.spec.template'].flatMap((template) => {
    const path = ['spec', ...template.split('.')].filter((step) => step !== '')
    return [path, [...path, 'metadata'], [...path, 'spec'], [...path, 'spec', 'containers']]
  }),
  ['spec', 'containers'],
  ['spec', 'strategy'],
  ['spec', 'updateStrategy'],
  ['spec', 'resources'],
  ['spec', 'scaleTargetRef'],
  ['involvedObject'],
  ['source'],
  ['status'],
]

const blank = (written: JsonMap): JsonMap => {
  const base: JsonMap = {}
  for (const path of structs) {
    const found = at(written, ...path)
    if (isMap(found)) put(base, path, {})
    else if (Array.isArray(found)) put(base, path, [])
  }
  return base
}

/** The object after a create, update or patch, with the writer owning what it changed. */
export const ownAfterUpdate = (shape: Shape, live: JsonMap | undefined, written: JsonMap, writer: Writer): JsonMap => {
  const sent = mapAt(written, 'metadata')['managedFields']
  // An empty list (or one empty entry) is how a client resets ownership.
  const reset = Array.isArray(sent) && (sent.length === 0 || (sent.length === 1 && isMap(sent[0]) && Object.keys(sent[0]).length === 0))
  const owners = reset ? [] : decode(Array.isArray(sent) ? written : (live ?? {}))
  if (reset && live) return withOwners(written, [])
  const changes = compare(shape, live ? bare(live) : blank(written), bare(written))
  const ignored = ignoredBy(writer.subresource)
  const taken = without(union(changes.modified, changes.added), ignored)
  const gone = without(changes.removed, ignored)
  const others = owners.filter((owner) => !isOf(owner, writer, 'Update')).map((owner) => ({ ...owner, fields: difference(difference(owner.fields, taken), gone) }))
  const before = owners.find((owner) => isOf(owner, writer, 'Update'))
  const fields = strip(union(difference(before?.fields ?? new Set<string>(), gone), taken), writer.subresource)
  const unchanged = before !== undefined && sameSet(before.fields, fields)
  const own: Owner = { ...writer, operation: 'Update', fields, time: unchanged && taken.size === 0 ? before.time : writer.time }
  return withOwners(written, [...others, own])
}

const describe = (owner: Owner): string => {
  const name = JSON.stringify(owner.manager) + (owner.subresource === '' ? '' : ` with subresource ${JSON.stringify(owner.subresource)}`)
  return owner.operation === 'Update' ? `${name} using ${owner.apiVersion}` : name
}

const refuse = (conflicts: { owner: Owner; paths: string[] }[]): never => {
  const sorted = conflicts.map(({ owner, paths }) => ({ who: describe(owner), order: owner.manager + owner.operation, paths: paths.sort() })).sort((left, right) => (left.order < right.order ? -1 : 1))
  const causes: Cause[] = sorted.flatMap(({ who, paths }) => paths.map((path) => ({ reason: 'FieldManagerConflict', message: `conflict with ${who}`, field: printed(path) })))
  const only = causes.length === 1 ? causes[0] : undefined
  if (only) throw applyConflict(`Apply failed with 1 conflict: ${only.message}: ${only.field}`, causes)
  const lines = sorted.flatMap(({ who, paths }) => [`conflicts with ${who}:`, ...paths.map((path) => `- ${printed(path)}`)])
  throw applyConflict(`Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`, causes)
}

/**
 * Server-side apply: the live object with the applied one merged in, less what this manager applied before and now leaves out.
 * Throws Failure 409 when somebody else owns a field that would change and `force` is not set.
 */
export const ownAfterApply = (shape: Shape, live: JsonMap | undefined, applied: JsonMap, writer: Writer, force: boolean): JsonMap => {
  if (mapAt(applied, 'metadata')['managedFields'] !== undefined) throw badRequest('metadata.managedFields must be nil')
  const owners = decode(live ?? {})
  const before = owners.find((owner) => isOf(owner, writer, 'Apply'))
  const others = owners.filter((owner) => owner !== before)
  const liveBare = bare(live)
  const merged = merge(shape, liveBare, applied)
  const fields = strip(fieldSetOf(shape, applied), writer.subresource)

  let result = isMap(merged) ? merged : {}
  if (before && before.fields.size > 0) {
    const last = withNamedParents(shape, before.fields)
    const claimed = withNamedParents(shape, [...others.map((owner) => owner.fields), fields].reduce(union, new Set<string>()))
    const all = withNamedParents(shape, fieldSetOf(shape, result))
    const first = withNamedParents(shape, fieldSetOf(shape, removeFields(shape, result, last)))
    const second = removeFields(shape, result, difference(all, union(first, claimed)))
    const remaining = withNamedParents(shape, fieldSetOf(shape, second))
    const final = removeFields(shape, result, intersection(difference(all, remaining), last))
    result = isMap(final) ? final : {}
  }

  const changes = compare(shape, liveBare, result)
  const touched = without(union(changes.modified, changes.added), ignoredBy(writer.subresource))
  const conflicts = others.map((owner) => ({ owner, paths: [...intersection(owner.fields, touched)] })).filter(({ paths }) => paths.length > 0)
  if (conflicts.length > 0 && !force) refuse(conflicts)
  const left = others.map((owner) => ({ ...owner, fields: difference(difference(owner.fields, touched), changes.removed) }))
  const unchanged = before !== undefined && sameSet(before.fields, fields) && same(liveBare, result)
  const own: Owner = { ...writer, operation: 'Apply', fields, time: unchanged ? before.time : writer.time }
  return withOwners(result, [...left, own])
}
