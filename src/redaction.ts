import type { LoggerOptions } from 'pino'

/** What never stands in a log, wherever an object carries it (slack.md 7). */
const secret = ['token', 'botToken', 'appToken', 'signingSecret', 'authorization', 'Authorization', 'response_url', 'responseUrl', 'trigger_id', 'triggerId', 'password', 'secretKeys', 'payload', 'env', 'values', 'data']

/** Every text of a parsed line; its keys and numbers are our own. */
const withTexts = (value: unknown, change: (text: string) => string): unknown => {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((one) => withTexts(one, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withTexts(one, change)]))
}

/** `redaction`, and on top of it every text of every line goes through `mask`, messages and errors too. */
export const redactionWith = (mask: (text: string) => string): Pick<LoggerOptions, 'redact' | 'serializers' | 'hooks'> => ({
  ...redaction, hooks: { streamWrite: (line) => `${JSON.stringify(withTexts(JSON.parse(line), mask))}\n` },
})

/** Options that keep secrets out of the log: by name at three depths, and errors reduced to what they say. */
export const redaction: Pick<LoggerOptions, 'redact' | 'serializers'> = {
  redact: { paths: secret.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]), censor: '****' },
  serializers: {
    err: (error: unknown) => describeError(error),
    error: (error: unknown) => describeError(error),
  },
}

interface DescribedError { readonly type: string; readonly message: string; readonly code?: string; readonly stack?: string; readonly cause?: DescribedError }

/** A query that failed carries its parameters in its message (drizzle: "params: …"): those may be anybody's values. */
const withoutParameters = (message: string): string => message.replace(/\nparams:[\s\S]*$/, '')

const describeError = (error: unknown): DescribedError | string => {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  const stack = error.stack === undefined ? {} : { stack: error.stack.split('\n').filter((line) => /^\s+at /.test(line)).slice(0, 12).join('\n') }
  const inner = error.cause === undefined ? undefined : describeError(error.cause)
  return { type: error.name, message: withoutParameters(error.message), ...code, ...stack, ...(inner === undefined || typeof inner === 'string' ? {} : { cause: inner }) }
}
