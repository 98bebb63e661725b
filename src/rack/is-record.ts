/** True for an object with names, not for a list: how JSON from outside is looked into where a schema would say no more. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)
