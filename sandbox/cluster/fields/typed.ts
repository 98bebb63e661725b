import { canonical, isList, isMap, same, type Json, type JsonMap } from '../json.ts'
import type { ListShape, MapShape, Shape } from '../schema/schema.ts'
import { below, joined, printed, type FieldSet } from './field-set.ts'

// A port of sigs.k8s.io/structured-merge-diff/v6 (typed/merge.go, compare.go, remove.go, tofieldset.go) to plain JSON.

/** Raised when an applied list cannot be keyed. */
export class KeyProblem extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'KeyProblem'
  }
}

/** The step that names an item of a keyed list or of a set. */
const itemStep = (shape: ListShape, item: Json): string => {
  if (shape.keys.length === 0) return `v:${canonical(item)}`
  const key: JsonMap = {}
  const defaults = shape.items.kind === 'map' ? shape.items.defaults : {}
  for (const name of shape.keys) {
    // Every string key of these kinds defaults to "", every number to 0: what is missing is for validation to refuse.
    const field = shape.items.kind === 'map' ? shape.items.field(name) : undefined
    const blank = field?.kind === 'scalar' ? { string: '', numeric: 0 }[field.scalar] : undefined
    const value = (isMap(item) ? item[name] : undefined) ?? defaults[name] ?? blank
    if (value === undefined) throw new KeyProblem(`associative list with keys has an element that omits key field ${JSON.stringify(name)} (and doesn't have default value)`)
    key[name] = value
  }
  return `k:${canonical(key)}`
}

const items = (value: Json | undefined): Json[] => (isList(value) ? value : [])
const empty = (value: Json | undefined): boolean => value === undefined || value === null || (isList(value) ? value.length === 0 : isMap(value) && Object.keys(value).length === 0)

/** Every field that `value` sets. Throws KeyProblem for duplicates. */
export const fieldSetOf = (shape: Shape, value: Json | undefined): FieldSet => {
  const found = new Set<string>()
  const walk = (inner: Shape, node: Json | undefined, path: string): void => {
    if (inner.kind === 'scalar' || inner.atomic) {
      if (path !== '') found.add(path)
      return
    }
    if (inner.kind === 'list') {
      for (const item of items(node)) {
        const here = joined(path, itemStep(inner, item))
        walk(inner.items, item, here)
        found.add(here)
      }
      return
    }
    if (!isMap(node)) return
    for (const [key, child] of Object.entries(node)) {
      if (child === undefined) continue
      const here = joined(path, `f:${key}`)
      const next = inner.field(key)
      if (next) walk(next, child, here)
      if (child === null || (isMap(child) && Object.keys(child).length === 0) || !inner.declared(key)) found.add(here)
    }
  }
  walk(shape, value, '')
  return found
}

/** Refuses an applied list with two items of one key. */
export const refuseDuplicates = (shape: Shape, value: Json | undefined, path = ''): void => {
  if (shape.kind === 'list' && !shape.atomic) {
    const seen = new Set<string>()
    for (const item of items(value)) {
      const step = itemStep(shape, item)
      if (seen.has(step)) throw new KeyProblem(`${path}: duplicate entries for key ${printed(step)}`)
      seen.add(step)
      refuseDuplicates(shape.items, item, `${path}${printed(step)}`)
    }
  } else if (shape.kind === 'map' && !shape.atomic && isMap(value)) {
    for (const [key, child] of Object.entries(value)) {
      const next = shape.field(key)
      if (next) refuseDuplicates(next, child, `${path}.${key}`)
    }
  }
}

const mergeLists = (shape: ListShape, left: Json[], right: Json[]): Json[] => {
  const inLeft = new Map(left.map((item) => [itemStep(shape, item), item]))
  const inRight = new Map(right.map((item) => [itemStep(shape, item), item]))
  const merged: Json[] = []
  const done = new Set<string>()
  // The applied order rules; what only lives in the old list keeps its place before the next shared item.
  const take = (step: string): void => {
    if (done.has(step)) return
    done.add(step)
    const value = merge(shape.items, inLeft.get(step), inRight.get(step))
    if (value !== undefined) merged.push(value)
  }
  const leftSteps = [...inLeft.keys()]
  let position = 0
  for (const step of inRight.keys()) {
    if (inLeft.has(step)) {
      while (position < leftSteps.length && leftSteps[position] !== step) {
        const other = leftSteps[position]
        if (other !== undefined && !inRight.has(other)) take(other)
        position += 1
      }
    }
    take(step)
  }
  for (const step of leftSteps) if (!inRight.has(step)) take(step)
  return merged
}

const mergeMaps = (shape: MapShape, left: JsonMap, right: JsonMap): JsonMap => {
  const merged: JsonMap = {}
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const inner = shape.field(key)
    const value = inner ? merge(inner, left[key], right[key]) : (right[key] ?? left[key])
    if (value !== undefined) merged[key] = value
  }
  return merged
}

/** The live value with the applied one laid over it. */
export const merge = (shape: Shape, left: Json | undefined, right: Json | undefined): Json | undefined => {
  if (right === undefined) return left
  if (left === undefined || left === null || right === null || shape.kind === 'scalar' || shape.atomic) return right
  if (shape.kind === 'list') return isList(left) && isList(right) ? mergeLists(shape, left, right) : right
  return isMap(left) && isMap(right) ? mergeMaps(shape, left, right) : right
}

export interface Comparison {
  added: FieldSet
  modified: FieldSet
  removed: FieldSet
}

/** Which fields differ between two values. */
export const compare = (shape: Shape, before: Json | undefined, after: Json | undefined): Comparison => {
  const added = new Set<string>()
  const modified = new Set<string>()
  const removed = new Set<string>()
  const leaf = (left: Json | undefined, right: Json | undefined, path: string): void => {
    if (left === undefined) added.add(path)
    else if (right === undefined) removed.add(path)
    else if (!same(left, right)) modified.add(path)
  }
  const walk = (inner: Shape, left: Json | undefined, right: Json | undefined, path: string): void => {
    if (left === undefined && right === undefined) return
    if (inner.kind === 'scalar' || inner.atomic || (empty(left) && empty(right))) {
      leaf(left, right, path)
      return
    }
    if (inner.kind === 'list') {
      const lefts = new Map(items(left).map((item) => [itemStep(inner, item), item]))
      const rights = new Map(items(right).map((item) => [itemStep(inner, item), item]))
      for (const step of new Set([...lefts.keys(), ...rights.keys()])) walk(inner.items, lefts.get(step), rights.get(step), joined(path, step))
    } else {
      const lefts: JsonMap = isMap(left) ? left : {}
      const rights: JsonMap = isMap(right) ? right : {}
      for (const key of new Set([...Object.keys(lefts), ...Object.keys(rights)])) {
        const next = inner.field(key)
        if (next) walk(next, lefts[key], rights[key], joined(path, `f:${key}`))
      }
    }
    if (path === '') return
    if (left === undefined) added.add(path)
    else if (right === undefined) removed.add(path)
  }
  walk(shape, before, after, '')
  return { added, modified, removed }
}

/** The value without the members of `fields` and all they hold. What becomes empty goes too. */
export const removeFields = (shape: Shape, value: Json | undefined, fields: FieldSet): Json | undefined => {
  if (value === undefined || fields.size === 0 || shape.kind === 'scalar') return value
  if (shape.atomic || empty(value)) return undefined
  if (shape.kind === 'list') {
    const kept: Json[] = []
    for (const item of items(value)) {
      const step = itemStep(shape, item)
      if (fields.has(step)) continue
      const inner = removeFields(shape.items, item, below(fields, step))
      kept.push(inner ?? null)
    }
    return kept.length > 0 ? kept : undefined
  }
  if (!isMap(value)) return value
  const kept: JsonMap = {}
  for (const [key, child] of Object.entries(value)) {
    const step = `f:${key}`
    if (fields.has(step)) continue
    const inner = shape.field(key)
    const rest = below(fields, step)
    const left = inner && rest.size > 0 ? removeFields(inner, child, rest) : child
    if (left !== undefined) kept[key] = left
  }
  return Object.keys(kept).length > 0 ? kept : undefined
}
