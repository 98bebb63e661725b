import { mapsAt, textAt, type JsonMap } from '../json.ts'

export type Condition = { type: string; status: 'True' | 'False' | 'Unknown'; reason: string; message: string; lastUpdateTime?: string; lastTransitionTime?: string }

export const conditionOf = (status: JsonMap, type: string): JsonMap | undefined => mapsAt(status, 'conditions').find((condition) => textAt(condition, 'type') === type)

export const withoutCondition = (conditions: JsonMap[], type: string): JsonMap[] => conditions.filter((condition) => textAt(condition, 'type') !== type)

/** As the controllers do it: an equal status and reason changes nothing, the transition time moves with the status only, a changed one goes last. */
export const withCondition = (conditions: JsonMap[], condition: JsonMap): JsonMap[] => {
  const current = conditions.find((known) => textAt(known, 'type') === textAt(condition, 'type'))
  if (current && current['status'] === condition['status'] && current['reason'] === condition['reason']) return conditions
  const kept = current && current['status'] === condition['status'] ? { lastTransitionTime: current['lastTransitionTime'] } : {}
  return [...withoutCondition(conditions, textAt(condition, 'type')), { ...condition, ...kept }]
}

/** Counters as Go prints them: a zero is left out, except where the field is a pointer (`keep`). */
export const counters = (values: Record<string, number | undefined>, keep: string[] = []): JsonMap => {
  const printed: JsonMap = {}
  for (const [name, value] of Object.entries(values)) if (value !== undefined && (value !== 0 || keep.includes(name))) printed[name] = value
  return printed
}
