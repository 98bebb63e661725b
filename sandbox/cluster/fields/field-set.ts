import { canonical, isMap, parseJson, type JsonMap } from '../json.ts'
import type { Shape } from '../schema/schema.ts'

/** Owned fields: paths whose steps (`f:spec`, `k:{"name":"web"}`, `v:"x"`) are joined by line breaks. */
export type FieldSet = ReadonlySet<string>

const separator = '\n'

export const joined = (path: string, step: string): string => (path === '' ? step : `${path}${separator}${step}`)
export const steps = (path: string): string[] => path.split(separator)

export const union = (left: FieldSet, right: FieldSet): FieldSet => new Set([...left, ...right])
export const difference = (left: FieldSet, right: FieldSet): FieldSet => new Set([...left].filter((path) => !right.has(path)))
export const intersection = (left: FieldSet, right: FieldSet): FieldSet => new Set([...left].filter((path) => right.has(path)))
export const sameSet = (left: FieldSet, right: FieldSet): boolean => left.size === right.size && [...left].every((path) => right.has(path))

/** Without the given paths and everything below them. */
export const without = (fields: FieldSet, roots: string[]): FieldSet =>
  new Set([...fields].filter((path) => !roots.some((root) => path === root || path.startsWith(`${root}${separator}`))))

/** The members below `step`, as paths relative to it. */
export const below = (fields: FieldSet, step: string): FieldSet => {
  const start = `${step}${separator}`
  return new Set([...fields].filter((path) => path.startsWith(start)).map((path) => path.slice(start.length)))
}

/** `.spec.template.spec.containers[name="web"].image`: as conflicts print it. */
export const printed = (path: string): string =>
  steps(path)
    .map((step) => {
      const rest = step.slice(2)
      if (step.startsWith('f:')) return `.${rest}`
      if (step.startsWith('v:')) return `[=${rest}]`
      const key = parseJson(rest)
      return `[${Object.entries(isMap(key) ? key : {}).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`
    })
    .join('')

/** The `fieldsV1` form. */
export const toFieldsV1 = (fields: FieldSet): JsonMap => {
  const root: JsonMap = {}
  const sorted = [...fields].sort()
  for (const path of sorted) {
    let here = root
    for (const step of steps(path)) {
      const next = here[step]
      const child: JsonMap = isMap(next) ? next : {}
      here[step] = child
      here = child
    }
    here['.'] = {}
  }
  // A member without anything below it is written as `{}` alone.
  const tidy = (node: JsonMap): JsonMap => {
    const keys = Object.keys(node)
    if (keys.length === 1 && keys[0] === '.') return {}
    return Object.fromEntries(keys.map((key) => [key, key === '.' ? {} : tidy(isMap(node[key]) ? node[key] : {})]))
  }
  return tidy(root)
}

export const fromFieldsV1 = (fields: JsonMap): FieldSet => {
  const found = new Set<string>()
  const walk = (node: JsonMap, path: string): void => {
    for (const [key, child] of Object.entries(node)) {
      if (key === '.') {
        if (path !== '') found.add(path)
        continue
      }
      const step = key.startsWith('k:') || key.startsWith('v:') ? `${key.slice(0, 2)}${canonical(parseJson(key.slice(2)))}` : key
      const here = joined(path, step)
      if (isMap(child) && Object.keys(child).length > 0) walk(child, here)
      else found.add(here)
    }
  }
  walk(fields, '')
  return found
}

/** Adds the struct fields on the way to each member: those are owned with what they hold, free map keys and list items are not. */
export const withNamedParents = (shape: Shape, fields: FieldSet): FieldSet => {
  const found = new Set(fields)
  for (const path of fields) {
    let here: Shape | undefined = shape
    let walked = ''
    const all = steps(path)
    for (const step of all.slice(0, -1)) {
      walked = joined(walked, step)
      if (here?.kind === 'map' && step.startsWith('f:')) {
        if (here.declared(step.slice(2))) found.add(walked)
        here = here.field(step.slice(2))
      } else here = here?.kind === 'list' ? here.items : undefined
    }
  }
  return found
}
