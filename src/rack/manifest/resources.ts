import { problem } from './fields.ts'
import type { Problems } from './fields.ts'

const says = (variables: readonly string[]): string => {
  const set = variables.map((name) => `${name}=…`).join(' ')
  return set === '' ? 'is not supported.' : `is not supported. Set its env instead: \`/convox env set ${set}\``
}

/** Convox hands a resource `main-db` to a process as `MAIN_DB_URL`. */
const variableOf = (resource: string): string => `${resource.toUpperCase().replaceAll('-', '_')}_URL`

/** Refuses the resources of a service (`name` or `name:ENVNAME`), naming the env keys that take their place. */
export const refuseServiceResources = (path: string, value: unknown, problems: Problems): void => {
  if (value === undefined) return
  const list: readonly unknown[] = Array.isArray(value) ? value : []
  const variables = list.filter((entry) => typeof entry === 'string').map((entry) => {
    const [name = '', variable] = entry.split(':', 2)
    return variable?.trim() || variableOf(name)
  })
  problem(problems, `${path}.resources`, says(variables))
}

/** Refuses the top-level `resources:`, naming the env keys that take their place. */
export const refuseResources = (value: unknown, problems: Problems): void => {
  if (value === undefined) return
  problem(problems, 'resources', says(value instanceof Map ? [...value.keys()].map((name) => variableOf(String(name))) : []))
}
