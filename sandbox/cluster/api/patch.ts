import { badRequest, Failure } from '../failure.ts'
import { canonical, copy, isList, isMap, same, textAt, type Json, type JsonMap } from '../json.ts'
import type { Shape } from '../schema/schema.ts'

export const patchKinds = ['json', 'merge', 'strategic'] as const
export interface Patch {
  kind: (typeof patchKinds)[number]
  body: Json
}

const unprocessable = (): Failure => new Failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {})

const steps = (pointer: string): string[] => {
  if (pointer === '') return []
  if (!pointer.startsWith('/')) throw unprocessable()
  return pointer.slice(1).split('/').map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

const child = (value: Json | undefined, step: string): Json | undefined => (isList(value) ? value[Number(step)] : isMap(value) && Object.hasOwn(value, step) ? value[step] : undefined)

const reach = (root: Json, path: string[]): Json | undefined => path.reduce<Json | undefined>(child, root)

const place = (root: Json, path: string[], change: (parent: JsonMap | Json[], key: string) => void): void => {
  const parent = reach(root, path.slice(0, -1))
  const key = path.at(-1)
  if (key === undefined || !(isMap(parent) || isList(parent))) throw unprocessable()
  change(parent, key)
}

const index = (list: Json[], key: string, end: number): number => {
  const at = key === '-' ? list.length : Number(key)
  if (!Number.isInteger(at) || at < 0 || at > end) throw unprocessable()
  return at
}

/** RFC 6902. A failing operation, a `test` included, refuses the whole patch with 422. */
const jsonPatch = (root: JsonMap, operations: Json): Json => {
  if (!isList(operations)) throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp')
  for (const operation of operations) {
    if (!isMap(operation)) throw unprocessable()
    const kind = textAt(operation, 'op')
    const path = steps(textAt(operation, 'path'))
    const value = operation['value']
    const from = steps(textAt(operation, 'from'))
    const remove = (where: string[]): void =>
      place(root, where, (parent, key) => {
        if (child(parent, key) === undefined) throw unprocessable()
        if (isList(parent)) parent.splice(index(parent, key, parent.length - 1), 1)
        else delete parent[key]
      })
    const add = (what: Json): void =>
      place(root, path, (parent, key) => {
        if (isList(parent)) parent.splice(index(parent, key, parent.length), 0, what)
        else parent[key] = what
      })
    if (kind === 'test') {
      if (!same(reach(root, path) ?? null, value ?? null)) throw unprocessable()
    } else if (kind === 'remove') remove(path)
    else if (kind === 'add' && value !== undefined) add(value)
    else if (kind === 'replace' && value !== undefined) {
      if (reach(root, path) === undefined) throw unprocessable()
      place(root, path, (parent, key) => {
        if (isList(parent)) parent[index(parent, key, parent.length - 1)] = value
        else parent[key] = value
      })
    } else if (kind === 'copy' || kind === 'move') {
      const moved = reach(root, from)
      if (moved === undefined) throw unprocessable()
      const taken = copy(moved)
      if (kind === 'move') remove(from)
      add(taken)
    } else throw unprocessable()
  }
  return root
}

/** RFC 7386. */
const mergePatch = (target: Json | undefined, patch: Json): Json => {
  if (!isMap(patch)) return patch
  const merged: JsonMap = isMap(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else if (value !== undefined) merged[key] = mergePatch(merged[key], value)
  }
  return merged
}

/** Lists whose strategic key is only one of the schema's keys, or differs (`patchMergeKey` in k8s.io/api). */
const strategicKeys = (shape: Shape): string | undefined => {
  if (shape.kind !== 'list' || shape.atomic) return undefined
  return shape.keys.includes('containerPort') ? 'containerPort' : shape.keys.includes('port') ? 'port' : shape.keys[0]
}

const directives = (value: JsonMap): JsonMap => Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('$')))

const strategicList = (shape: Shape, target: Json[], patch: Json[]): Json[] => {
  const key = strategicKeys(shape)
  const items = shape.kind === 'list' ? shape.items : shape
  if (key === undefined) return shape.kind === 'list' && !shape.atomic && shape.keys.length === 0 ? [...target, ...patch.filter((item) => !target.some((known) => same(known, item)))] : patch
  if (patch.some((item) => textAt(item, '$patch') === 'replace')) return patch.filter((item) => textAt(item, '$patch') !== 'replace')
  const merged = [...target]
  for (const item of patch) {
    if (!isMap(item) || item[key] === undefined) throw badRequest(`map: ${canonical(item)} does not contain declared merge key: ${key}`)
    const at = merged.findIndex((known) => isMap(known) && same(known[key], item[key]))
    if (textAt(item, '$patch') === 'delete') {
      if (at >= 0) merged.splice(at, 1)
    } else if (at >= 0) merged[at] = strategic(items, merged[at], item)
    else merged.push(directives(item))
  }
  // The patch's items in their order; the others before the first of them that stood behind them (strategicpatch, mergeSortedSlice).
  const place = (list: Json[], value: Json): number => list.findIndex((known) => isMap(known) && isMap(value) && same(known[key], value[key]))
  const left = merged.filter((item) => place(patch, item) < 0)
  const right = patch.map((item) => merged[place(merged, item)]).filter((item) => item !== undefined)
  const ordered: Json[] = []
  while (left.length > 0 || right.length > 0) {
    const [other, ours] = [left[0], right[0]]
    const both = other !== undefined && ours !== undefined && place(target, ours) >= 0
    const next = other === undefined || (ours !== undefined && !(both && place(target, other) < place(target, ours))) ? right.shift() : left.shift()
    if (next !== undefined) ordered.push(next)
  }
  return ordered
}

/** Strategic merge by the schema's keys, with `$patch: delete|replace`, `$retainKeys` and `$deleteFromPrimitiveList`. */
const strategic = (shape: Shape, target: Json | undefined, patch: Json): Json => {
  if (isList(patch)) return strategicList(shape, isList(target) ? target : [], patch)
  if (!isMap(patch)) return patch
  if (patch['$patch'] === 'replace') return directives(patch)
  if (patch['$patch'] === 'delete') return {}
  const merged: JsonMap = isMap(target) ? { ...target } : {}
  const retained = patch['$retainKeys']
  if (isList(retained)) for (const key of Object.keys(merged)) if (!retained.includes(key)) delete merged[key]
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$deleteFromPrimitiveList/')) {
      const field = key.slice('$deleteFromPrimitiveList/'.length)
      const list = merged[field]
      if (isList(list) && isList(value)) merged[field] = list.filter((item) => !value.some((gone) => same(gone, item)))
    } else if (key.startsWith('$setElementOrder/')) {
      // The order is asked for; what is there keeps its place and new items come last.
      continue
    } else if (key.startsWith('$')) continue
    else if (value === null) delete merged[key]
    else if (value !== undefined) {
      const inner = shape.kind === 'map' ? shape.field(key) : undefined
      merged[key] = inner ? strategic(inner, merged[key], value) : mergePatch(merged[key], value)
    }
  }
  return merged
}

/** The object after the patch. Throws Failure 400 or 422. */
export const patched = (shape: Shape, object: JsonMap, patch: Patch): Json => {
  if (patch.kind === 'json') return jsonPatch(object, patch.body)
  if (!isMap(patch.body)) throw badRequest('error decoding patch: the body is not an object')
  return patch.kind === 'merge' ? mergePatch(object, patch.body) : strategic(shape, object, patch.body)
}
