/** JSON as it stands in a request or in the store. `undefined` is an absent field. */
export type Json = null | boolean | number | string | Json[] | JsonMap
export type JsonMap = { [key: string]: Json | undefined }

export const isMap = (value: Json | undefined): value is JsonMap => typeof value === 'object' && value !== null && !Array.isArray(value)
export const isList = (value: Json | undefined): value is Json[] => Array.isArray(value)

/** Text -> JSON. Throws SyntaxError. */
export const parseJson = (text: string): Json => {
  const value: Json = JSON.parse(text)
  return value
}

export const copy = <Value extends Json>(value: Value): Value => structuredClone(value)

/** What lies under `path`; `undefined` as soon as a step is missing. */
export const at = (value: Json | undefined, ...path: (string | number)[]): Json | undefined => {
  let here: Json | undefined = value
  for (const step of path) {
    if (typeof step === 'number') here = isList(here) ? here[step] : undefined
    else here = isMap(here) && Object.hasOwn(here, step) ? here[step] : undefined
  }
  return here
}

export const mapAt = (value: Json | undefined, ...path: (string | number)[]): JsonMap => {
  const found = at(value, ...path)
  return isMap(found) ? found : {}
}

export const listAt = (value: Json | undefined, ...path: (string | number)[]): Json[] => {
  const found = at(value, ...path)
  return isList(found) ? found : []
}

/** The maps in a list, anything else left out. */
export const mapsAt = (value: Json | undefined, ...path: (string | number)[]): JsonMap[] => listAt(value, ...path).filter(isMap)

export const textAt = (value: Json | undefined, ...path: (string | number)[]): string => {
  const found = at(value, ...path)
  return typeof found === 'string' ? found : ''
}

export const numberAt = (value: Json | undefined, ...path: (string | number)[]): number | undefined => {
  const found = at(value, ...path)
  return typeof found === 'number' ? found : undefined
}

/** The string members of the map under `path`: labels, annotations, selectors. */
export const textsAt = (value: Json | undefined, ...path: (string | number)[]): Record<string, string> => {
  const texts: Record<string, string> = {}
  for (const [key, text] of Object.entries(mapAt(value, ...path))) if (typeof text === 'string') texts[key] = text
  return texts
}

/** Sets `value` under `path`, making the maps on the way; `undefined` removes. */
export const put = (target: JsonMap, path: string[], value: Json | undefined): void => {
  let here = target
  for (const [index, step] of path.entries()) {
    if (index === path.length - 1) {
      if (value === undefined) delete here[step]
      else here[step] = value
      return
    }
    const next = here[step]
    if (isMap(next)) here = next
    else {
      const made: JsonMap = {}
      here[step] = made
      here = made
    }
  }
}

/** Sets it only where nothing stands yet. */
export const putDefault = (target: JsonMap, key: string, value: Json): void => {
  if (target[key] === undefined || target[key] === null) target[key] = value
}

/** Deep equality; absent and `undefined` are the same, the order of keys does not count. */
export const same = (left: Json | undefined, right: Json | undefined): boolean => {
  if (left === right) return true
  if (isList(left) && isList(right)) return left.length === right.length && left.every((item, index) => same(item, right[index]))
  if (!isMap(left) || !isMap(right)) return false
  const keys = new Set([...Object.keys(left), ...Object.keys(right)])
  return [...keys].every((key) => same(left[key], right[key]))
}

/** JSON with sorted keys: one text for equal values. */
export const canonical = (value: Json | undefined): string => {
  if (isList(value)) return `[${value.map(canonical).join(',')}]`
  if (!isMap(value)) return JSON.stringify(value ?? null)
  const keys = Object.keys(value).filter((key) => value[key] !== undefined)
  return `{${keys.sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`
}
