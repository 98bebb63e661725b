import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { canonicalQuantity } from '../admission/quantity.ts'
import { isMap, listAt, mapAt, parseJson, type Json, type JsonMap } from '../json.ts'

/** What a value may look like, and how lists merge: by key (`keys`), as a set (no keys), or whole (`atomic`). */
export type Shape =
  | { kind: 'scalar'; scalar: string }
  | { kind: 'map'; field(name: string): Shape | undefined; declared(name: string): boolean; names: string[]; element: Shape | undefined; defaults: JsonMap; atomic: boolean }
  | { kind: 'list'; items: Shape; keys: string[]; atomic: boolean }

export type MapShape = Extract<Shape, { kind: 'map' }>
export type ListShape = Extract<Shape, { kind: 'list' }>

/** The schema of Kubernetes 1.36 (see `source` in the file), cut down to the kinds served here. */
const types = mapAt(parseJson(readFileSync(fileURLToPath(new URL('kubernetes-1.36.json', import.meta.url)), 'utf8')), 'types')
const named = new Map<string, Shape>()

const untyped: Shape = { kind: 'scalar', scalar: 'untyped' }

const build = (raw: Json | undefined): Shape => {
  if (typeof raw === 'string') return raw.startsWith('#') ? shapeOf(raw.slice(1)) : { kind: 'scalar', scalar: raw }
  if (!isMap(raw)) return untyped
  if (raw['items'] !== undefined) {
    return { kind: 'list', items: build(raw['items']), keys: listAt(raw, 'keys').filter((key) => typeof key === 'string'), atomic: raw['atomic'] === true }
  }
  const fields = mapAt(raw, 'fields')
  const known = new Map<string, Shape>()
  const element = raw['element'] === undefined ? undefined : build(raw['element'])
  return {
    kind: 'map',
    names: Object.keys(fields),
    element,
    defaults: mapAt(raw, 'defaults'),
    atomic: raw['atomic'] === true,
    declared: (name) => Object.hasOwn(fields, name),
    // Built on demand: some types contain themselves.
    field: (name) => {
      if (!Object.hasOwn(fields, name)) return element
      const shape = known.get(name) ?? build(fields[name])
      known.set(name, shape)
      return shape
    },
  }
}

/** The shape of `apps.v1.Deployment` and the like. Throws for a type the schema lacks. */
export const shapeOf = (type: string): Shape => {
  const ready = named.get(type)
  if (ready) return ready
  if (!Object.hasOwn(types, type)) throw new Error(`the schema has no type ${type}`)
  const shape = build(types[type])
  named.set(type, shape)
  return shape
}

const canonical = (value: Json): string | undefined => (typeof value === 'string' || typeof value === 'number' ? canonicalQuantity(value) : undefined)

/** Fields in `value` that the schema does not know, as paths like `spec.template.foo`, and values of the wrong sort. */
export const schemaProblems = (shape: Shape, value: Json | undefined, path = ''): { unknown: string[]; wrong: { path: string; expected: string; found: string }[] } => {
  const problems: ReturnType<typeof schemaProblems> = { unknown: [], wrong: [] }
  const descend = (inner: Shape, child: Json | undefined, where: string): void => {
    const found = schemaProblems(inner, child, where)
    problems.unknown.push(...found.unknown)
    problems.wrong.push(...found.wrong)
  }
  const wrong = (expected: string): void => void problems.wrong.push({ path, expected, found: Array.isArray(value) ? 'array' : typeof value === 'object' ? 'object' : typeof value })
  if (value === undefined || value === null) return problems
  if (shape.kind === 'scalar') {
    const expected = { string: 'string', numeric: 'number', boolean: 'boolean' }[shape.scalar]
    if (shape.scalar === 'quantity' && canonical(value) === undefined) wrong('quantity')
    if (expected !== undefined && typeof value !== expected) wrong(expected === 'number' ? 'int32' : expected === 'boolean' ? 'bool' : expected)
  } else if (shape.kind === 'list') {
    if (!Array.isArray(value)) wrong('array')
    else for (const [index, item] of value.entries()) descend(shape.items, item, `${path}[${index}]`)
  } else if (!isMap(value)) wrong('object')
  else {
    for (const [key, child] of Object.entries(value)) {
      const inner = shape.field(key)
      const where = path === '' ? key : `${path}.${key}`
      if (inner) descend(inner, child, where)
      else problems.unknown.push(where)
    }
  }
  return problems
}

/** The value without what the schema does not know, its quantities in their one form: what a server stores. */
export const pruneUnknown = (shape: Shape, value: Json): Json => {
  if (shape.kind === 'scalar' && shape.scalar === 'quantity') return canonical(value) ?? value
  if (shape.kind === 'list' && Array.isArray(value)) return value.map((item) => pruneUnknown(shape.items, item))
  if (shape.kind !== 'map' || !isMap(value)) return value
  const kept: JsonMap = {}
  for (const [key, child] of Object.entries(value)) {
    const inner = shape.field(key)
    if (inner && child !== undefined && child !== null) kept[key] = pruneUnknown(inner, child)
    // A null timestamp is printed, other nulls vanish as zero values do.
    else if (inner && child === null && key === 'lastProbeTime') kept[key] = null
    else if (inner && child === null && ['eventTime', 'firstTimestamp', 'lastTimestamp'].includes(key)) kept[key] = null
  }
  return kept
}

